// What the service may answer, for tests to assert.

import assert from "node:assert/strict";
import { canister } from "./service.mjs";

// shown writes a value for people.
export const shown = (value) => JSON.stringify(value, (_, v) => {
  if (typeof v === "bigint") return `${v}`;
  return v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v;
});

// ok is what a result has when all went well.
export function ok(result) {
  assert.ok("Ok" in result, shown(result));
  return result.Ok;
}

// refused asserts that a result is an error: its name, and its content.
export function refused(result, name, content = null) {
  assert.ok("Err" in result, shown(result));
  assert.deepEqual(plain(result.Err), { [name]: plain(content) });
}

// plain has principals as texts.
function plain(value) {
  if (value?._isPrincipal) return value.toText();
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, plain(v)]));
}

// unauthorized asserts that somebody was not let in.
export const unauthorized = (result, key) => refused(result, "Unauthorized", key.getPrincipal());

// traps asserts that a call or query ends as a canister's trap does, with a
// text that is the one given or matches it. What rejects a call is certified,
// and what rejects a query signed.
export async function traps(sent, text) {
  await assert.rejects(sent, ({ name, code }) => {
    assert.equal(name, "RejectError");
    assert.ok(["CertifiedRejectErrorCode", "UncertifiedRejectErrorCode"].includes(code.name), code.name);
    assert.deepEqual([code.rejectCode, code.rejectErrorCode], [5, "IC0503"]);
    const [begin, message] = code.rejectMessage.split(" with message: ", 2);
    assert.equal(begin, `Error from Canister ${canister.toText()}: Canister called \`ic0.trap\``);
    if (text instanceof RegExp) assert.match(message, text);
    else assert.equal(message, `'${text}'`);
    return true;
  });
}

// shutOut asserts that methods of the first version do not let somebody in.
export const shutOut = (key, ...sent) =>
  Promise.all(sent.map((s) => traps(s, `${key.getPrincipal().toText()} could not be authenticated.`)));

// Times are in nanoseconds.
export const now = () => BigInt(Date.now()) * 1_000_000n;
export const minutes = (n) => BigInt(n) * 60_000_000_000n;

// near asserts that a time is about another one; machines may be slow.
export function near(time, want) {
  const apart = time > want ? time - want : want - time;
  assert.ok(apart < minutes(1), `${time} is ${apart} ns from ${want}`);
}

// later asserts that times come one after the other.
export function later(...times) {
  for (let i = 1; i < times.length; i++) assert.ok(times[i - 1] < times[i], `${times[i - 1]} is not before ${times[i]}`);
}

// picture asserts that a text is a PNG of a captcha's size.
export function picture(base64) {
  assert.match(base64, /^[A-Za-z0-9+/]+=*$/);
  const png = Buffer.from(base64, "base64");
  assert.equal(png.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
  assert.equal(png.subarray(12, 16).toString(), "IHDR");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [220, 120]);
  assert.equal(png.subarray(-8, -4).toString(), "IEND");
  return png;
}
