// One file of this machine: chosen with a button, or dropped anywhere on the page.
import { useId, useRef } from "react";
import { Icon } from "../parts/icon";
import { fileSize } from "../parts/numbers";

export function FileChoice({
  label,
  hint,
  accept,
  file,
  first = false,
  onChoose,
}: {
  label: string;
  hint: string;
  accept: string;
  file: File | null;
  /** It gets the focus as the dialog opens. */
  first?: boolean;
  onChoose: (file: File | null) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="file-choice">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={input}
        type="file"
        accept={accept}
        aria-describedby={`${id}-hint`}
        data-first={first ? "" : undefined}
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          if (chosen) onChoose(chosen);
          event.target.value = ""; // the same file, changed meanwhile, can be chosen again
        }}
      />
      <p id={`${id}-hint`} className={file ? "chosen-file" : "faint"}>
        {file ? (
          <>
            <strong>{file.name}</strong> <span className="faint">{fileSize(file.size)}</span>
          </>
        ) : (
          hint
        )}
      </p>
      {file && (
        <button
          type="button"
          className="plain"
          aria-label={`Take ${file.name} away`}
          onClick={() => {
            onChoose(null);
            input.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
