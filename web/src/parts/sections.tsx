// Sections of a page, one shown at a time.
import "./sections.css";

export function Sections<Value extends string>({
  label,
  tabs,
  at,
  onGo,
}: {
  label: string;
  tabs: readonly { value: Value; text: string; note?: string | undefined }[];
  at: Value;
  onGo: (value: Value) => void;
}) {
  return (
    <nav className="sections row" aria-label={label}>
      {tabs.map((tab) => (
        <button key={tab.value} type="button" aria-current={tab.value === at ? "true" : undefined} onClick={() => onGo(tab.value)}>
          {tab.text}
          {tab.note !== undefined && <span className="section-note">{tab.note}</span>}
        </button>
      ))}
    </nav>
  );
}
