import { describe, expect, it } from "vitest";
import type { Suspect } from "../../api/generated/workbench";
import { countsOf, decided, decisionOf, NO_DECISIONS, undoing, type Made } from "./decisions";

const suspect = (sample: number, decision: Suspect["decision"] = null) => ({ sample: { sample }, decision }) as Suspect;
const made = (sample: number, decision: Made["decision"], before: Made["before"] = null): Made => ({
  sample, before, decision, suggested: "dog", revision: null,
});
const reply = { revision: 5, decided: { accept: 2, dismiss: 1 } };

describe("decisions", () => {
  it("show before the server knows them", () => {
    const state = decided(NO_DECISIONS, { do: "made", what: made(7, "accept") });
    expect(decisionOf(state, suspect(7), 5)).toBe("accept");
    expect(decisionOf(state, suspect(8, "dismiss"), 5)).toBe("dismiss");
    expect(countsOf(state, reply)).toEqual({ accept: 3, dismiss: 1 });
  });

  it("are the server's once its reply is new enough", () => {
    const what = made(7, "accept");
    const state = decided(decided(NO_DECISIONS, { do: "made", what }), { do: "written", what, revision: 6 });
    expect(countsOf(state, reply)).toEqual({ accept: 3, dismiss: 1 });
    expect(countsOf(state, { revision: 6, decided: { accept: 3, dismiss: 1 } })).toEqual({ accept: 3, dismiss: 1 });
    expect(decisionOf(state, suspect(7), 6)).toBeNull();
  });

  it("can be changed, and are counted once", () => {
    const first = decided(NO_DECISIONS, { do: "made", what: made(7, "accept") });
    const second = decided(first, { do: "made", what: made(7, "dismiss", "accept") });
    expect(decisionOf(second, suspect(7), 5)).toBe("dismiss");
    expect(countsOf(second, reply)).toEqual({ accept: 2, dismiss: 2 });
  });

  it("are taken back from the last on", () => {
    let state = decided(NO_DECISIONS, { do: "made", what: made(7, "accept") });
    state = decided(state, { do: "made", what: made(8, "dismiss", "accept") });
    const back = undoing(state);
    expect(back).toMatchObject({ sample: 8, decision: "accept", before: "dismiss" });
    state = decided(state, { do: "taken-back", what: back as Made });
    expect(decisionOf(state, suspect(8, "accept"), 5)).toBe("accept");
    expect(undoing(state)).toMatchObject({ sample: 7, decision: null });
    state = decided(state, { do: "taken-back", what: undoing(state) as Made });
    expect(undoing(state)).toBeNull();
    expect(countsOf(state, reply)).toEqual({ accept: 2, dismiss: 1 });
  });

  it("vanish when the server refuses them", () => {
    const what = made(7, "accept");
    const state = decided(decided(NO_DECISIONS, { do: "made", what }), { do: "refused", what });
    expect(state).toEqual(NO_DECISIONS);
  });
});
