import { describe, expect, it } from "vitest";
import { groupsAddress, likeOf, listAddress, pageAddress, sampleQuery } from "./sample-query";

describe("the list that a view asks for", () => {
  it("is the project's order without choices", () => {
    expect(listAddress({}, {})).toBe("/api/samples");
    expect(pageAddress("/api/samples", 2)).toBe("/api/samples?from=400&count=200");
  });

  it("names order, outcome and filter", () => {
    const list = listAddress({ model: "m" }, { sort: "brightness", descending: "1", outcome: "fn", class: "cat" });
    expect(decodeURIComponent(list)).toBe(
      '/api/samples?filter={"model":"m"}&outcome=fn&class=cat&sort=brightness&descending=1',
    );
    expect(pageAddress(list, 0)).toBe(`${list}&from=0&count=200`);
  });

  it("keeps a threshold to the last digit", () => {
    const choice = { outcome: "fp", class: "cat", threshold: String(Math.fround(0.1)) };
    expect(listAddress({}, choice)).toBe("/api/samples?outcome=fp&class=cat&threshold=0.10000000149011612");
    expect(listAddress({}, { ...choice, like: "3" })).toContain("&threshold=0.10000000149011612&");
    expect(sampleQuery({}, choice)).toEqual({ outcome: "fp", class: "cat", threshold: Math.fround(0.1) });
  });

  it("is grouped as it is chosen, and else its wrong ones", () => {
    expect(groupsAddress({}, { sort: "brightness" })).toBe("/api/groups?outcome=wrong");
    expect(groupsAddress({}, { outcome: "all", similarity: "0.5" })).toBe("/api/groups?outcome=wrong&similarity=0.5");
    expect(groupsAddress({}, { outcome: "fn", class: "cat" })).toBe("/api/groups?outcome=fn&class=cat");
    expect(groupsAddress({}, { true: "cat", predicted: "dog" })).toBe("/api/groups?true=cat&predicted=dog");
  });

  it("has no direction without an order", () => {
    expect(listAddress({}, { descending: "1" })).toBe("/api/samples");
  });

  it("is what is like one sample", () => {
    expect(listAddress({}, { like: "12", sort: "brightness", outcome: "wrong" })).toBe(
      "/api/samples/12/similar?outcome=wrong&count=500",
    );
    expect(likeOf({ like: "x" })).toBeNull();
    expect(likeOf({})).toBeNull();
  });

  it("is the same as tagging and exporting name it", () => {
    expect(sampleQuery({}, { sort: "brightness" })).toEqual({});
    expect(sampleQuery({ tags: ["a"] }, { true: "cat", predicted: "dog", size: "200" })).toEqual({
      filter: { tags: ["a"] }, true: "cat", predicted: "dog",
    });
  });
});
