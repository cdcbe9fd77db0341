import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode as encodeUntagged } from "@dfinity/cbor";
import {
  Cbor, Certificate, IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, IC_STATE_ROOT_DOMAIN_SEPARATOR,
  lookup_path, LookupPathStatus, reconstruct, requestIdOf,
} from "@icp-sdk/core/agent";
import { lebEncode } from "@icp-sdk/core/candid";
import { Delegation, DelegationChain } from "@icp-sdk/core/identity";
import { Principal } from "@icp-sdk/core/principal";
import { fork, labeled, leaf, prune } from "./hashtree.mjs";
import { bls, ed25519, p256Identity, secp256k1 } from "./keys.mjs";
import { bytes, concat, hex, known, seed, unhex, utf8 } from "./lib.mjs";

const time = 1_700_000_000_000_000_000n;
const id = (text) => Principal.fromHex(text);
const root = bls("root key");
const subnet = bls("subnet key");
const stranger = bls("stranger's key");

// One delegation certificate of the root subnet. The subnet's tree is whole
// unless a caller leaves parts out.
const ranges = [["00000000000000000101", "00000000000000ff0101"], ["00000000000010000101", "0000000000001fff0101"]];
const encodeRanges = (r) => Cbor.encode(r.map(([low, high]) => [unhex(low), unhex(high)]));
const beside = (trees) => trees.filter(Boolean).reduceRight((right, left) => (right ? fork(left, right) : left), undefined);

export async function delegate({ signer = root, key = subnet, subnetId = key.id, treeId = subnetId, flat, sharded, publicKey = true, nested, tamper } = {}) {
  const sid = treeId.toUint8Array();
  const shards = sharded?.map(([low, high, hide]) => [labeled(unhex(low), leaf(encodeRanges([[low, high]]))), hide]);
  const tree = beside([
    shards && labeled("canister_ranges", labeled(sid, beside(await Promise.all(shards.map(([shard, hide]) => (hide ? prune(shard) : shard)))))),
    labeled("subnet", labeled(sid, beside([
      flat && labeled("canister_ranges", leaf(encodeRanges(flat))),
      publicKey && labeled("public_key", leaf(key.der)),
      labeled("type", leaf("application")),
    ]))),
    labeled("time", leaf(lebEncode(time))),
  ]);
  let certificate = await certify(tree, signer, nested);
  if (tamper) certificate = tamper(certificate);
  return { subnet_id: subnetId.toUint8Array(), certificate };
}

// certify signs a tree.
export async function certify(tree, signer, delegation, { domain = IC_STATE_ROOT_DOMAIN_SEPARATOR, encode = Cbor.encode } = {}) {
  const signature = signer.sign(concat(domain, await reconstruct(tree)));
  return encode({ tree, signature, ...(delegation && { delegation }) });
}

const state = (canister) => fork(
  labeled("canister", labeled(canister.toUint8Array(), labeled("certified_data", leaf(seed("certified data"))))),
  labeled("time", leaf(lebEncode(time))),
);

// flipped changes one bit of a field of an encoded certificate.
const flipped = (certificate, field) => {
  const decoded = Cbor.decode(certificate);
  const changed = decoded[field].slice();
  changed[changed.length - 1] ^= 1;
  return Cbor.encode({ ...decoded, [field]: changed });
};

// verified tells whether the library accepts a certificate.
async function verified(certificate, rootKey, principal) {
  try {
    await Certificate.create({ certificate, rootKey, principal, disableTimeVerification: true });
    return true;
  } catch {
    return false;
  }
}

const inFirst = id("00000000000000070101");
const inSecond = id("00000000000010000101");
const flat = { flat: ranges };
const sharded = { sharded: ranges };
const of = (canister) => ({ canister });

// Certificates: the canister or subnet that they are to speak of, and how they
// are made.
const certificates = {
  "of the root subnet": [of(inFirst), () => certify(state(inFirst), root)],
  "of the root subnet, signed by another": [of(inFirst), () => certify(state(inFirst), stranger)],
  "without the domain": [of(inFirst), () => certify(state(inFirst), root, undefined, { domain: new Uint8Array() })],
  "without the tag": [of(inFirst), () => certify(state(inFirst), root, undefined, { encode: encodeUntagged })],
  "with another signature": [of(inFirst), async () => flipped(await certify(state(inFirst), root), "signature")],
  "with another value": [of(inFirst), async () => {
    const decoded = Cbor.decode(await certify(state(inFirst), root));
    return Cbor.encode({ ...decoded, tree: state(inSecond) });
  }],
  "with the signature at infinity": [of(inFirst), async () => {
    const decoded = Cbor.decode(await certify(state(inFirst), root));
    return Cbor.encode({ ...decoded, signature: unhex(`c0${"00".repeat(47)}`) });
  }],
  "flat ranges": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate(flat))],
  "flat ranges, first of a range": [of(inSecond), async () => certify(state(inSecond), subnet, await delegate(flat))],
  "flat ranges, last of a range": [of(id("0000000000001fff0101")), async () => certify(state(inFirst), subnet, await delegate(flat))],
  "flat ranges, below": [of(id("00000000000000000100")), async () => certify(state(inFirst), subnet, await delegate(flat))],
  "flat ranges, above": [of(id("00000000000020000101")), async () => certify(state(inFirst), subnet, await delegate(flat))],
  "flat ranges, between": [of(id("00000000000001000101")), async () => certify(state(inFirst), subnet, await delegate(flat))],
  "sharded ranges": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate(sharded))],
  "sharded ranges, other shard": [of(inSecond), async () => certify(state(inSecond), subnet, await delegate({ sharded: [[...ranges[0], true], ranges[1]] }))],
  "sharded ranges, its shard hidden": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ sharded: [[...ranges[0], true], ranges[1]] }))],
  "sharded ranges, above": [of(id("00000000000020000101")), async () => certify(state(inFirst), subnet, await delegate(sharded))],
  "both kinds of ranges": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, ...sharded }))],
  "no ranges": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({}))],
  "no ranges, for the subnet": [{ subnet: subnet.id }, async () => certify(state(inFirst), subnet, await delegate({}))],
  "for the subnet": [{ subnet: subnet.id }, async () => certify(state(inFirst), subnet, await delegate(flat))],
  "for another subnet": [{ subnet: stranger.id }, async () => certify(state(inFirst), subnet, await delegate(flat))],
  "without the subnet's key": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, publicKey: false }))],
  "the delegation of another subnet": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, subnetId: stranger.id, treeId: subnet.id }))],
  "signed by another than the subnet": [of(inFirst), async () => certify(state(inFirst), stranger, await delegate(flat))],
  "signed by the root key, with a delegation": [of(inFirst), async () => certify(state(inFirst), root, await delegate(flat))],
  "the delegation signed by another": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, signer: stranger }))],
  "the delegation with another signature": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, tamper: (c) => flipped(c, "signature") }))],
  "a delegation inside a delegation": [of(inFirst), async () => certify(state(inFirst), subnet, await delegate({ ...flat, signer: stranger, nested: await delegate({ ...flat, key: stranger }) }))],
};

// canisterKey is the key under which a canister signs.
export function canisterKey(canister, seedBytes) {
  const raw = concat(new Uint8Array([canister.toUint8Array().length]), canister.toUint8Array(), seedBytes);
  const algorithm = unhex("300c060a2b0601040183b8430102");
  const bits = concat(new Uint8Array([0x03, raw.length + 1, 0]), raw);
  return concat(new Uint8Array([0x30, algorithm.length + bits.length]), algorithm, bits);
}

// canisterSign signs as a canister does: its tree in its certified data, in a
// certificate.
export async function canisterSign(canister, seedBytes, payload, { signer = subnet, delegation, certified, leafPayload = payload, leafSeed = seedBytes } = {}) {
  const tree = fork(await prune(labeled("http_expr", leaf("x"))), labeled("sig", labeled(sha256(leafSeed), labeled(sha256(leafPayload), leaf("")))));
  const data = certified ?? (await reconstruct(tree));
  const certificate = await certify(fork(
    labeled("canister", labeled(canister.toUint8Array(), labeled("certified_data", leaf(data)))),
    labeled("time", leaf(lebEncode(time))),
  ), signer, delegation ?? (await delegate(flat)));
  return Cbor.encode({ certificate, tree });
}

// canisterVerified checks such a signature with what the library has.
async function canisterVerified(canister, seedBytes, payload, signature) {
  const { certificate, tree } = Cbor.decode(signature);
  let checked;
  try {
    checked = await Certificate.create({ certificate, rootKey: root.der, principal: { canisterId: canister }, disableTimeVerification: true });
  } catch {
    return false;
  }
  const data = checked.lookup_path(["canister", canister.toUint8Array(), "certified_data"]);
  return data.status === LookupPathStatus.Found && hex(data.value) === hex(await reconstruct(tree)) &&
    lookup_path(["sig", sha256(seedBytes), sha256(payload)], tree).status === LookupPathStatus.Found;
}

const keySeed = seed("canister key seed");
const payload = utf8("a payload");
const canisterSignatures = {
  "valid": [inFirst, {}],
  "of a canister in the other range": [inSecond, {}],
  "of a canister out of range": [id("00000000000020000101"), {}],
  "of a canister on the root subnet": [inFirst, { signer: root, delegation: false }],
  "over another payload": [inFirst, { leafPayload: utf8("another payload") }],
  "with another seed": [inFirst, { leafSeed: seed("another seed") }],
  "with a tree that is not certified": [inFirst, { certified: seed("other data") }],
  "by another subnet": [inFirst, { signer: stranger }],
};

async function delegations() {
  const session = ed25519("session").getPublicKey().toDer();
  const cases = {
    "no targets": [session, time],
    "one target": [session, time, [inFirst]],
    "targets out of order": [session, time, [inSecond, inFirst, Principal.managementCanister()]],
    "an empty list of targets": [session, time, []],
    "queries only": [session, time, undefined, "queries"],
    "all permissions, with a target": [session, time, [inFirst], "all"],
    "expired in 1970": [session, 0n],
    "the last nanosecond": [session, 2n ** 64n - 1n],
    "an odd number of hex digits": [session, 0xabcn],
    "a long key": [bytes("a long key", 300), time],
  };
  return Object.entries(cases).map(([name, [key, expiration, targets, permissions]]) => {
    const d = new Delegation(key, expiration, targets, permissions);
    const hash = requestIdOf({ ...d });
    return known(name, {
      publicKey: hex(key), expiration: expiration.toString(), targets: targets?.map((t) => hex(t.toUint8Array())), permissions,
      hash: hex(hash), signedBytes: hex(concat(IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, hash)),
    });
  });
}

// chains made by the library, with the keys of all kinds; package ingress
// verifies them.
export async function chains() {
  const identities = [await p256Identity("chain 0"), ed25519("chain 1"), secp256k1("chain 2"), ed25519("chain 3")];
  const expiration = new Date(Number(time / 1_000_000n));
  const made = {};
  let previous;
  for (let i = 0; i + 1 < identities.length; i++) {
    previous = await DelegationChain.create(identities[i], identities[i + 1].getPublicKey(), new Date(+expiration + i), {
      previous, ...(i === 1 && { targets: [inFirst, inSecond] }), ...(i === 2 && { targets: [inFirst], permissions: "queries" }),
    });
    made[`${i + 1} delegations`] = previous;
  }
  made["targets: none"] = await DelegationChain.create(identities[1], identities[2].getPublicKey(), expiration, { targets: [] });
  made["an odd expiration"] = DelegationChain.fromDelegations(
    [{ delegation: new Delegation(identities[1].getPublicKey().toDer(), 0xabcn), signature: bytes("no signature", 64) }],
    identities[0].getPublicKey().toDer());
  return made;
}

export default async function certificate() {
  const blsCases = ["root key", "subnet key", "stranger's key"].map((name, i) => {
    const key = bls(name);
    const message = bytes("bls message", 7 * i);
    const signature = key.sign(message);
    const { shortSignatures: scheme } = bls12_381;
    if (!scheme.verify(signature, scheme.hash(message), key.raw)) throw new Error("our own signature does not verify");
    return known(name, { secret: hex(key.secret), public: hex(key.raw), der: hex(key.der), subnetId: key.id.toText(), message: hex(message), signature: hex(signature) });
  });
  const certificateCases = [];
  for (const [name, [about, make]] of Object.entries(certificates)) {
    const encoded = await make();
    const principal = about.canister ? { canisterId: about.canister } : { subnetId: about.subnet };
    const valid = await verified(encoded, root.der, principal);
    const fields = { certificate: hex(encoded), rootKey: hex(root.der), canister: about.canister?.toText(), subnet: about.subnet?.toText(), time: time.toString(), valid };
    certificateCases.push(known(name, fields));
    if (valid) certificateCases.push(known(`${name}, under another root key`, { ...fields, rootKey: hex(stranger.der), valid: await verified(encoded, stranger.der, principal) }));
  }
  const signatureCases = [];
  for (const [name, [canister, how]] of Object.entries(canisterSignatures)) {
    const signature = await canisterSign(canister, keySeed, payload, how);
    const valid = await canisterVerified(canister, keySeed, payload, signature);
    signatureCases.push(known(name, { rootKey: hex(root.der), canister: canister.toText(), seed: hex(keySeed), key: hex(canisterKey(canister, keySeed)), payload: hex(payload), signature: hex(signature), valid }));
  }
  return {
    bls: blsCases,
    delegation: await delegations(),
    chain: Object.entries(await chains()).map(([name, chain]) => {
      const json = chain.toJSON();
      if (JSON.stringify(DelegationChain.fromJSON(JSON.stringify(json)).toJSON()) !== JSON.stringify(json)) throw new Error(`${name}: the library reads something else`);
      return known(name, {
        json: JSON.stringify(json),
        publicKey: hex(chain.publicKey),
        delegations: chain.delegations.map(({ delegation: d, signature }) => ({
          publicKey: hex(d.pubkey), expiration: d.expiration.toString(), targets: d.targets?.map((t) => t.toText()), permissions: d.permissions, signature: hex(signature),
        })),
      });
    }),
    certificate: certificateCases,
    canisterSignature: signatureCases,
  };
}
