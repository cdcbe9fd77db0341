import { blsVerify, type HttpAgent } from "@icp-sdk/core/agent";
import { Principal } from "@icp-sdk/core/principal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Trust } from "../src/backend/trust";

vi.mock("@icp-sdk/core/agent", async (original) => ({
  ...(await original<object>()),
  blsVerify: vi.fn(),
}));

const check = vi.mocked(blsVerify);
const bytes = (...values: number[]) => Uint8Array.from(values);

beforeEach(() => check.mockReset().mockReturnValue(true));

describe("a signature", () => {
  it("that held is not checked again", () => {
    const trust = new Trust();
    expect(trust.verify(bytes(1), bytes(2), bytes(3))).toBe(true);
    expect(trust.verify(bytes(1), bytes(2), bytes(3))).toBe(true);
    expect(check).toHaveBeenCalledExactlyOnceWith(bytes(1), bytes(2), bytes(3));
  });

  it("that did not hold never will", () => {
    const trust = new Trust();
    check.mockReturnValue(false);
    expect(trust.verify(bytes(1), bytes(2), bytes(3))).toBe(false);
    expect(trust.verify(bytes(1), bytes(2), bytes(3))).toBe(false);
    expect(check).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["another key", bytes(9), bytes(2), bytes(3)],
    ["another signature", bytes(1), bytes(9), bytes(3)],
    ["another message", bytes(1), bytes(2), bytes(9)],
    ["the same bytes, cut elsewhere", bytes(1, 2), bytes(), bytes(3)],
    ["the same bytes, cut later", bytes(1), bytes(2, 3), bytes()],
  ])("says nothing of %s", (_, key, signature, message) => {
    const trust = new Trust();
    trust.verify(bytes(1), bytes(2), bytes(3));
    check.mockReturnValue(false);
    expect(trust.verify(key, signature, message)).toBe(false);
  });

  it("is forgotten after some others", () => {
    const trust = new Trust();
    for (let i = 0; i < 17; i++) {
      trust.verify(bytes(1), bytes(2), bytes(i));
    }
    check.mockReturnValue(false);
    expect(trust.verify(bytes(1), bytes(2), bytes(16))).toBe(true);
    expect(trust.verify(bytes(1), bytes(2), bytes(0))).toBe(false);
  });
});

describe("ahead of time", () => {
  const open = new Promise(() => {});
  const ask = (trust: Trust, readState: unknown, dialog: Promise<unknown> = open) =>
    trust.ahead(
      { readState, rootKey: bytes() } as unknown as HttpAgent,
      Principal.anonymous(),
      dialog,
    );

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("asks once, and again only after a failure", async () => {
    const trust = new Trust();
    const readState = vi.fn().mockRejectedValueOnce(new Error("offline"));
    readState.mockReturnValue(open);
    void ask(trust, readState);
    void ask(trust, readState);
    await vi.runAllTimersAsync();
    expect(readState).toHaveBeenCalledOnce();
    void ask(trust, readState);
    await vi.runAllTimersAsync();
    void ask(trust, readState);
    await vi.runAllTimersAsync();
    expect(readState).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["answered", () => Promise.resolve()],
    ["cancelled", () => Promise.reject(new Error("cancelled"))],
  ])("asks nothing when the dialog was %s at once", async (_, dialog) => {
    const trust = new Trust();
    const readState = vi.fn(() => open);
    void ask(trust, readState, dialog());
    await vi.runAllTimersAsync();
    expect(readState).not.toHaveBeenCalled();
    void ask(trust, readState);
    await vi.runAllTimersAsync();
    expect(readState).toHaveBeenCalledOnce();
  });
});
