import { describe, expect, it } from "vitest";
import { toHex } from "../src/bytes";
import { isPhrase, isWord, keyOf, newPhrase, wordsOf } from "../src/crypto/phrase";

const abandon = [...Array.from({ length: 23 }, () => "abandon"), "art"];
const legal =
  "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title".split(
    " ",
  );

describe("a recovery phrase", () => {
  it.each([
    [
      "abandon",
      abandon,
      "6bdc6dec43e41c28d3e31049cd9e583c41ad8d67c96444b584cb553873eec6d9",
      "5nrsv-gw4hr-5wxr4-pws3a-cdgs2-kih6n-5liig-ylgxg-inbpv-3spsz-uae",
    ],
    [
      "legal winner",
      legal,
      "c0164bad45e0f368946fcbf63381a591462b82caa6f6213eafc838a247fb1345",
      "zt3v5-4jlft-mlgio-n7nmv-b7gpg-tuxlk-bvqt3-ejzie-nycfl-3qxxb-5qe",
    ],
  ])("leads to the key that the official service finds: %s", async (_, words, key, principal) => {
    const identity = await keyOf(words);
    expect(toHex(identity.getPublicKey().toRaw())).toBe(key);
    expect(identity.getPrincipal().toText()).toBe(principal);
  });

  it("is new every time, and right", () => {
    const one = newPhrase();
    expect(one).toHaveLength(24);
    expect(isPhrase(one)).toBe(true);
    expect(one.every(isWord)).toBe(true);
    expect(newPhrase()).not.toEqual(one);
  });

  it("is told from one with a slip", () => {
    expect(isPhrase(abandon)).toBe(true);
    expect(isPhrase([...abandon.slice(0, 23), "abandon"])).toBe(false);
    expect(isPhrase(["art", ...abandon.slice(0, 23)])).toBe(false);
    expect(isPhrase(abandon.slice(1))).toBe(false);
    expect(isPhrase([...abandon, "art"])).toBe(false);
    expect(isPhrase([...abandon.slice(0, 23), "artt"])).toBe(false);
    expect(isWord("zzz")).toBe(false);
  });

  it("is read as people write it down", () => {
    expect(wordsOf(` 10042 Legal\nWINNER, thank\t1. year `)).toEqual([
      "legal",
      "winner",
      "thank",
      "year",
    ]);
    expect(wordsOf("")).toEqual([]);
    expect(wordsOf("10042")).toEqual([]);
  });
});
