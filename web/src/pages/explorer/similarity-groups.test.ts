import { describe, expect, it } from "vitest";
import { groupBySimilarity, usualThreshold, type Near } from "./similarity-groups";

const s = (sample: number) => ({ sample });
const n = (sample: number, similarity: number): Near<{ sample: number }> => ({ item: s(sample), similarity });
const numbers = (groups: ReturnType<typeof groupBySimilarity>) => groups.map((g) => g.items.map((i) => i.sample));

describe("grouping by similarity", () => {
  it("gives each sample to one group, the largest first", () => {
    const groups = groupBySimilarity(
      [s(1), s(2), s(3), s(4)],
      [[n(9, 0.5)], [n(3, 0.97), n(4, 0.95), n(7, 0.93)], [n(2, 0.97)], [n(2, 0.95)]],
      0.9,
    );
    expect(numbers(groups)).toEqual([[2, 3, 4, 7], [1]]);
    expect(groups[0]?.least).toBe(0.93);
  });

  it("keeps apart what lies below the threshold", () => {
    const near = [[n(2, 0.8)], [n(1, 0.8)]];
    expect(numbers(groupBySimilarity([s(1), s(2)], near, 0.9))).toEqual([[1], [2]]);
    expect(numbers(groupBySimilarity([s(1), s(2)], near, 0.8))).toEqual([[1, 2]]);
  });

  it("takes a sample without near ones, and none at all", () => {
    expect(numbers(groupBySimilarity([s(1)], [], 0.9))).toEqual([[1]]);
    expect(groupBySimilarity([], [], 0.9)).toEqual([]);
  });
});

describe("the threshold to begin with", () => {
  it("is what a quarter of the samples reach", () => {
    const near = [0.5, 0.6, 0.7, 0.8, 0.9].map((similarity) => [n(1, similarity), n(2, 0.1)]);
    expect(usualThreshold(near)).toBe(0.8);
  });

  it("is there without near ones", () => {
    expect(usualThreshold([[], []])).toBe(0.9);
    expect(usualThreshold([[n(1, 1)]])).toBe(0.99);
  });
});
