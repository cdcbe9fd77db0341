import { Cbor, lookup_path, lookup_subtree, LookupPathStatus, LookupSubtreeStatus, reconstruct } from "@icp-sdk/core/agent";
import { bytes, hex, known, seed, specified, utf8 } from "./lib.mjs";

const raw = (label) => (typeof label === "string" ? utf8(label) : label);
export const empty = [0];
export const fork = (left, right) => [1, left, right];
export const labeled = (label, sub) => [2, raw(label), sub];
export const leaf = (value) => [3, raw(value)];
export const pruned = (digest) => [4, digest];

// prune replaces a tree by its digest.
export const prune = async (tree) => pruned(await reconstruct(tree));

// row forks over trees that stand side by side, leaning to one side or balanced.
function row(trees, shape) {
  if (trees.length === 0) return empty;
  if (trees.length === 1) return trees[0];
  const at = { left: trees.length - 1, right: 1, balanced: trees.length >> 1 }[shape];
  return fork(row(trees.slice(0, at), shape), row(trees.slice(at), shape));
}

// The answer of the specification (IC interface spec, Lookup): the library
// compares labels in a way that differs for some.
function compare(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
function flatten(tree) {
  if (tree[0] === 0) return [];
  return tree[0] === 1 ? [...flatten(tree[1]), ...flatten(tree[2])] : [tree];
}
function find(label, trees) {
  const below = (t) => t[0] === 2 && compare(t[1], label) < 0;
  const above = (t) => t[0] === 2 && compare(t[1], label) > 0;
  const found = trees.find((t) => t[0] === 2 && compare(t[1], label) === 0);
  if (found) return found[2];
  for (let i = 0; i + 1 < trees.length; i++) if (below(trees[i]) && above(trees[i + 1])) return "absent";
  if (trees.length === 0 || above(trees[0]) || below(trees.at(-1))) return "absent";
  return trees.length === 1 && trees[0][0] === 3 ? "absent" : "unknown";
}
function subtree(path, tree) {
  for (const label of path) {
    tree = find(raw(label), flatten(tree));
    if (typeof tree === "string") return tree;
  }
  return tree;
}
function lookup(path, tree) {
  const sub = subtree(path, tree);
  if (typeof sub === "string") return { status: sub };
  switch (sub[0]) {
    case 0: return { status: "absent" };
    case 3: return { status: "found", value: hex(sub[1]) };
    case 4: return { status: "unknown" };
    default: return { status: "error" };
  }
}

const statuses = {
  [LookupPathStatus.Found]: "found",
  [LookupPathStatus.Absent]: "absent",
  [LookupPathStatus.Unknown]: "unknown",
  [LookupPathStatus.Error]: "error",
  [LookupSubtreeStatus.Found]: "found",
};

const show = (path) => path.map((label) => hex(raw(label)));

// looked is the look-up of a value, by the specification. Where the library says
// something else, its word stands beside.
function looked(tree, path) {
  const theirs = lookup_path(path, tree);
  const ours = lookup(path, tree);
  const agree = statuses[theirs.status] === ours.status && (theirs.value ? hex(theirs.value) : undefined) === ours.value;
  return { path: show(path), ...ours, ...(agree ? {} : { client: statuses[theirs.status] }) };
}

// lookedSubtree is the look-up of a tree; what is found is told by its digest.
async function lookedSubtree(tree, path) {
  const theirs = lookup_subtree(path, tree);
  const ours = subtree(path, tree);
  const status = typeof ours === "string" ? ours : "found";
  const digest = status === "found" ? hex(await reconstruct(ours)) : undefined;
  const agree = statuses[theirs.status] === status && (status !== "found" || hex(await reconstruct(theirs.value)) === digest);
  return { path: show(path), status, digest, ...(agree ? {} : { client: statuses[theirs.status] }) };
}

// The trees: whole, and pruned in many ways.
async function trees() {
  const names = ["a", "aa", "ab", "b", "ba", "canister", "canister_ranges", "z"];
  const flat = names.map((n) => labeled(n, leaf(`value of ${n}`)));
  const hidden = await Promise.all(flat.map(prune));
  const state = [
    labeled("canister", labeled(bytes("tree id", 10), row([labeled("certified_data", leaf(seed("tree data"))), labeled("module_hash", leaf(seed("tree module")))], "balanced"))),
    labeled("request_status", row([labeled(seed("tree 0"), row([labeled("reply", leaf("DIDL")), labeled("status", leaf("replied"))], "left"))], "left")),
    labeled("time", leaf(bytes("tree time", 9))),
  ];
  return {
    "nothing": empty,
    "a value": leaf("alone"),
    "an empty value": leaf(""),
    "a label": labeled("a", leaf("x")),
    "an empty label": labeled("", leaf("x")),
    "a label over nothing": labeled("a", empty),
    "nothing beside nothing": fork(empty, empty),
    "nothing beside a label": fork(empty, labeled("b", leaf("x"))),
    "leaning left": row(flat, "left"),
    "leaning right": row(flat, "right"),
    "balanced": row(flat, "balanced"),
    "only the first": row([flat[0], ...hidden.slice(1)], "balanced"),
    "only the last": row([...hidden.slice(0, -1), flat.at(-1)], "balanced"),
    "every second": row(flat.map((t, i) => (i % 2 ? t : hidden[i])), "right"),
    "neighbours": row([hidden[0], hidden[1], flat[2], flat[3], ...hidden.slice(4)], "left"),
    "all pruned": row(hidden, "balanced"),
    "one digest": await prune(row(flat, "balanced")),
    "a state": row(state, "balanced"),
    "a state with one status": row([await prune(state[0]), state[1], state[2]], "left"),
    "a label over a digest": labeled("a", pruned(seed("tree digest"))),
    "raw labels": row([labeled(new Uint8Array([0]), leaf("0")), labeled(new Uint8Array([0, 0]), leaf("00")), labeled(new Uint8Array([0xff]), leaf("ff"))], "left"),
    "deep": Array.from({ length: 40 }).reduce((tree) => labeled("x", tree), leaf("deep")),
  };
}

export default async function hashtree() {
  const all = await trees();
  const paths = {
    default: [[], ["a"], ["b"], [""], ["0"], ["zz"], ["a", "x"]],
    flat: [["a"], ["aa"], ["aaa"], ["ab"], ["ac"], ["az"], ["b"], ["ba"], ["bb"], ["canister"], ["canister_"], ["canister_ranges"], ["canister_rangez"], ["d"], ["z"], ["zz"], [""], ["A"], ["ba", "x"]],
    state: [["time"], ["tim"], ["times"], ["canister"], ["request_status", seed("tree 0"), "status"], ["request_status", seed("tree 0"), "reply"], ["request_status", seed("tree 0"), "reject_code"],
      ["request_status", seed("tree 0")], ["request_status", seed("tree 1"), "status"], ["canister", bytes("tree id", 10), "module_hash"], ["canister", bytes("tree id", 10), "metadata"], ["zzz"], ["aaa"]],
    raw: [[new Uint8Array([0])], [new Uint8Array([0, 0])], [new Uint8Array([0, 1])], [new Uint8Array([1])], [new Uint8Array([0xff])], [new Uint8Array([0xff, 0])], [new Uint8Array()]],
    deep: [Array(40).fill("x"), Array(39).fill("x"), Array(41).fill("x"), [...Array(39).fill("x"), "y"]],
  };
  const pathsOf = (name) => {
    if (name.startsWith("a state")) return paths.state;
    if (name === "raw labels") return paths.raw;
    if (name === "deep") return paths.deep;
    return ["leaning", "balanced", "only", "every", "neighbours", "all pruned"].some((n) => name.startsWith(n)) ? paths.flat : paths.default;
  };
  const cases = [];
  for (const [name, tree] of Object.entries(all)) {
    const values = pathsOf(name).map((path) => looked(tree, path));
    const subtrees = await Promise.all(pathsOf(name).map((path) => lookedSubtree(tree, path)));
    cases.push(known(name, { tree: hex(Cbor.encode(tree)), digest: hex(await reconstruct(tree)), values, subtrees }));
  }
  return { tree: cases, malformed: malformed() };
}

// malformed are no trees (IC interface spec, Encoding of certificates). Any
// CBOR is a tree to the library, so the answers are the specification's.
function malformed() {
  const cases = {
    "a node of no kind": [5, seed("x")],
    "a fork with one side": [1, leaf("x")],
    "a label without a tree": [2, utf8("a")],
    "a label that is text": [2, "a", leaf("x")],
    "a value that is text": [3, "x"],
    "a digest of 31 bytes": pruned(seed("x").slice(1)),
    "a digest of 33 bytes": pruned(bytes("x", 33)),
    "labels out of order": fork(labeled("b", leaf("x")), labeled("a", leaf("y"))),
    "a label twice": fork(labeled("a", leaf("x")), labeled("a", leaf("y"))),
    "a map": { a: 1 },
    "a number": 1,
    "an empty list": [],
  };
  return Object.entries(cases).map(([name, tree]) => specified(name, { tree: hex(Cbor.encode(tree)) }, "IC interface specification", true));
}
