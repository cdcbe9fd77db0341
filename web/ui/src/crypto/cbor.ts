// The little CBOR that passkeys speak: definite lengths, integers below 2^53,
// bytes, texts, arrays, maps and simple values.

import { concat } from "../bytes";

export type Cbor =
  | number
  | string
  | boolean
  | null
  | Uint8Array<ArrayBuffer>
  | Cbor[]
  | Map<number | string, Cbor>;

export class MalformedCbor extends Error {}

// Levels of nesting; an attestation has four.
const maxDepth = 8;

// The first item of the data, and where the next would begin.
export function decodeFirst(data: Uint8Array): { value: Cbor; end: number } {
  const reader = new Reader(data);
  return { value: reader.item(0), end: reader.at };
}

class Reader {
  at = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  item(depth: number): Cbor {
    if (depth > maxDepth) {
      throw new MalformedCbor("nested too deeply");
    }
    const head = this.#take(1)[0] as number;
    const major = head >> 5;
    const info = head & 31;
    if (major === 7) {
      return this.#simple(info);
    }
    const n = this.#length(info);
    switch (major) {
      case 0:
        return n;
      case 1:
        return -1 - n;
      case 2:
        return this.#take(n).slice();
      case 3:
        return new TextDecoder("utf-8", { fatal: true }).decode(this.#take(n));
      case 4: {
        const list: Cbor[] = [];
        for (let i = 0; i < n; i++) {
          list.push(this.item(depth + 1));
        }
        return list;
      }
      case 5: {
        const map = new Map<number | string, Cbor>();
        for (let i = 0; i < n; i++) {
          const key = this.item(depth + 1);
          if (typeof key !== "number" && typeof key !== "string") {
            throw new MalformedCbor("a key is neither a number nor a text");
          }
          map.set(key, this.item(depth + 1));
        }
        return map;
      }
      default:
        return this.item(depth + 1);
    }
  }

  #simple(info: number): Cbor {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      default:
        throw new MalformedCbor("unknown simple value");
    }
  }

  #length(info: number): number {
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw new MalformedCbor("indefinite length");
    }
    let n = 0;
    for (const byte of this.#take(1 << (info - 24))) {
      n = n * 256 + byte;
    }
    if (!Number.isSafeInteger(n)) {
      throw new MalformedCbor("number too large");
    }
    return n;
  }

  #take(n: number): Uint8Array<ArrayBuffer> {
    const end = this.at + n;
    if (end > this.#data.length) {
      throw new MalformedCbor("ends too early");
    }
    const bytes = new Uint8Array(this.#data.subarray(this.at, end));
    this.at = end;
    return bytes;
  }
}

function head(major: number, n: number): Uint8Array<ArrayBuffer> {
  if (n < 24) {
    return Uint8Array.of((major << 5) | n);
  }
  const size = n < 0x100 ? 1 : n < 0x10000 ? 2 : 4;
  const out = new Uint8Array(1 + size);
  out[0] = (major << 5) | (23 + (size === 4 ? 3 : size));
  for (let i = size; i > 0; i--) {
    out[i] = n & 0xff;
    n >>>= 8;
  }
  return out;
}

export function encodeInt(n: number): Uint8Array<ArrayBuffer> {
  return n < 0 ? head(1, -1 - n) : head(0, n);
}

export function encodeBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(head(2, bytes.length), bytes);
}

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  const utf8 = new TextEncoder().encode(text);
  return concat(head(3, utf8.length), utf8);
}

// Entries are written in the given order.
export function encodeMap(entries: [Uint8Array, Uint8Array][]): Uint8Array<ArrayBuffer> {
  return concat(head(5, entries.length), ...entries.flat());
}

// Tag 55799, which says "this is CBOR" and precedes IC structures.
export const selfDescribe = Uint8Array.of(0xd9, 0xd9, 0xf7);
