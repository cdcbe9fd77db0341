// Public keys of passkeys: from the authenticator's COSE form to the DER form
// that is a sender's public key on the Internet Computer.

import { concat } from "../bytes";
import { type Cbor, decodeFirst, encodeBytes, encodeInt, encodeMap } from "./cbor";

export const ES256 = -7;
export const EdDSA = -8;
export const RS256 = -257;

export class UnsupportedKey extends Error {}

// The labels that say which key it is, per key type: OKP, EC2, RSA. Anything
// else an authenticator adds would only be a second form of the same key.
const labels = new Map([
  [1, { algorithm: EdDSA, own: [-1, -2] }],
  [2, { algorithm: ES256, own: [-1, -2, -3] }],
  [3, { algorithm: RS256, own: [-1, -2] }],
]);

// The key re-encoded with its own labels only, in canonical order.
export function canonicalCose(cose: Uint8Array): Uint8Array<ArrayBuffer> {
  const { value } = decodeFirst(cose);
  if (!(value instanceof Map)) {
    throw new UnsupportedKey("the key is not a map");
  }
  const type = value.get(1);
  const kind = typeof type === "number" ? labels.get(type) : undefined;
  if (kind === undefined || value.get(3) !== kind.algorithm) {
    throw new UnsupportedKey("neither ES256 nor RS256 nor EdDSA");
  }
  return encodeMap(
    [1, 3, ...kind.own].map((label) => [encodeInt(label), encodeScalar(value.get(label))]),
  );
}

function encodeScalar(value: Cbor | undefined): Uint8Array {
  if (typeof value === "number") {
    return encodeInt(value);
  }
  if (value instanceof Uint8Array) {
    return encodeBytes(value);
  }
  throw new UnsupportedKey("a part of the key is missing");
}

// SEQUENCE { OID 1.3.6.1.4.1.56387.1.1 }
const algorithm = Uint8Array.of(
  0x30,
  0x0c,
  0x06,
  0x0a,
  0x2b,
  0x06,
  0x01,
  0x04,
  0x01,
  0x83,
  0xb8,
  0x43,
  0x01,
  0x01,
);

// SEQUENCE { algorithm, BIT STRING { the key } }
export function encodeDer(cose: Uint8Array): Uint8Array<ArrayBuffer> {
  const bits = concat(Uint8Array.of(0x03), derLength(cose.length + 1), Uint8Array.of(0), cose);
  return concat(Uint8Array.of(0x30), derLength(algorithm.length + bits.length), algorithm, bits);
}

function derLength(n: number): Uint8Array {
  if (n < 0x80) {
    return Uint8Array.of(n);
  }
  return n < 0x100 ? Uint8Array.of(0x81, n) : Uint8Array.of(0x82, n >> 8, n & 0xff);
}
