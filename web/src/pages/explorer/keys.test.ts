import { describe, expect, it } from "vitest";
import { gridAction, pageAction, type GridPlace, type Pressed } from "./keys";

const key = (name: string, more: Partial<Pressed> = {}): Pressed => ({
  key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more,
});
const at = (index: number, more: Partial<GridPlace> = {}): GridPlace => ({ index, count: 23, columns: 5, rows: 2, ...more });

describe("keys in the grid", () => {
  const moves: [string, number, number][] = [
    ["ArrowRight", 0, 1],
    ["ArrowRight", 22, 22],
    ["ArrowLeft", 0, 0],
    ["ArrowLeft", 5, 4],
    ["ArrowDown", 3, 8],
    ["ArrowDown", 19, 22],
    ["ArrowDown", 21, 21],
    ["ArrowUp", 3, 3],
    ["ArrowUp", 8, 3],
    ["Home", 17, 0],
    ["End", 2, 22],
    ["PageDown", 2, 12],
    ["PageDown", 18, 22],
    ["PageUp", 12, 2],
    ["PageUp", 7, 2],
  ];
  it.each(moves)("%s from %i goes to %i", (name, from, to) => {
    expect(gridAction(key(name), at(from))).toEqual({ do: "move", to, extend: false });
  });

  it("extends with shift", () => {
    expect(gridAction(key("ArrowRight", { shiftKey: true }), at(1))).toEqual({ do: "move", to: 2, extend: true });
  });

  it("moves nowhere in an empty list", () => {
    expect(gridAction(key("End"), at(0, { count: 0 }))).toBeNull();
  });

  it("selects, opens, and leaves other keys alone", () => {
    expect(gridAction(key(" "), at(1))).toEqual({ do: "toggle" });
    expect(gridAction(key("Enter"), at(1))).toEqual({ do: "open" });
    expect(gridAction(key("Tab"), at(1))).toBeNull();
    expect(gridAction(key("ArrowLeft", { altKey: true }), at(1))).toBeNull();
  });
});

describe("keys of the page", () => {
  it("do what the help says", () => {
    expect(["a", "t", "?", "/", "Escape"].map((name) => pageAction(key(name))?.do)).toEqual([
      "all", "tag", "help", "search", "back",
    ]);
  });

  it("leave the browser's own alone", () => {
    expect(pageAction(key("t", { ctrlKey: true }))).toBeNull();
    expect(pageAction(key("a", { ctrlKey: true }))).toEqual({ do: "all" });
  });
});
