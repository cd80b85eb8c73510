// A few numbers that sum something up, in a row.
import type { ReactNode } from "react";
import "./figures.css";

export interface Figure {
  name: string;
  value: ReactNode;
  title?: string;
}

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="figures">
      {figures.map(({ name, value, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
