import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refused } from "../src/backend/errors";
import { isId, newId, poll } from "../src/flow/pairing.svelte";
import { numberOf } from "../src/flow/recover.svelte";

describe("the id of an open door", () => {
  it("is five letters or digits, and another every time", () => {
    const ids = new Set(Array.from({ length: 200 }, newId));
    expect(ids.size).toBeGreaterThan(190);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9A-Za-z]{5}$/);
      expect(isId(id)).toBe(true);
    }
  });

  it.each(["", "abcd", "abcdef", "abcd-", "abcdé", "     "])("is not %s", (text) => {
    expect(isId(text)).toBe(false);
  });
});

describe("waiting for another device", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks until there is an answer, through a lost connection", async () => {
    const answers: (number | undefined | Error)[] = [undefined, new TypeError("down"), 7];
    const ask = vi.fn(async () => {
      const answer = answers.shift();
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    });
    const found = poll(ask, () => true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(await found).toBe(7);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it("ends after five minutes", async () => {
    const ask = vi.fn(async () => undefined);
    const found = poll(ask, () => true);
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 3000);
    expect(await found).toBeUndefined();
    expect(ask).toHaveBeenCalledTimes(100);
  });

  it("ends when nobody waits any more", async () => {
    let wanted = true;
    const ask = vi.fn(async () => undefined);
    const found = poll(ask, () => wanted);
    await vi.advanceTimersByTimeAsync(0);
    wanted = false;
    await vi.advanceTimersByTimeAsync(3000);
    expect(await found).toBeUndefined();
    expect(ask).toHaveBeenCalledOnce();
  });

  it("ends with what the service refuses", async () => {
    const found = poll(
      async () => {
        throw new Refused("RegistrationModeOff");
      },
      () => true,
    );
    await expect(found).rejects.toThrow(Refused);
  });
});

describe("an identity number", () => {
  it.each([
    ["10042", 10_042n],
    [" 10 042 ", 10_042n],
    ["10'042", 10_042n],
    ["18446744073709551615", 18_446_744_073_709_551_615n],
  ])("is read from %s", (text, number) => {
    expect(numberOf(text)).toBe(number);
  });

  it.each(["", "ten", "10a", "1e5", "0x10", "18446744073709551616", "123456789012345678901"])(
    "is not %s",
    (text) => {
      expect(numberOf(text)).toBeUndefined();
    },
  );
});
