import { describe, expect, it } from "vitest";
import { derivationOrigin, InvalidRequest, sessionKey, timeToLive } from "../src/protocol/request";

describe("time to live", () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    [0n, 0n],
    [28_800_000_000_000n, 28_800_000_000_000n],
    [60_000_000_000, 60_000_000_000n],
    ["1800000000000", 1_800_000_000_000n],
    ["18446744073709551615", 18_446_744_073_709_551_615n],
  ])("takes %s", (given, expected) => {
    expect(timeToLive(given)).toBe(expected);
  });

  it.each([
    -1n,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    " 1",
    "-1",
    "1e9",
    "0x10",
    "1n",
    "18446744073709551616",
    2n ** 64n,
    true,
    {},
    [1],
  ])("refuses %s", (given) => {
    expect(() => timeToLive(given)).toThrow(InvalidRequest);
  });
});

describe("derivation origin", () => {
  it.each(["https://app.example", "http://localhost:4944", "https://aaaaa-aa.icp0.io"])(
    "takes %s",
    (origin) => {
      expect(derivationOrigin(origin)).toBe(origin);
    },
  );

  it("may be absent", () => {
    expect(derivationOrigin(undefined)).toBeUndefined();
    expect(derivationOrigin(null)).toBeUndefined();
  });

  it.each([
    "https://app.example/",
    "https://app.example:443",
    "https://APP.example",
    "https://user@app.example",
    "https://app.example/path",
    "https://app.example?x",
    "app.example",
    "ftp://app.example",
    "data:,x",
    "null",
    "",
    `https://${"a".repeat(250)}.example`,
    7,
    new URL("https://app.example"),
  ])("refuses %s", (given) => {
    expect(() => derivationOrigin(given)).toThrow(InvalidRequest);
  });
});

describe("session key", () => {
  it("takes DER of any usual length", () => {
    for (const length of [44, 70, 91, 294]) {
      const key = new Uint8Array(length).fill(1);
      key[0] = 0x30;
      expect(sessionKey(key)).toEqual(key);
    }
  });

  it.each([
    undefined,
    "MFk=",
    new Uint8Array(0),
    Uint8Array.of(4, 1),
    new Uint8Array(2000).fill(0x30),
  ])("refuses %s", (given) => {
    expect(() => sessionKey(given)).toThrow(InvalidRequest);
  });
});
