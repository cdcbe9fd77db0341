import { AnonymousIdentity, Cbor, HttpAgent, IC_RESPONSE_DOMAIN_SEPARATOR, hashOfMap, requestIdOf } from "@icp-sdk/core/agent";
import { AttributesIdentity, DelegationChain, DelegationIdentity, Delegation } from "@icp-sdk/core/identity";
import { Principal } from "@icp-sdk/core/principal";
import { canisterKey, canisterSign, chains } from "./certificate.mjs";
import { bls, ed25519, p256Identity, secp256k1 } from "./keys.mjs";
import { bytes, concat, hex, known, seed, utf8 } from "./lib.mjs";
import { identity as webAuthn, withAuthenticator } from "./webauthn.mjs";

const now = 1_700_000_000_000; // ms, the clock while the requests are made
const nanoseconds = (ms) => BigInt(ms) * 1_000_000n;
const canister = Principal.fromText("rdmx6-jaaaa-aaaaa-aaadq-cai");
const other = Principal.fromText("ryjl3-tyaaa-aaaaa-aaaba-cai");
const arg = utf8("DIDL\0\0");
const root = bls("root key");

// atTime runs something with the clock standing still.
async function atTime(run) {
  const real = Date.now;
  Date.now = () => now;
  try {
    return await run();
  } finally {
    Date.now = real;
  }
}

// captured sends a request with the library's agent and keeps what it sent.
async function captured(identity, send) {
  let sent;
  const agent = HttpAgent.createSync({
    identity,
    host: "http://localhost:4943",
    rootKey: root.der,
    verifyQuerySignatures: false,
    retryTimes: 0,
    fetch: async (url, { body }) => {
      sent = { path: new URL(url).pathname, body: new Uint8Array(body) };
      return new Response(Cbor.encode({ status: "replied", reply: { arg } }), { status: 200 });
    },
  });
  await atTime(() => send(agent).catch(() => undefined));
  return sent;
}

// The requests that the agent makes.
const sends = {
  call: (agent) => agent.call(canister, { methodName: "prepare_delegation", arg: bytes("ingress arg", 120), nonce: bytes("ingress nonce", 16) }),
  query: (agent) => agent.query(canister, { methodName: "whoami", arg }),
  readState: (agent) => agent.readState({ canisterId: canister }, { paths: [[utf8("time")], [utf8("request_status"), seed("ingress request"), utf8("status")]] }),
};
const kinds = { call: "call", query: "query", readState: "read_state" };

// Identities, and for each whether its requests may pass and why not.
async function identities() {
  const session = ed25519("ingress session");
  const later = new Date(now + 3_600_000);
  const chain = (from, options, expiration = later) => DelegationChain.create(from, session.getPublicKey(), expiration, options);
  const delegated = (c, key = session) => DelegationIdentity.fromDelegation(key, c);
  const three = (await chains())["3 delegations"];
  const keySeed = seed("ingress canister seed");
  const key = canisterKey(canister, keySeed);
  const signedByCanister = new Delegation(session.getPublicKey().toDer(), nanoseconds(+later));
  const canisterChain = DelegationChain.fromDelegations([{
    delegation: signedByCanister,
    signature: await canisterSign(canister, keySeed, concat(utf8("\x1aic-request-auth-delegation"), requestIdOf({ ...signedByCanister }))),
  }], key);
  const info = bytes("sender info", 60);
  const infoSignature = await canisterSign(canister, keySeed, concat(utf8("\x0eic-sender-info"), info));
  const vouched = (signer, data = info) => new AttributesIdentity({ inner: delegated(canisterChain), attributes: { data, signature: infoSignature }, signer: { canisterId: signer } });
  const rejoined = (c, change) => DelegationChain.fromDelegations(c.delegations.map(change), c.publicKey);
  const all = ["call", "query", "readState"];
  return {
    "anonymous": { identity: new AnonymousIdentity(), passes: all },
    "Ed25519": { identity: session, passes: all },
    "P-256": { identity: await p256Identity("ingress P-256"), passes: all },
    "secp256k1": { identity: secp256k1("ingress secp256k1"), passes: all },
    "WebAuthn ES256": { identity: webAuthn("ES256"), passkey: "ES256", passes: all },
    "WebAuthn EdDSA": { identity: webAuthn("EdDSA"), passkey: "EdDSA", passes: all },
    "WebAuthn RS256": { identity: webAuthn("RS256"), passkey: "RS256", passes: all },
    "delegated by Ed25519": { identity: delegated(await chain(ed25519("ingress Ed25519"))), passes: all },
    "delegated by P-256": { identity: delegated(await chain(await p256Identity("ingress P-256"))), passes: all },
    "delegated by a passkey": { identity: delegated(await withAuthenticator("ES256", {}, () => chain(webAuthn("ES256")))), passes: all },
    "delegated by a canister": { identity: delegated(canisterChain), passes: all },
    "with the right target": { identity: delegated(await chain(ed25519("ingress Ed25519"), { targets: [other, canister] })), passes: all },
    "with another target": { identity: delegated(await chain(ed25519("ingress Ed25519"), { targets: [other] })), passes: ["readState"] },
    "with no target": { identity: delegated(await chain(ed25519("ingress Ed25519"), { targets: [] })), passes: ["readState"] },
    "for queries only": { identity: delegated(await chain(ed25519("ingress Ed25519"), { permissions: "queries" })), passes: ["query", "readState"] },
    "for all": { identity: delegated(await chain(ed25519("ingress Ed25519"), { permissions: "all" })), passes: all },
    "for something unknown": { identity: delegated(await chain(ed25519("ingress Ed25519"), { permissions: "reads" })), passes: [] },
    "expired": { identity: delegated(await chain(ed25519("ingress Ed25519"), {}, new Date(now - 1))), passes: [] },
    "expiring now": { identity: delegated(await chain(ed25519("ingress Ed25519"), {}, new Date(now))), passes: all },
    "through three keys": { identity: delegated(three, ed25519("chain 3")), passes: ["query", "readState"] },
    "signed by a key that is not the last": { identity: delegated(await chain(ed25519("ingress Ed25519")), ed25519("ingress stranger")), passes: [] },
    "with another signature in the chain": {
      identity: delegated(rejoined(await chain(ed25519("ingress Ed25519")), ({ delegation }) => ({ delegation, signature: bytes("not a signature", 64) }))), passes: [],
    },
    "with a longer life than was signed": {
      identity: delegated(rejoined(await chain(ed25519("ingress Ed25519")), ({ delegation: d, signature }) => ({ delegation: new Delegation(d.pubkey, d.expiration + 1n), signature }))), passes: [],
    },
    "to itself": { identity: delegated(await chain(session)), passes: [] },
    "vouched for": { identity: vouched(canister), passes: all },
    "vouched for by another": { identity: vouched(other), passes: ["readState"] },
    "vouched for with other words": { identity: vouched(canister, utf8("other words")), passes: ["readState"] },
  };
}

// Only signatures of canisters hang on the root key.
const needsRoot = (name) => name.startsWith("vouched") || name === "delegated by a canister";

export default async function ingress() {
  const request = [];
  for (const [name, { identity, passkey, passes }] of Object.entries(await identities())) {
    for (const [kind, send] of Object.entries(sends)) {
      const make = () => captured(identity, send);
      const { path, body } = await (passkey ? withAuthenticator(passkey, {}, make) : make());
      const envelope = Cbor.decode(body);
      request.push(known(`${kinds[kind]}, ${name}`, {
        path, body: hex(body), kind: kinds[kind],
        requestId: hex(requestIdOf(envelope.content)), sender: identity.getPrincipal().toText(),
        expiry: envelope.content.ingress_expiry.toString(), now: nanoseconds(now).toString(), rootKey: needsRoot(name) ? hex(root.der) : undefined, passes: passes.includes(kind),
      }));
    }
  }
  const key = [];
  for (const [name, k] of Object.entries({ "Ed25519": ed25519("a key"), "P-256": await p256Identity("a key"), "secp256k1": secp256k1("a key") })) {
    const payload = bytes(`${name} payload`, 43);
    key.push(known(name, { der: hex(k.getPublicKey().toDer()), payload: hex(payload), signature: hex(await k.sign(payload)), principal: k.getPrincipal().toText() }));
  }
  const chain = Object.entries(await chains()).filter(([name]) => name.includes("delegations")).map(([name, c]) => known(name, {
    json: JSON.stringify(c.toJSON()),
    targets: c.delegations.reduce((both, { delegation: d }) => (d.targets === undefined ? both : d.targets.filter((t) => both === undefined || both.some((b) => b.toText() === t.toText()))), undefined)?.map((t) => t.toText()),
    queriesOnly: c.delegations.some(({ delegation: d }) => d.permissions === "queries"),
    notAfter: c.delegations.map(({ delegation: d }) => d.expiration).reduce((a, b) => (a < b ? a : b)).toString(),
  }));
  return { request, signature: key, chain, answer: await answers() };
}

// answers to queries, signed by a node as the library wants it.
async function answers() {
  const node = ed25519("a node");
  const requestId = seed("a query");
  const timestamp = nanoseconds(now);
  const outcomes = {
    "a reply": { status: "replied", reply: { arg: bytes("a reply", 90) } },
    "an empty reply": { status: "replied", reply: { arg: new Uint8Array() } },
    "a reject": { status: "rejected", reject_code: 4, reject_message: "The canister said \"no\".", error_code: "IC0406" },
    "a reject without error code": { status: "rejected", reject_code: 5, reject_message: "" },
  };
  return Promise.all(Object.entries(outcomes).map(async ([name, outcome]) => {
    const payload = concat(IC_RESPONSE_DOMAIN_SEPARATOR, hashOfMap({ ...outcome, timestamp, request_id: requestId }));
    const signature = await node.sign(payload);
    const signatures = [{ timestamp, signature, identity: node.getPrincipal().toUint8Array() }];
    const { reply, ...reject } = outcome;
    return known(name, {
      body: hex(Cbor.encode({ ...outcome, signatures })), requestId: hex(requestId), payload: hex(payload),
      node: node.getPrincipal().toText(), nodeKey: hex(node.getPublicKey().toDer()), timestamp: timestamp.toString(), signature: hex(signature),
      replied: reply !== undefined, arg: hex(reply?.arg ?? []), rejectCode: reject.reject_code ?? 0, rejectMessage: reject.reject_message ?? "", errorCode: reject.error_code ?? "",
    });
  }));
}
