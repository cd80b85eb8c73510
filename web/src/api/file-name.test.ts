import { describe, expect, it } from "vitest";
import { fileNameOf } from "./file-name";

describe("a file's name of any text", () => {
  it("keeps what every system takes", () => {
    for (const name of ["confusion-matrix.png", "distribution-größe (mm) 日本.csv", "performance-it's.csv"]) expect(fileNameOf(name)).toBe(name);
  });

  it("has no quotes, line ends, slashes or other signs that are refused", () => {
    expect(fileNameOf('performance-a "b"\nc/d\\e:f*g?<h>|.csv')).toBe("performance-a _b_c_d_e_f_g_h_.csv");
    expect(fileNameOf("..\u0000.csv")).toBe("_.csv");
    expect(fileNameOf("  .csv")).toBe("file.csv");
  });

  it("is not too long, and no sign is cut in two", () => {
    const name = fileNameOf(`${"🦊".repeat(100)}.csv`);
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^(🦊)+\.csv$/u);
    expect(fileNameOf("a\ud83e.csv")).toBe("a.csv");
  });
});
