// From page to page of a long list.
import { count } from "./numbers";

export function Pager({
  from,
  size,
  total,
  what,
  below = false,
  onGo,
}: {
  from: number;
  size: number;
  total: number;
  what: string;
  /** A second one, under the list. */
  below?: boolean;
  onGo: (from: number) => void;
}) {
  const last = Math.min(total, from + size);
  return (
    <nav className="pager row" aria-label={`Pages of ${what}${below ? ", below" : ""}`}>
      <span>
        {from < total ? `${count(from + 1)} to ${count(last)}` : "None"} of {count(total)} {what}
      </span>
      {(total > size || from > 0) && (
        <>
          <button type="button" disabled={from === 0} onClick={() => onGo(Math.max(0, Math.min(from - size, size * Math.floor((total - 1) / size))))}>
            Before
          </button>
          <button type="button" disabled={last >= total} onClick={() => onGo(from + size)}>
            Next
          </button>
        </>
      )}
    </nav>
  );
}
