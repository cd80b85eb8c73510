// What stands where there is nothing to show: not yet, not at all, or not this time.
import type { ReactNode } from "react";
import type { ApiFailure } from "../api/client";
import type { Reply } from "../state/use-reply";

export function Loading({ what }: { what: string }) {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" />
      <p>{what} …</p>
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children && <div className="state-text">{children}</div>}
      {action}
    </div>
  );
}

export function Failed({ failure, retry }: { failure: ApiFailure; retry?: () => void }) {
  return (
    <div className="state failed" role="alert">
      <h2>{failure.code === "offline" ? "No answer" : "That did not work"}</h2>
      <p>{failure.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Shows a reply in each of its states; `children` gets the data. */
export function WhenThere<T>({
  reply,
  what,
  children,
}: {
  reply: Reply<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (reply.failure) return <Failed failure={reply.failure} retry={reply.retry} />;
  if (reply.data === null) return <Loading what={what} />;
  return <div className={reply.stale ? "stale" : undefined} aria-busy={reply.stale}>{children(reply.data)}</div>;
}
