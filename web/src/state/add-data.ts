// Whether the dialog to add data is open, and for what. Apart from all that it does: a report's pages know of it too.
import { useSyncExternalStore } from "react";

export type DataKind = "predictions" | "labels" | "metrics";

interface Opened {
  open: boolean;
  /** What the page that opened it lacks; null: as it was left. */
  kind: DataKind | null;
}

let opened: Opened = { open: false, kind: null };
const listeners = new Set<() => void>();

function set(next: Opened): void {
  opened = next;
  listeners.forEach((listener) => listener());
}

export function openAddData(kind: DataKind | null = null): void {
  set({ open: true, kind });
}

export function closeAddData(): void {
  set({ open: false, kind: null });
}

export function useAddDataOpened(): Opened {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => opened,
  );
}
