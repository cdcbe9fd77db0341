// What all parts of the script share: hex, bytes from fixed seeds, and the form
// of a case.

import { sha256 } from "@noble/hashes/sha2.js";

export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const unhex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
export const utf8 = (text) => new TextEncoder().encode(text);
export const concat = (...parts) => Uint8Array.from(Buffer.concat(parts.map((p) => Buffer.from(p))));

// The library that answers, as it stands in every case.
export const core = "@icp-sdk/core 6.1.0";

// known makes a case: its name, who answered, and the answer.
export const known = (name, fields) => ({ name, from: core, ...fields });

// seed gives 32 bytes for a name, so that the same script gives the same keys.
export const seed = (name) => sha256(utf8(`known answers: ${name}`));

// bytes gives any number of bytes for a name.
export function bytes(name, length) {
  const parts = [];
  for (let i = 0; parts.length * 32 < length; i++) parts.push(seed(`${name} ${i}`));
  return concat(...parts).slice(0, length);
}

// accepts tells whether the library takes something.
export function accepts(run) {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

// refused is a case that the library refuses too.
export function refused(name, fields, run) {
  if (accepts(run)) throw new Error(`${name}: the library accepts it`);
  return known(name, fields);
}

// specified is a case where the library deviates and the answer is that of a
// specification. It fails when the library no longer deviates.
export function specified(name, fields, specification, deviates) {
  if (!deviates) throw new Error(`${name}: the library does not deviate: it can answer`);
  return { name, from: specification, ...fields };
}
