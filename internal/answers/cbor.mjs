import { encode } from "@dfinity/cbor";
import { Cbor } from "@icp-sdk/core/agent";
import { accepts, bytes, hex, known, refused, specified, unhex, utf8 } from "./lib.mjs";
import { notation } from "./rih.mjs";

// Maps here have their names in the order of the deterministic encoding: the
// shorter first, then by letter. The library keeps the order that it is given.
const values = {
  "zero": 0,
  "23": 23,
  "24": 24,
  "255": 255,
  "256": 256,
  "65535": 65_535,
  "65536": 65_536,
  "32 bits": 4_294_967_295n,
  "33 bits": 4_294_967_296n,
  "the greatest number": 2n ** 64n - 1n,
  "an empty text": "",
  "a text": "whoami",
  "a text of 23 bytes": "a".repeat(23),
  "a text of 24 bytes": "a".repeat(24),
  "a text in many alphabets": "Zürich 東京 😀",
  "an empty blob": new Uint8Array(),
  "a blob of 23 bytes": bytes("cbor 23", 23),
  "a blob of 24 bytes": bytes("cbor 24", 24),
  "a blob of 256 bytes": bytes("cbor 256", 256),
  "an empty list": [],
  "a list of lists": [[], [[]], [1, "a", utf8("b")]],
  "a list of 24": Array.from({ length: 24 }, (_, i) => i),
  "an empty map": {},
  "a map of maps": { a: { b: { c: 1 } }, b: {}, aa: 2 },
  "a call": {
    content: {
      arg: bytes("cbor arg", 40),
      nonce: bytes("cbor nonce", 16),
      sender: bytes("cbor sender", 29),
      canister_id: unhex("00000000000000070101"),
      method_name: "prepare_delegation",
      request_type: "call",
      ingress_expiry: 1_700_000_240_000_000_000n,
    },
    sender_sig: bytes("cbor sig", 64),
    sender_pubkey: bytes("cbor key", 44),
    sender_delegation: [
      { signature: bytes("cbor delegation", 64), delegation: { pubkey: bytes("cbor session", 44), targets: [unhex("00000000000000070101")], expiration: 1_700_000_300_000_000_000n } },
    ],
  },
  "a reply": { status: "replied", certificate: bytes("cbor certificate", 300) },
};

// What no message may look like.
const malformed = {
  "nothing": "",
  "only the tag": "d9d9f7",
  "a head cut short": "19ff",
  "a text cut short": "6561626364",
  "a blob cut short": "45000102",
  "a list cut short": "8201",
  "a map without its last value": "a16161",
  "a reserved head": "1c",
  "a break without a beginning": "ff",
  "a blob of indefinite length": "5f4101ff",
  "a list of indefinite length": "9f01ff",
  "a map of indefinite length": "bf616101ff",
  "a length of 64 bits": "5bffffffffffffffff",
};

export default function cbor() {
  // A library must not change what it decodes.
  const fields = (value, encoded) => {
    if (hex(Cbor.encode(Cbor.decode(encoded))) !== hex(Cbor.encode(value))) throw new Error("decoded to something else");
    return { value: notation(value), hex: hex(encoded) };
  };
  const reverse = (value) => {
    if (value instanceof Uint8Array || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(reverse);
    return Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reverse(v)]));
  };
  const maps = ["a map of maps", "a call", "a reply"];
  return {
    deterministic: Object.entries(values).map(([name, v]) => known(name, fields(v, Cbor.encode(v)))),
    untagged: ["a call", "24", "a text"].map((name) => known(name, fields(values[name], encode(values[name])))),
    anyOrder: maps.map((name) => known(name, fields(reverse(values[name]), Cbor.encode(reverse(values[name]))))),
    // Some the library reads as if nothing were missing.
    malformed: Object.entries(malformed).map(([name, h]) => {
      const decode = () => Cbor.decode(unhex(h));
      return accepts(decode) ? specified(name, { hex: h }, "RFC 8949", true) : refused(name, { hex: h }, decode);
    }),
  };
}
