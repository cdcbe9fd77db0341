import { IDL, idlLabelToId } from "@icp-sdk/core/candid";
import { Principal } from "@icp-sdk/core/principal";
import { accepts, bytes, hex, known, refused, specified, unhex, utf8 } from "./lib.mjs";

// Recursive types have names, as in a .did text.
const names = new Map();
function named(name, build) {
  const type = IDL.Rec();
  names.set(type, name);
  type.fill(build(type));
  return type;
}

const list = named("List", (self) => IDL.Opt(IDL.Record({ head: IDL.Int, tail: self })));
const tree = named("Tree", (self) => IDL.Variant({ leaf: IDL.Nat, fork: IDL.Record({ left: self, right: self }) }));
const metadata = named("Metadata", (self) => IDL.Vec(IDL.Tuple(IDL.Text, IDL.Variant({ String: IDL.Text, Bytes: IDL.Vec(IDL.Nat8), Map: self }))));
const stream = named("Stream", (self) => IDL.Opt(IDL.Record({ value: IDL.Nat8, next: IDL.Func([], [self], ["query"]) })));
const longer = named("Longer", (self) => IDL.Opt(IDL.Record({ head: IDL.Int, tail: self, more: IDL.Opt(IDL.Text) })));

const canister = Principal.fromText("rdmx6-jaaaa-aaaaa-aaadq-cai");
const user = Principal.selfAuthenticating(bytes("candid user", 44));

// did writes a type as .did text, and text a value. The library has printers of
// its own, but theirs is not Candid for recursive types, names and bytes.
const quoted = (name) => (/^_\d+_$/.test(name) ? name.slice(1, -1) : JSON.stringify(name));
function did(type, bare = false) {
  const kind = type.typeName ?? type.constructor.name;
  if (names.has(type) && !bare) return names.get(type);
  switch (kind) {
    case "__IDL_RecClass__": return did(type.getType());
    case "__IDL_OptClass__": return `opt ${did(type._type)}`;
    case "__IDL_VecClass__": return `vec ${did(type._type)}`;
    case "__IDL_TupleClass__": return `record { ${type._components.map((c) => did(c)).join("; ")} }`;
    case "__IDL_RecordClass__": return `record { ${type._fields.map(([n, t]) => `${quoted(n)} : ${did(t)}`).join("; ")} }`;
    case "__IDL_VariantClass__": return `variant { ${type._fields.map(([n, t]) => `${quoted(n)} : ${did(t)}`).join("; ")} }`;
    case "__IDL_FuncClass__": return `func ${signature(type)}`;
    case "__IDL_ServiceClass__": return `service { ${type._fields.map(([n, t]) => `${quoted(n)} : ${signature(t)}`).join("; ")} }`;
    default: return type.name;
  }
}
const args = (types) => `(${types.map((t) => did(t)).join(", ")})`;
const signature = (f) => `${args(f.argTypes)} -> ${args(f.retTypes)} ${f.annotations.join(" ")}`.trim();
const program = () => [...names].map(([type, name]) => `type ${name} = ${did(type.getType(), true)};`).join("\n");

// escaped writes every byte of a text or blob that is not plain ASCII.
const escaped = (b) => [...b].map((c) => (c >= 0x20 && c < 0x7f && c !== 0x22 && c !== 0x5c ? String.fromCharCode(c) : `\\${c.toString(16).padStart(2, "0")}`)).join("");
function text(type, v) {
  const kind = type.typeName ?? type.constructor.name;
  switch (kind) {
    case "__IDL_RecClass__": return text(type.getType(), v);
    case "__IDL_OptClass__": return v.length === 0 ? "null" : `opt ${text(type._type, v[0])}`;
    case "__IDL_VecClass__":
      if (type._type.name === "nat8") return `blob "${escaped(v)}"`;
      return `vec { ${[...v].map((e) => text(type._type, e)).join("; ")} }`;
    case "__IDL_TupleClass__": return `record { ${type._components.map((c, i) => text(c, v[i])).join("; ")} }`;
    case "__IDL_RecordClass__": return `record { ${type._fields.map(([n, t]) => `${quoted(n)} = ${text(t, v[n])}`).join("; ")} }`;
    case "__IDL_VariantClass__": {
      const [n, t] = type._fields.find(([name]) => name in v);
      return `variant { ${quoted(n)} = ${text(t, v[n])} }`;
    }
    case "__IDL_FuncClass__": return `func "${v[0].toText()}".${quoted(v[1])}`;
    case "__IDL_ServiceClass__": return `service "${v.toText()}"`;
    case "__IDL_PrincipalClass__": return `principal "${v.toText()}"`;
    case "__IDL_TextClass__": return `"${escaped(utf8(v))}"`;
    case "__IDL_NullClass__":
    case "__IDL_ReservedClass__": return "null";
    case "__IDL_FloatClass__": return /^-?\d+$/.test(`${v}`) ? `${v}.0` : `${v}`;
    default: return `${v}`;
  }
}
const texts = (types, values) => `(${types.map((t, i) => text(t, values[i])).join(", ")})`;

const { Bool, Empty, Float32, Float64, Int, Int8, Int16, Int32, Int64, Nat, Nat8, Nat16, Nat32, Nat64, Null, Opt, Record, Reserved, Text, Tuple, Variant, Vec } = IDL;
const ping = IDL.Func([Text, Opt(Nat)], [Bool], ["query"]);
const listener = IDL.Func([Vec(Nat8)], [], ["oneway"]);
const service = IDL.Service({ whoami: IDL.Func([], [IDL.Principal], ["query"]), ping, on: listener });
const ok = Variant({ Ok: Nat64, Err: Variant({ NoSuchDelegation: Null, Unauthorized: IDL.Principal }) });

// Every type, with values at its edges.
const values = [
  ["nothing", [], []],
  ["null and bool", [Null, Bool, Bool], [null, true, false]],
  ["nat", [Nat, Nat, Nat, Nat], [0n, 127n, 128n, 2n ** 64n]],
  ["a big nat", [Nat], [3n ** 200n]],
  ["int", [Int, Int, Int, Int, Int, Int], [0n, -1n, 63n, 64n, -64n, -65n]],
  ["a big int", [Int], [-(3n ** 200n)]],
  ["nat8 to nat64", [Nat8, Nat16, Nat32, Nat64], [255, 65_535, 4_294_967_295, 2n ** 64n - 1n]],
  ["int8 to int64", [Int8, Int16, Int32, Int64], [-128, -32_768, -2_147_483_648, -(2n ** 63n)]],
  ["int8 to int64, positive", [Int8, Int16, Int32, Int64], [127, 32_767, 2_147_483_647, 2n ** 63n - 1n]],
  ["float32", [Float32, Float32, Float32], [0, 1.5, -0.09375]],
  ["float64", [Float64, Float64, Float64], [0.1, -1e300, 5e-324]],
  ["text", [Text, Text, Text], ["", "whoami", "Zürich \"東京\" \\ 😀\n"]],
  ["reserved", [Reserved], [null]],
  ["principal", [IDL.Principal, IDL.Principal, IDL.Principal], [canister, Principal.anonymous(), Principal.managementCanister()]],
  ["blob", [Vec(Nat8), Vec(Nat8)], [bytes("candid blob", 200), new Uint8Array()]],
  ["vec", [Vec(Nat), Vec(Text), Vec(Vec(Bool))], [[1n, 2n, 3n], [], [[true], [], [false, true]]]],
  ["vec of sized numbers", [Vec(Nat16), Vec(Int64)], [new Uint16Array([1, 2, 65_535]), new BigInt64Array([-1n, 1n])]],
  ["opt", [Opt(Nat), Opt(Nat), Opt(Opt(Text)), Opt(Opt(Text)), Opt(Opt(Text))], [[], [7n], [], [[]], [["x"]]]],
  ["opt of null", [Opt(Null), Opt(Null)], [[], [null]]],
  ["record", [Record({ a: Nat, b: Text, "a field with spaces": Bool, ü: Null })], [{ a: 1n, b: "x", "a field with spaces": true, ü: null }]],
  ["an empty record", [Record({}), Vec(Record({}))], [{}, [{}, {}]]],
  ["tuple", [Tuple(Nat, Text), Vec(Tuple(Text, Text))], [[1n, "x"], [["Content-Type", "text/html"], ["Cache-Control", "no-store"]]]],
  ["a record of numbers", [Record({ _5_: Nat, _1_: Text, _4294967295_: Bool })], [{ _5_: 5n, _1_: "one", _4294967295_: true }]],
  ["variant", [ok, ok, ok], [{ Ok: 10_000n }, { Err: { NoSuchDelegation: null } }, { Err: { Unauthorized: user } }]],
  ["func", [ping, listener], [[canister, "ping"], [user, "a \"name\""]]],
  ["service", [service], [canister]],
  ["a service in a record", [Record({ s: service, f: Opt(ping) })], [{ s: canister, f: [[canister, "ping"]] }]],
  ["a list", [list, list], [[], [{ head: 1n, tail: [{ head: -2n, tail: [] }] }]]],
  ["a tree", [tree], [{ fork: { left: { leaf: 1n }, right: { fork: { left: { leaf: 2n }, right: { leaf: 3n } } } } }]],
  ["metadata", [metadata], [[["alias", { String: "laptop" }], ["more", { Map: [["aaguid", { Bytes: bytes("candid aaguid", 16) }], ["none", { Map: [] }]] }]]]],
  ["a stream", [stream], [[{ value: 1, next: [canister, "next"] }]]],
  ["the same type twice", [Vec(Record({ a: Nat })), Vec(Record({ a: Nat })), Record({ a: Nat })], [[{ a: 1n }], [{ a: 2n }], { a: 3n }]],
  ["a sign-in", [Nat64, Text, Vec(Nat8), Opt(Nat64)], [10_000n, "https://app.example", bytes("candid session", 44), [1_800_000_000_000n]]],
];

// Values read at another type: what the reader gets, or that it is an error.
// What stands last is the specification's answer where the library has another.
const reads = [
  ["nat as int", [Nat], [2n ** 70n], [Int], [2n ** 70n]],
  ["int as nat", [Int], [1n], [Nat]],
  ["nat8 as nat", [Nat8], [1], [Nat]],
  ["text as blob", [Text], ["a"], [Vec(Nat8)]],
  ["anything as reserved", [Vec(Text), ok], [["x"], { Ok: 1n }], [Reserved, Reserved]],
  ["more arguments, which may be null", [Nat], [1n], [Nat, Opt(Text), Null, Reserved], [1n, [], null, null]],
  ["fewer arguments", [Nat, Text, Bool], [1n, "x", true], [Nat]],
  ["no arguments", [Nat, Text], [1n, "x"], []],
  ["nat as opt nat", [Nat], [5n], [Opt(Nat)]],
  ["nat as opt int", [Nat], [5n], [Opt(Int)], [[5n]]],
  ["text as opt nat", [Text], ["x"], [Opt(Nat)]],
  ["null as opt nat", [Null], [null], [Opt(Nat)]],
  ["reserved as opt nat", [Reserved], [null], [Opt(Nat)]],
  ["opt nat as nat", [Opt(Nat)], [[1n]], [Nat]],
  ["opt text as opt nat", [Opt(Text)], [["x"]], [Opt(Nat)]],
  ["opt nat as opt opt nat", [Opt(Nat)], [[1n]], [Opt(Opt(Nat))]],
  ["more fields than wanted", [Record({ a: Nat, b: Text, c: Vec(Bool) })], [{ a: 1n, b: "x", c: [true] }], [Record({ b: Text })]],
  ["a missing optional field", [Record({ a: Nat })], [{ a: 1n }], [Record({ a: Nat, b: Opt(Text), c: Null, d: Reserved })], [{ a: 1n, b: [], c: null, d: null }]],
  ["a missing field", [Record({ a: Nat })], [{ a: 1n }], [Record({ a: Nat, b: Text })]],
  ["a field of another type", [Record({ a: Nat })], [{ a: 1n }], [Record({ a: Text })]],
  ["an optional field of another type", [Record({ a: Nat, b: Bool })], [{ a: 1n, b: true }], [Record({ a: Opt(Text), b: Bool })]],
  ["fewer variants", [Variant({ a: Null })], [{ a: null }], [Variant({ a: Null, b: Text })]],
  ["an unknown variant", [Variant({ a: Null, c: Nat })], [{ c: 1n }], [Variant({ a: Null, b: Text })]],
  ["an unknown variant under opt", [Opt(Variant({ a: Null, c: Nat }))], [[{ c: 1n }]], [Opt(Variant({ a: Null }))]],
  ["an unknown variant in an optional field", [Record({ v: Opt(Variant({ c: Nat })), n: Nat })], [{ v: [{ c: 1n }], n: 2n }], [Record({ v: Opt(Variant({ a: Null })), n: Nat })]],
  ["a variant of another type", [Variant({ a: Nat })], [{ a: 1n }], [Variant({ a: Text })]],
  ["vec of records that grew", [Vec(Record({ a: Nat, b: Nat }))], [[{ a: 1n, b: 2n }, { a: 3n, b: 4n }]], [Vec(Record({ a: Int, c: Opt(Text) }))], [[{ a: 1n, c: [] }, { a: 3n, c: [] }]]],
  ["vec as opt vec", [Vec(Nat8)], [utf8("abc")], [Opt(Vec(Nat8))]],
  ["a list that grew", [list], [[{ head: 1n, tail: [{ head: 2n, tail: [] }] }]], [longer]],
  ["a list that shrank", [longer], [[{ head: 1n, tail: [{ head: 2n, tail: [], more: [] }], more: ["x"] }]], [list]],
  ["a record as a tuple", [Record({ _0_: Text, _1_: Nat })], [{ _0_: "x", _1_: 1n }], [Tuple(Text, Nat)]],
  ["a function with more arguments", [IDL.Func([Text], [Bool], ["query"])], [[canister, "ping"]], [IDL.Func([Text, Nat], [Bool], ["query"])]],
  ["a function with another mode", [IDL.Func([Text], [Bool], ["query"])], [[canister, "ping"]], [IDL.Func([Text], [Bool])]],
  ["a function with another result", [IDL.Func([], [Nat])], [[canister, "ping"]], [IDL.Func([], [Text])]],
  ["a service with more methods", [service], [canister], [IDL.Service({ ping })]],
  ["a service without a method", [IDL.Service({ ping })], [canister], [service]],
  ["bool as nat8", [Bool], [true], [Nat8]],
  ["float32 as float64", [Float32], [1.5], [Float64]],
  ["principal as text", [IDL.Principal], [canister], [Text]],
];

// Pairs of types and whether every value of the first can be read as the second.
const relations = [
  [Nat, Int], [Int, Nat], [Empty, Text], [Text, Reserved], [Nat8, Nat16], [Null, Opt(Nat)], [Nat, Opt(Text)], [Opt(Nat), Nat],
  [Vec(Nat), Vec(Int)], [Vec(Int), Vec(Nat)], [Vec(Empty), Vec(Text)],
  [Record({ a: Nat, b: Text }), Record({ a: Int })], [Record({ a: Nat }), Record({ a: Nat, b: Text })], [Record({}), Record({ b: Opt(Text) })], [Record({ a: Nat }), Record({ a: Text })],
  [Record({}), Record({ b: Null })], [Record({}), Record({ b: Reserved })],
  [Variant({ a: Nat }), Variant({ a: Int, b: Null })], [Variant({ a: Nat, b: Null }), Variant({ a: Nat })], [Variant({}), Variant({ a: Null })],
  [list, longer], [longer, list], [list, tree], [tree, tree],
  [IDL.Func([Int], [Nat]), IDL.Func([Nat], [Int])], [IDL.Func([Nat], [Int]), IDL.Func([Int], [Nat])], [IDL.Func([], [Nat]), IDL.Func([Text], [])], [IDL.Func([Text], []), IDL.Func([], [])],
  [IDL.Func([Opt(Text)], []), IDL.Func([], [])], [IDL.Func([], []), IDL.Func([], [], ["query"])], [IDL.Func([], [], ["query"]), IDL.Func([], [], ["query"])],
  [service, IDL.Service({ ping })], [IDL.Service({ ping }), service], [IDL.Service({ ping }), IDL.Service({})],
];

// Messages that are none. A length or index that lies, a value cut short.
const malformed = {
  "nothing": ["", []],
  "another beginning": ["4449444d0000", []],
  "no type table": ["4449444c", []],
  "a byte too many": ["4449444c000000", []],
  "a value cut short": ["4449444c00017d", [Nat]],
  "a nat8 cut short": ["4449444c000178ffffff", [Nat64]],
  "a text cut short": ["4449444c000171056162", [Text]],
  "a bool of 2": ["4449444c00017e02", [Bool]],
  "a type that is not in the table": ["4449444c000105", [Reserved]],
  "a type in the table that is not there": ["4449444c016e0501006e", [Reserved]],
  "a primitive in the table": ["4449444c017d010000", [Reserved]],
  "fields out of order": ["4449444c016c02017d007d01000101", [Reserved]],
  "a field twice": ["4449444c016c02007d007d01000101", [Reserved]],
  "an opt of 2": ["4449444c016e7d010002", [Opt(Nat)]],
  "a variant that is not there": ["4449444c016b01007f010001", [Reserved]],
  "an unknown annotation": ["4449444c016a00000104010000", [Reserved]],
  "a principal that is hidden": ["4449444c00016800", [IDL.Principal]],
  "too few arguments": ["4449444c00017d01", [Nat, Text]],
  "a text that is not UTF-8": ["4449444c000171" + "02c328", [Text]],
};

export default function candid() {
  const all = program();
  const fields = (types, vs, encoded) => ({ program: all, types: args(types), values: texts(types, vs), hex: hex(encoded) });
  const value = values.map(([name, types, vs]) => {
    const encoded = IDL.encode(types, vs);
    if (texts(types, IDL.decode(types, encoded)) !== texts(types, vs)) throw new Error(`${name}: the library reads something else`);
    return known(name, fields(types, vs, encoded));
  });
  const read = reads.map(([name, wire, vs, types, specification]) => {
    const encoded = IDL.encode(wire, vs);
    let result;
    try {
      result = { accepted: true, values: texts(types, IDL.decode(types, encoded)) };
    } catch {
      result = { accepted: false };
    }
    const of = { program: all, types: args(types), hex: hex(encoded) };
    if (specification === undefined) return known(name, { ...of, ...result });
    const answer = texts(types, specification);
    return specified(name, { ...of, accepted: true, values: answer }, "Candid specification", answer !== result.values);
  });
  const subtype = relations.map(([a, b]) => {
    IDL.resetSubtypeCache();
    const types = [a, b];
    return known(types.map((t) => did(t)).join(" <: "), { program: all, types: args(types), subtype: IDL.subtype(a, b) });
  });
  const labels = ["", "a", "b", "canister_id", "Ok", "Err", "a field with spaces", "ü", "identity_number", "_5_", "_4294967295_", "😀".repeat(20)];
  return {
    value,
    read,
    subtype,
    fieldId: labels.map((l) => known(l || "no name", { label: /^_\d+_$/.test(l) ? l.slice(1, -1) : JSON.stringify(l), id: idlLabelToId(l) })),
    malformed: Object.entries(malformed).map(([name, [h, types]]) => {
      const decode = () => IDL.decode(types, unhex(h));
      const of = { types: args(types), hex: h };
      return accepts(decode) ? specified(name, of, "Candid specification", true) : refused(name, of, decode);
    }),
  };
}
