// A page's keys, listed.
import { Modal } from "./modal";

export interface KeyLine {
  keys: string;
  does: string;
}

export function KeyHelp({ keys, onClose }: { keys: readonly KeyLine[]; onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl className="key-help">
        {keys.map((entry) => (
          <div key={entry.keys}>
            <dt>
              <kbd>{entry.keys}</kbd>
            </dt>
            <dd>{entry.does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
