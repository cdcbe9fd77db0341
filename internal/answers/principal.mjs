import { crc32 } from "node:zlib";
import { Principal } from "@icp-sdk/core/principal";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { Secp256k1KeyIdentity } from "@icp-sdk/core/identity/secp256k1";
import { accepts, bytes, concat, hex, known, refused, seed, specified, unhex } from "./lib.mjs";

// Bytes of every length, and those that everybody knows.
function* names() {
  yield ["management canister", new Uint8Array()];
  yield ["anonymous", unhex("04")];
  yield ["Internet Identity", unhex("00000000000000070101")];
  yield ["ledger", unhex("00000000000000020101")];
  yield ["zero", unhex("00")];
  for (let length = 1; length <= 29; length++) yield [`${length} bytes`, bytes(`principal ${length}`, length)];
  yield ["all ones", new Uint8Array(29).fill(0xff)];
  yield ["all zero", new Uint8Array(29)];
}

// text writes a principal of any length, which the library does not.
function text(b) {
  const letters = "abcdefghijklmnopqrstuvwxyz234567";
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(b));
  const bits = [...checksum, ...b].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const base32 = bits.match(/.{1,5}/g).map((five) => letters[parseInt(five.padEnd(5, "0"), 2)]).join("");
  return base32.match(/.{1,5}/g).join("-");
}

function refusedTexts() {
  const good = Principal.fromUint8Array(bytes("principal 10", 10)).toText();
  const long = Principal.fromUint8Array(bytes("principal 29", 29)).toText();
  return Object.entries({
    "nothing": "",
    "one letter changed": good.replace(/^./, (c) => (c === "a" ? "b" : "a")),
    "last letter changed": long.replace(/.$/, (c) => (c === "a" ? "b" : "a")),
    "cut short": good.slice(0, -1),
    "a dash missing": good.replace("-", ""),
    "all dashes missing": good.replaceAll("-", ""),
    "a dash too many": `${good.slice(0, 2)}-${good.slice(2)}`,
    "a dash at the end": `${good}-`,
    "a dash at the beginning": `-${good}`,
    "a space at the end": `${good} `,
    "a digit that base32 has not": good.replace(/^./, "1"),
    "a letter of another alphabet": good.replace(/^./, "ä"),
    "padding": `${good}===`,
    "two of them": `${good}-${good}`,
  });
}

export default function principal() {
  const texts = [...names()].map(([name, b]) => {
    const p = Principal.fromUint8Array(b);
    if (text(b) !== p.toText()) throw new Error(`our own text of ${name} is wrong`);
    if (hex(Principal.fromText(p.toText()).toUint8Array()) !== hex(b)) throw new Error(name);
    return known(name, { bytes: hex(b), text: p.toText(), anonymous: p.isAnonymous() });
  });
  const keys = {
    "Ed25519": Ed25519KeyIdentity.generate(seed("principal Ed25519")).getPublicKey().toDer(),
    "secp256k1": Secp256k1KeyIdentity.generate(seed("principal secp256k1")).getPublicKey().toDer(),
    // Whatever the key is, the principal is a hash of its bytes.
    "a canister signature's": concat(unhex("303c300c060a2b0601040183b8430102032c000a00000000000000070101"), bytes("canister seed", 32)),
    "nothing": new Uint8Array(),
    "long": bytes("principal long key", 400),
  };
  const selfAuthenticating = Object.entries(keys).map(([name, key]) =>
    known(name, { key: hex(key), text: Principal.selfAuthenticating(key).toText() }));
  const ordered = [...names()].map(([, b]) => Principal.fromUint8Array(b))
    .sort((a, b) => ({ lt: -1, eq: 0, gt: 1 })[a.compareTo(b)]);
  const long = text(bytes("principal 30", 30));
  return {
    text: texts,
    selfAuthenticating,
    refusedText: [
      ...refusedTexts().map(([name, t]) => refused(name, { text: t }, () => Principal.fromText(t))),
      specified("30 bytes", { text: long }, "IC interface specification", accepts(() => Principal.fromText(long))),
    ],
    order: [known("all of them", { texts: ordered.map((p) => p.toText()) })],
  };
}
