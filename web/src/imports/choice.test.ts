import { describe, expect, it } from "vitest";
import { arrayDimensions, jobOf, modelName, nameWithoutEnding, NOTHING_CHOSEN, whyNot, withFiles, type ImportChoice } from "./choice";

const file = (name: string, content: BlobPart = "path,prediction\n") => new File([content], name);
const choice = (part: Partial<ImportChoice>): ImportChoice => ({ ...NOTHING_CHOSEN, ...part });

function array(shape: string): Uint8Array<ArrayBuffer> {
  const text = `\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }\n`;
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

describe("a model's name", () => {
  it("is the file's without its endings, as assay add has it", () => {
    expect(["resnet.csv", "a.b.csv.gz", ".hidden.csv", "plain"].map(nameWithoutEnding)).toEqual(["resnet", "a", ".hidden.csv", "plain"]);
    const files = { table: file("ids.csv"), probabilities: file("vit.npy") };
    expect(modelName(choice(files))).toBe("ids");
    expect(modelName(choice({ ...files, table: null }))).toBe("vit");
    expect(modelName(choice({ ...files, model: " mine " }))).toBe("mine");
    expect(modelName(choice({ ...files, model: "  " }))).toBe("ids");
  });
});

describe("what stands in the way of an import", () => {
  it("is said in words", () => {
    expect(whyNot(NOTHING_CHOSEN)).toBe("Choose a file.");
    expect(whyNot(choice({ table: file("a.CSV") }))).toBe(null);
    expect(whyNot(choice({ table: file("a.jsonl.gz") }))).toBe(null);
    expect(whyNot(choice({ table: file("a.xlsx") }))).toMatch(/“a.xlsx” is not a file of this kind/);
    expect(whyNot(choice({ table: file("a.csv", "") }))).toBe("“a.csv” is empty.");
    expect(whyNot(choice({ kind: "labels", table: file("a.npy") }))).toMatch(/a.npy/);
    expect(whyNot(choice({ table: file("a.csv"), classes: "cat" }))).toMatch(/two classes/);
  });

  it("is that nothing names the samples of an array, until the order is said to", () => {
    const array = choice({ probabilities: file("vit.npy") });
    expect(whyNot(array)).toMatch(/in their order/);
    expect(whyNot({ ...array, inOrder: true })).toBe(null);
    expect(whyNot({ ...array, table: file("ids.csv") })).toBe(null);
  });
});

describe("the job", () => {
  it("has what was chosen and nothing else", () => {
    const all = choice({
      table: file("r.csv"),
      probabilities: file("r.npy"),
      logits: true,
      model: "resnet",
      columns: { id: "img", label: "", prediction: "top 1" },
      allow: ["any-sum", "unmatched"],
      classes: " cat, dog ",
    });
    expect(jobOf(all, 3, 4)).toEqual({
      command: "add predictions",
      table: 3,
      probabilities: 4,
      logits: true,
      model: "resnet",
      columns: { id: "img", prediction: "top 1" },
      allow: ["unmatched", "any-sum"],
      classes: ["cat", "dog"],
    });
    expect(jobOf(choice({ probabilities: file("vit.npy"), inOrder: true }), null, 5)).toEqual({
      command: "add predictions",
      probabilities: 5,
      rows_in_order: true,
      model: "vit",
    });
  });

  it("leaves out what its kind does not take, though it was chosen for another", () => {
    const chosen = { table: file("t.csv"), logits: true, inOrder: true, model: "x", classes: "a,b", columns: { confidence: "c" } } as const;
    expect(jobOf(choice({ ...chosen, kind: "metrics", allow: ["nan", "unknown-classes"] }), 1, null)).toEqual({ command: "add metrics", table: 1 });
    expect(jobOf(choice({ ...chosen, kind: "labels", allow: ["nan", "unknown-classes"] }), 1, null)).toEqual({
      command: "add labels",
      table: 1,
      classes: ["a", "b"],
      allow: ["unknown-classes"],
    });
  });
});

describe("files that are dropped", () => {
  it("go where they belong", async () => {
    expect(arrayDimensions(array("10000, 10"))).toBe(2);
    expect(arrayDimensions(array("10000,"))).toBe(1);
    expect(arrayDimensions(new Uint8Array([1, 2, 3]))).toBe(null);
    const matrix = file("p.npy", array("3, 2"));
    const classes = file("c.npy", array("3,"));
    const table = file("t.csv");
    expect(await withFiles(NOTHING_CHOSEN, [matrix, table])).toMatchObject({ table, probabilities: matrix });
    expect(await withFiles(NOTHING_CHOSEN, [classes])).toMatchObject({ table: classes, probabilities: null });
    expect(await withFiles(choice({ kind: "labels" }), [matrix])).toMatchObject({ table: matrix, probabilities: null });
  });
});
