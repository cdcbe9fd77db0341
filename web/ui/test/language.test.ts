import { describe, expect, it } from "vitest";
import { chosen } from "../src/language";
import { de } from "../src/strings/de";
import { en } from "../src/strings/en";

describe("the language of the page", () => {
  it.each([
    [["de-AT", "en"], "de"],
    [["DE"], "de"],
    [["fr", "de-CH", "en"], "de"],
    [["en-GB", "de"], "en"],
    [["fr", "ja"], "en"],
    [["deu", "den"], "en"],
    [[], "en"],
  ])("for %j is %s", (wanted, expected) => {
    expect(chosen(wanted)).toBe(expected);
  });
});

// Every text, with functions called, by its path.
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") {
    return [[path, value]];
  }
  if (typeof value === "function") {
    return texts(value(...Array.from({ length: value.length }, (_, i) => `<${i}>`)), path);
  }
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

const same = new Set([".product"]);

describe("the German texts", () => {
  const german = new Map(texts(de));
  it.each(texts(en))("of %s differ and carry the same values", (path, english) => {
    const translated = german.get(path) ?? "";
    const values = (text: string) => [...new Set(text.match(/<\d>/g))].sort();
    expect(values(translated)).toEqual(values(english));
    const words = english.replace(/<\d>/g, "").match(/\p{L}+/gu) ?? [];
    if (words.length > 0 && !same.has(path)) {
      expect(translated).not.toBe(english);
    }
    expect(translated.trim().length > 0).toBe(english.trim().length > 0);
  });
});
