import { describe, expect, it } from "vitest";
import type { Sample } from "../../api/generated/workbench";
import { copiesOf, inParts } from "./copies";

const group = (keep: number, ...samples: number[]) => ({ keep, samples: samples.map((sample) => ({ sample }) as Sample) });

describe("copies", () => {
  it("are all but the kept, each once", () => {
    expect(copiesOf([group(1, 1, 2, 3), group(9, 8, 9), group(5, 5, 8)])).toEqual([2, 3, 8]);
    expect(copiesOf([])).toEqual([]);
  });

  it("are sent in parts", () => {
    expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inParts([], 2)).toEqual([]);
  });
});
