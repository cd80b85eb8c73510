// A list of names to tick: search, all, none, invert; readable with a thousand of them.
import { useMemo, useState } from "react";
import { count } from "../parts/numbers";

export interface CheckItem {
  name: string;
  note?: string;
}

export function CheckList({
  label,
  items,
  chosen,
  onChange,
}: {
  label: string;
  items: readonly CheckItem[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: Set<string>) => void;
}) {
  const [search, setSearch] = useState("");
  const found = useMemo(() => {
    const words = search.trim().toLowerCase();
    return words ? items.filter((item) => item.name.toLowerCase().includes(words)) : items;
  }, [items, search]);

  const set = (names: readonly CheckItem[], on: (name: string) => boolean) => {
    const next = new Set(chosen);
    for (const { name } of names) {
      if (on(name)) next.add(name);
      else next.delete(name);
    }
    onChange(next);
  };
  return (
    <div className="check-list">
      {items.length > 8 && (
        <input
          type="search"
          value={search}
          aria-label={`Search ${label}`}
          placeholder={`Search ${count(items.length)} ${label}`}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <div className="row">
        <button type="button" onClick={() => set(found, () => true)}>
          All
        </button>
        <button type="button" onClick={() => set(found, () => false)}>
          None
        </button>
        <button type="button" onClick={() => set(found, (name) => !chosen.has(name))}>
          Invert
        </button>
        <span className="faint">{count(chosen.size)} chosen</span>
      </div>
      <ul>
        {found.map((item) => (
          <li key={item.name}>
            <label>
              <input
                type="checkbox"
                checked={chosen.has(item.name)}
                onChange={(event) => set([item], () => event.target.checked)}
              />
              <span className="name">{item.name}</span>
              {item.note && <span className="faint">{item.note}</span>}
            </label>
          </li>
        ))}
        {found.length === 0 && <li className="faint">No name has “{search}” in it.</li>}
      </ul>
    </div>
  );
}
