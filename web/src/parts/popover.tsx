// A button that opens a small panel below itself; Escape, a click elsewhere or leaving it closes it.
import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { Icon } from "./icon";

const EDGE = 8;

export function Popover({
  label,
  active = false,
  disabled = false,
  title,
  children,
}: {
  label: ReactNode;
  active?: boolean;
  disabled?: boolean;
  title?: string;
  children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  // Near the right edge the panel begins further left, so that all of it is in sight.
  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    const over = element.getBoundingClientRect().right - (document.documentElement.clientWidth - EDGE);
    if (over > 0) element.style.left = `${-over}px`;
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      className="popover"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        className={active ? "control active" : "control"}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        disabled={disabled}
        title={title}
        onClick={() => setOpen(!open)}
      >
        <span className="control-label">{label}</span>
        <Icon name="down" />
      </button>
      {open && (
        <div className="popover-panel" id={id} ref={panel}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
