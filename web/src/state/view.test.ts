import { describe, expect, it } from "vitest";
import { changedView, filterText, parseView, viewAddress, type View } from "./view";

const view: View = {
  page: "explorer",
  filter: { classes: ["a cat", "dog"], where: "label = 'x & y'", ranges: [{ metric: "brightness", low: 0.1, high: null }] },
  choice: { sort: "brightness", descending: "1" },
};

describe("the address", () => {
  it("holds the whole view, and gives it back", () => {
    const address = viewAddress(view);
    const [path = "", search = ""] = address.split(/(?=\?)/);
    expect(parseView(path, search)).toEqual(view);
  });

  it("is the same for filters that say the same", () => {
    expect(filterText({ where: "", classes: [], tags: ["b"] })).toBe(filterText({ tags: ["b"] }));
    expect(filterText({})).toBe("");
  });

  it("shows the page where its filter was cut short or is none", () => {
    for (const broken of ['?filter={"where":"lab', "?filter=[1]", "?filter=3"])
      expect(parseView("/performance", broken)).toEqual({ page: "performance", filter: {}, choice: {} });
    expect(parseView("/nowhere", "").page).toBe("overview");
  });
});

describe("a change of view", () => {
  it("keeps the filter and drops a page's choices on the way to another page", () => {
    const next = changedView(view, { page: "overview" });
    expect(next).toEqual({ page: "overview", filter: view.filter, choice: {} });
  });

  it("begins a list anew when the filter changes", () => {
    const far: View = { page: "labels", filter: {}, choice: { from: "200", section: "pairs" } };
    expect(changedView(far, { filter: { tags: ["b"] } }).choice).toEqual({ section: "pairs" });
    expect(changedView(far, { choice: { section: null } }).choice).toEqual({ from: "200" });
  });

  it("merges choices on the same page, and null takes one away", () => {
    expect(changedView(view, { choice: { descending: null, from: 200 } }).choice).toEqual({ sort: "brightness", from: "200" });
  });
});
