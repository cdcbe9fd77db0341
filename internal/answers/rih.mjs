import { hashOfMap, hashValue, requestIdOf, Expiry } from "@icp-sdk/core/agent";
import { Principal } from "@icp-sdk/core/principal";
import { bytes, hex, known, utf8 } from "./lib.mjs";

// notation writes a value so that another language can read it: a map is a list
// of names and values, since JSON objects cannot name a field twice.
export function notation(value) {
  if (typeof value === "string") return { text: value };
  if (typeof value === "number" || typeof value === "bigint") return { nat: value.toString() };
  if (value instanceof Uint8Array) return { blob: hex(value) };
  if (Principal.isPrincipal(value)) return { blob: hex(value.toUint8Array()) };
  if (Array.isArray(value)) return { array: value.map(notation) };
  return { map: Object.entries(value).filter(([, v]) => v !== undefined).map(([name, v]) => ({ name, value: notation(v) })) };
}

const canister = Principal.fromText("rdmx6-jaaaa-aaaaa-aaadq-cai");
const sender = Principal.selfAuthenticating(bytes("rih sender", 44));

const maps = {
  "nothing": {},
  "one text": { a: "b" },
  "one empty text": { a: "" },
  "an empty name": { "": "a" },
  "an empty blob": { a: new Uint8Array() },
  "an empty list": { a: [] },
  "an empty map": { a: {} },
  "absent fields": { a: "b", c: undefined },
  "zero": { n: 0 },
  "one byte of LEB128": { n: 127 },
  "two bytes of LEB128": { n: 128 },
  "the greatest number": { n: 2n ** 64n - 1n },
  "a time in nanoseconds": { n: 1_700_000_000_123_456_789n },
  "every kind": { text: "ä😀", blob: bytes("rih blob", 7), nat: 42, array: ["a", 1, new Uint8Array([1])], map: { b: 1, a: "x" } },
  "lists in lists": { a: [[[]], [["x"], [new Uint8Array([0]), 5]]] },
  "maps in maps": { a: { b: { c: { d: "e" } } }, z: { y: {} } },
  "maps in lists": { list: [{ a: 1 }, { b: "2" }, {}] },
  "paths": { paths: [[utf8("time")], [utf8("request_status"), bytes("rih id", 32)], [utf8("subnet")]] },
  "names that share a beginning": { a: 1, aa: 2, aaa: 3, "": 4, b: 5 },
  "many names": Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`name ${i}`, i % 2 ? `text ${i}` : i])),
};

// The fields of real messages, in an order that is not the order of the hash.
const expiry = 1_700_000_240_000_000_000n;
const requests = {
  "call of an anonymous sender": {
    request_type: "call", canister_id: canister, method_name: "whoami", arg: utf8("DIDL\0\0"), sender: Principal.anonymous(), ingress_expiry: expiry,
  },
  "call with nonce": {
    request_type: "call", sender, nonce: bytes("rih nonce", 16), ingress_expiry: expiry, canister_id: canister, method_name: "prepare_delegation", arg: bytes("rih arg", 300),
  },
  "call of the management canister": {
    request_type: "call", canister_id: Principal.managementCanister(), method_name: "raw_rand", arg: new Uint8Array(), sender, ingress_expiry: expiry,
  },
  "query": { request_type: "query", canister_id: canister, method_name: "http_request", arg: utf8("DIDL"), sender, ingress_expiry: expiry },
  "query with sender_info": {
    request_type: "query", canister_id: canister, method_name: "whoami", arg: utf8("DIDL\0\0"), sender, ingress_expiry: expiry,
    sender_info: { signer: canister.toUint8Array(), info: bytes("rih info", 50), sig: bytes("rih sig", 90) },
  },
  "read_state": {
    request_type: "read_state", paths: [[utf8("time")], [utf8("request_status"), bytes("rih id", 32), utf8("status")]], sender, ingress_expiry: expiry,
  },
  "read_state of nothing": { request_type: "read_state", paths: [], sender, ingress_expiry: expiry },
  "read_state of an empty path": { request_type: "read_state", paths: [[]], sender, ingress_expiry: expiry },
};

export default function rih() {
  // The library writes an expiry in a way of its own.
  const withExpiry = (r) => ({ ...r, ingress_expiry: Expiry.fromJSON(JSON.stringify({ __expiry__: r.ingress_expiry.toString() })) });
  for (const [name, r] of Object.entries(requests)) {
    if (hex(requestIdOf(withExpiry(r))) !== hex(requestIdOf(r))) throw new Error(`${name}: the expiry changes the id`);
  }
  const values = Object.values(maps).flatMap((m) => Object.entries(m)).filter(([, v]) => v !== undefined);
  return {
    map: Object.entries(maps).map(([name, m]) => known(name, { value: notation(m), hash: hex(hashOfMap(m)) })),
    value: values.slice(0, 30).map(([name, v]) => known(name || "no name", { value: notation(v), hash: hex(hashValue(v)) })),
    requestId: Object.entries(requests).map(([name, r]) => known(name, { value: notation(r), hash: hex(requestIdOf(r)) })),
  };
}
