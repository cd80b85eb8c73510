// Files on their way to the server: how far they are, and a way to stop.
import { Icon } from "../parts/icon";
import { fileSize } from "../parts/numbers";
import { openAddData } from "../state/add-data";
import { chooseAgain, leaveImport, stopSending, useImporting } from "./importing";

function Stop({ words = "Stop" }: { words?: string }) {
  return (
    <button type="button" className="link" onClick={stopSending}>
      {words}
    </button>
  );
}

/** In the dialog and in the strip; nothing where nothing is under way. */
export function SendingSteps() {
  const { stage } = useImporting();
  if (stage.at === "starting") return <p>Beginning to import …</p>;
  if (stage.at === "waiting")
    return (
      <>
        <p>The file has arrived and is imported as soon as the other job has ended: {stage.message}</p>
        <Stop words="Don’t import it" />
      </>
    );
  if (stage.at !== "sending") return null;
  return (
    <>
      <p className="job-file">Sending {stage.file}</p>
      <progress max={stage.of} value={stage.received} aria-label={`Sending ${stage.file}`} />
      <p className="faint">
        {fileSize(stage.received)} of {fileSize(stage.of)} <Stop />
      </p>
      {stage.lost && <p role="alert">The server does not answer. What has arrived is kept, and the rest is tried again and again.</p>}
    </>
  );
}

/** The same as a strip, which opens the dialog. */
export function SendingProgress() {
  const { stage } = useImporting();
  const failed = stage.at === "choosing" ? stage.failure : null;
  if (stage.at === "job" || (stage.at === "choosing" && !failed)) return null;
  return (
    <div className="job" aria-label="Sending" role="group">
      <SendingSteps />
      {failed && (
        <>
          <div className="job-head">
            <p role="alert">{failed}</p>
            <button
              type="button"
              className="plain"
              aria-label="Dismiss"
              onClick={() => {
                chooseAgain();
                leaveImport();
              }}
            >
              <Icon name="close" />
            </button>
          </div>
          <button type="button" className="link" onClick={() => openAddData()}>
            Change and try again
          </button>
        </>
      )}
    </div>
  );
}
