import { describe, expect, it } from "vitest";
import {
  bytesOf,
  concat,
  equal,
  fromBase64,
  fromBase64Url,
  owned,
  toBase64,
  toBase64Url,
  toHex,
} from "../src/bytes";

const all = Uint8Array.from({ length: 256 }, (_, i) => i);

describe("bytes", () => {
  it("owns a whole buffer", () => {
    const view = all.subarray(10, 20);
    const copy = owned(view);
    expect(copy.buffer.byteLength).toBe(10);
    expect(equal(copy, view)).toBe(true);
  });

  it("goes through both base64 alphabets", () => {
    for (let n = 0; n < 8; n++) {
      const bytes = all.slice(250 - n);
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      expect(toBase64Url(bytes)).not.toMatch(/[+/=]/);
    }
  });

  it.each(["A", "AA", "AAA", "AA=A", "A===", "-_==", "AAAA\n", " AAA", "AA==AAAA"])(
    "refuses %j as base64",
    (text) => {
      expect(fromBase64(text)).toBeUndefined();
    },
  );

  it("joins and prints", () => {
    expect(toHex(concat(Uint8Array.of(0, 255), Uint8Array.of(16)))).toBe("00ff10");
  });

  it("takes the bytes of views and buffers, copied, and of nothing else", () => {
    const view = all.subarray(3, 6);
    expect(bytesOf(view)).toEqual(Uint8Array.of(3, 4, 5));
    expect(bytesOf(view)?.buffer).not.toBe(all.buffer);
    expect(bytesOf(Uint8Array.of(1, 2).buffer)).toEqual(Uint8Array.of(1, 2));
    for (const other of [undefined, null, [1, 2], "ab", { length: 2 }, 7]) {
      expect(bytesOf(other)).toBeUndefined();
    }
  });
});
