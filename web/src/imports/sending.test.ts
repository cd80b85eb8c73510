import { describe, expect, it } from "vitest";
import { ApiFailure } from "../api/client";
import { nextPiece, PIECE_BYTES_FIRST, PIECE_BYTES_LEAST, PIECE_BYTES_MOST, sendFile, type Receiver } from "./sending";

const SIZE = 3 * PIECE_BYTES_FIRST + 17;

function someFile(size = SIZE) {
  const bytes = new Uint8Array(size).map((_, i) => (i * 31) >>> 3);
  return { bytes, file: Object.assign(new Blob([bytes]), { name: "resnet.csv" }) };
}

function joined(a: Uint8Array | undefined, b: Uint8Array): Uint8Array {
  const both = new Uint8Array((a?.length ?? 0) + b.length);
  both.set(a ?? []);
  both.set(b, a?.length ?? 0);
  return both;
}

const same = (a: Uint8Array | undefined, b: Uint8Array) => a?.length === b.length && b.every((byte, i) => a[i] === byte);

/** A server that keeps what it gets; `trouble` may throw before or after a piece is kept. */
function server(trouble: (turn: number, when: "before" | "after", self: Kept) => void = () => undefined) {
  const kept: Kept = { uploads: new Map(), asked: 0, begun: 0, pieces: [] };
  let turn = 0;
  const there = (upload: number) => {
    const bytes = kept.uploads.get(upload);
    if (!bytes) throw new ApiFailure(404, "not_found", "no such upload");
    return { upload, received: bytes.length };
  };
  const to: Receiver = {
    begin: async () => {
      kept.uploads.set(++kept.begun, new Uint8Array());
      return { upload: kept.begun, received: 0 };
    },
    piece: async (upload, from, bytes) => {
      const mine = ++turn;
      trouble(mine, "before", kept);
      if (there(upload).received !== from) throw new ApiFailure(409, "conflict", `${there(upload).received} bytes are there`);
      kept.pieces.push(bytes.byteLength);
      kept.uploads.set(upload, joined(kept.uploads.get(upload), new Uint8Array(bytes)));
      trouble(mine, "after", kept);
      return there(upload);
    },
    ask: async (upload) => {
      kept.asked++;
      return there(upload);
    },
  };
  return { kept, to };
}
interface Kept {
  uploads: Map<number, Uint8Array>;
  asked: number;
  begun: number;
  pieces: number[];
}

const offline = () => {
  throw new ApiFailure(0, "offline", "gone");
};
const quiet = { onMoved: () => undefined, wait: async () => undefined, now: () => 0 };

describe("a file on its way", () => {
  it("arrives byte for byte, in pieces that grow on a quick line", async () => {
    const { file, bytes } = someFile();
    const { kept, to } = server();
    const moved: number[] = [];
    const upload = await sendFile({ ...quiet, file, to, signal: new AbortController().signal, onMoved: (at) => moved.push(at) });
    expect(same(kept.uploads.get(upload), bytes)).toBe(true);
    expect(kept.pieces).toEqual([PIECE_BYTES_FIRST, 2 * PIECE_BYTES_FIRST, 17]);
    expect(moved[moved.length - 1]).toBe(SIZE);
  });

  it("goes on where the server is after a lost connection, be it the request or its answer that was lost", async () => {
    for (const when of ["before", "after"] as const) {
      const { file, bytes } = someFile();
      const { kept, to } = server((turn, now) => {
        if (turn === 2 && now === when) offline();
      });
      const lost: boolean[] = [];
      const upload = await sendFile({ ...quiet, file, to, signal: new AbortController().signal, onMoved: (_, gone) => lost.push(gone) });
      expect(same(kept.uploads.get(upload), bytes)).toBe(true);
      expect(kept.begun).toBe(1);
      expect(kept.asked).toBe(1);
      expect(lost).toContain(true);
      expect(lost[lost.length - 1]).toBe(false);
    }
  });

  it("begins again where the server began again", async () => {
    const { file, bytes } = someFile();
    const { kept, to } = server((turn, when, self) => {
      if (turn === 2 && when === "before") self.uploads.clear();
    });
    const upload = await sendFile({ ...quiet, file, to, signal: new AbortController().signal });
    expect(upload).toBe(2);
    expect(same(kept.uploads.get(2), bytes)).toBe(true);
  });

  it("asks what is there where the server has something else than was thought", async () => {
    const { file, bytes } = someFile();
    const { kept, to } = server((turn, when, self) => {
      if (turn === 2 && when === "before") self.uploads.set(1, bytes.slice(0, PIECE_BYTES_FIRST + 9));
    });
    await sendFile({ ...quiet, file, to, signal: new AbortController().signal });
    expect(kept.asked).toBe(1);
    expect(same(kept.uploads.get(1), bytes)).toBe(true);
  });

  it("ends with what the server refuses, and does not go round for ever", async () => {
    const { file } = someFile();
    const refused = server(() => {
      throw new ApiFailure(507, "io", "the disk is full");
    });
    await expect(sendFile({ ...quiet, file, to: refused.to, signal: new AbortController().signal })).rejects.toThrow("the disk is full");
    const contrary = server(() => {
      throw new ApiFailure(409, "conflict", "something else is there");
    });
    await expect(sendFile({ ...quiet, file, to: contrary.to, signal: new AbortController().signal })).rejects.toThrow("something else");
  });

  it("is stopped at once, also while the line is lost", async () => {
    const { file } = someFile();
    const abort = new AbortController();
    const { to } = server(offline);
    const wait = async () => abort.abort();
    await expect(sendFile({ ...quiet, file, to, signal: abort.signal, wait })).rejects.toThrow(/abort/i);
  });

  it("says so where the file was taken away meanwhile", async () => {
    const { file } = someFile();
    const gone = Object.assign(file, { slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) as unknown as Blob });
    await expect(sendFile({ ...quiet, file: gone, to: server().to, signal: new AbortController().signal })).rejects.toThrow(
      "resnet.csv: can no longer be read",
    );
  });
});

describe("a file that the server has already", () => {
  const signal = () => new AbortController().signal;

  it("is not sent again", async () => {
    const { file } = someFile();
    const { kept, to } = server();
    const first = await sendFile({ ...quiet, file, to, signal: signal() });
    const pieces = kept.pieces.length;
    expect(await sendFile({ ...quiet, file, to, known: first, signal: signal() })).toBe(first);
    expect(kept.pieces.length).toBe(pieces);
    expect(kept.begun).toBe(1);
  });

  it("is sent to its end where only some of it is there, and from its beginning where nothing is", async () => {
    const { file, bytes } = someFile();
    const { kept, to } = server();
    const first = await sendFile({ ...quiet, file, to, signal: signal() });
    kept.uploads.set(first, bytes.slice(0, SIZE - 5));
    await sendFile({ ...quiet, file, to, known: first, signal: signal() });
    expect(kept.pieces[kept.pieces.length - 1]).toBe(5);
    kept.uploads.clear();
    const second = await sendFile({ ...quiet, file, to, known: first, signal: signal() });
    expect(second).not.toBe(first);
    expect(same(kept.uploads.get(second), bytes)).toBe(true);
  });

  it("is not taken for the one that was corrected meanwhile", async () => {
    const { file } = someFile();
    const { to } = server();
    const first = await sendFile({ ...quiet, file, to, signal: signal() });
    const gone = Object.assign(file, { slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) as unknown as Blob });
    await expect(sendFile({ ...quiet, file: gone, to, known: first, signal: signal() })).rejects.toThrow("Choose it again");
  });
});

describe("the size of a piece", () => {
  it("follows the line, within its bounds", () => {
    expect(nextPiece(PIECE_BYTES_FIRST, 10)).toBe(2 * PIECE_BYTES_FIRST);
    expect(nextPiece(PIECE_BYTES_MOST, 10)).toBe(PIECE_BYTES_MOST);
    expect(nextPiece(PIECE_BYTES_FIRST, 2_000)).toBe(PIECE_BYTES_FIRST);
    expect(nextPiece(PIECE_BYTES_FIRST, 5_000)).toBe(PIECE_BYTES_FIRST / 2);
    expect(nextPiece(PIECE_BYTES_LEAST, 5_000)).toBe(PIECE_BYTES_LEAST);
  });
});
