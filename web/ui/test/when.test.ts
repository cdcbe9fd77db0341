import { describe, expect, it } from "vitest";
import { ago } from "../src/strings/when";

const now = Date.UTC(2026, 10, 25, 12);
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

describe("a point in time", () => {
  it.each([
    [0, "now"],
    [-5 * second, "now"],
    [59 * second, "now"],
    [60 * second, "1 minute ago"],
    [59 * 60 * second, "59 minutes ago"],
    [hour, "1 hour ago"],
    [day, "yesterday"],
    [2 * day, "2 days ago"],
    [7 * day, "last week"],
    [31 * day, "last month"],
    [400 * day, "last year"],
  ])("%i ms ago is %s", (past, text) => {
    expect(ago(now - past, now)).toBe(text);
  });
});
