import { describe, expect, it } from "vitest";
import { outcomeText, probabilityText, thresholdText } from "./outcome-words";

describe("an outcome in words", () => {
  it("names a class and the threshold that decides it", () => {
    expect(outcomeText({})).toBe("All outcomes");
    expect(outcomeText({ outcome: "fp", class: "cat" })).toBe("False positives of cat");
    expect(outcomeText({ outcome: "fn", class: "cat", threshold: "0.41231" })).toBe("False negatives of cat at probability ≥ 0.412");
    expect(thresholdText({ threshold: "2" })).toBe("where none is called so");
    expect(thresholdText({ threshold: "half" })).toBe("at threshold half");
  });

  it("shows a probability that is nearly 0 or 1 as such", () => {
    expect(probabilityText(0)).toBe("0");
    expect(probabilityText(0.00001234567)).toBe("0.0000123");
    expect(probabilityText(0.5)).toBe("0.5");
    expect(probabilityText(0.99987654)).toBe("0.999877");
    expect(probabilityText(1 - 2 ** -24)).toBe("0.9999999404");
    expect(probabilityText(1)).toBe("1");
  });
});
