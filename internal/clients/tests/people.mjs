// People with keys of every kind, and what the front end does for them: an
// identity, a sign-in to an app.

import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { Actor } from "@icp-sdk/core/agent";
import { Delegation, DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity, WebAuthnIdentity } from "@icp-sdk/core/identity";
import { Secp256k1KeyIdentity } from "@icp-sdk/core/identity/secp256k1";
import { interfaceOf } from "./idl.mjs";
import { canister } from "./service.mjs";

// actorOf is the service behind an agent.
export const actorOf = (agent) => Actor.createActor(interfaceOf, { agent, canisterId: canister });

// passkey is a platform's passkey: the library's WebAuthn identity, with an
// authenticator in software behind navigator.credentials.
async function passkey() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const cose = Buffer.concat([Buffer.from("a5010203262001215820", "hex"), Buffer.from(x, "base64url"), Buffer.from("225820", "hex"), Buffer.from(y, "base64url")]);
  const sha256 = (b) => createHash("sha256").update(b).digest();
  const origin = "http://localhost:4943";
  const get = async ({ publicKey: { challenge } }) => {
    const clientDataJSON = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge: Buffer.from(challenge).toString("base64url"), origin }));
    const authenticatorData = Buffer.concat([sha256("localhost"), Buffer.from("0500000001", "hex")]);
    const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJSON)]), createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })));
    return { authenticatorAttachment: null, response: { authenticatorData: new Uint8Array(authenticatorData), clientDataJSON, signature: new Uint8Array(signature) } };
  };
  Object.defineProperty(globalThis, "navigator", { value: { credentials: { get } }, configurable: true });
  return new WebAuthnIdentity(new Uint8Array(sha256("credential")), new Uint8Array(cose), undefined);
}

// The kinds of keys that a person may have.
export const keys = {
  "Ed25519": async () => Ed25519KeyIdentity.generate(),
  "P-256": () => ECDSAKeyIdentity.generate(),
  "secp256k1": async () => Secp256k1KeyIdentity.generate(),
  "a passkey": passkey,
};

// derOf is a public key as the service knows it.
export const derOf = (key) => new Uint8Array(key.getPublicKey().toDer());

const bytes = (text) => new TextEncoder().encode(text);

// method is an authentication method with a key: a plain one, or a passkey with
// a credential id.
export const method = (key, { passkey, aaguid = [], metadata = [], purpose = "Authentication", protection = "Unprotected" } = {}) => ({
  authn_method: passkey === undefined
    ? { PubKey: { pubkey: derOf(key) } }
    : { WebAuthn: { pubkey: derOf(key), credential_id: typeof passkey === "string" ? bytes(passkey) : passkey, aaguid } },
  security_settings: { protection: { [protection]: null }, purpose: { [purpose]: null } },
  metadata,
  last_authentication: [],
});

// phrase is a recovery phrase with a key.
export const phrase = (key, more = {}) => method(key, { metadata: [["usage", { String: "recovery_phrase" }]], purpose: "Recovery", ...more });

// device is what the first version of the interface has for a method, and seed
// for a recovery phrase.
export const device = (key, more = {}) => ({
  pubkey: derOf(key),
  alias: "",
  credential_id: [],
  aaguid: [],
  purpose: { authentication: null },
  key_type: { unknown: null },
  protection: { unprotected: null },
  origin: [],
  metadata: [],
  ...more,
});
export const seed = (key, more = {}) => device(key, { purpose: { recovery: null }, key_type: { seed_phrase: null }, ...more });

// register makes an identity with a key and returns its number.
export async function register(service, key, name = "Ada") {
  const actor = actorOf(service.agent(Ed25519KeyIdentity.generate()));
  const started = await actor.identity_registration_start();
  if (!started.Ok || !("Finish" in started.Ok.next_step)) throw new Error(`registration: ${JSON.stringify(started)}`);
  const finished = await actor.identity_registration_finish({
    name: [name],
    authn_method: method(key, key instanceof WebAuthnIdentity ? { passkey: key.rawId } : {}),
  });
  if (!finished.Ok) throw new Error(`registration: ${JSON.stringify(finished)}`);
  return finished.Ok.identity_number;
}

// newKey is a key that nobody has.
export const newKey = () => Ed25519KeyIdentity.generate();

// join registers a person with a key that nobody has: their key, their number,
// and the service as they see it.
export async function join(service, name) {
  const key = newKey();
  return { key, number: await register(service, key, name), me: actorOf(service.agent(key)) };
}

// unlock lets a page's key act for a person's, as one touch does.
export async function unlock(key) {
  const page = Ed25519KeyIdentity.generate();
  const chain = await DelegationChain.create(key, page.getPublicKey(), new Date(Date.now() + 30 * 60 * 1000));
  return DelegationIdentity.fromDelegation(page, chain);
}

// chainOf is the chain of a delegation that the service signed.
export const chainOf = (userKey, { delegation: d, signature }) => DelegationChain.fromDelegations(
  [{ delegation: new Delegation(new Uint8Array(d.pubkey), d.expiration, d.targets[0], d.permissions[0]), signature: new Uint8Array(signature) }],
  new Uint8Array(userKey),
);

// signIn gets a delegation for an app's session key.
export async function signIn(service, person, number, origin, session, maxTimeToLive = []) {
  const actor = actorOf(service.agent(person));
  const pubkey = derOf(session);
  const [userKey, expiration] = await actor.prepare_delegation(number, origin, pubkey, maxTimeToLive);
  const got = await actor.get_delegation(number, origin, pubkey, expiration);
  if (!got.signed_delegation) throw new Error("no such delegation");
  return chainOf(userKey, got.signed_delegation);
}

// signInForQueries does so for an account, for queries only.
export async function signInForQueries(service, person, number, origin, session) {
  const actor = actorOf(service.agent(person));
  const pubkey = derOf(session);
  const permissions = [{ queries: null }];
  const prepared = await actor.prepare_account_delegation(number, origin, [], pubkey, [], permissions);
  if (!prepared.Ok) throw new Error(JSON.stringify(prepared));
  const got = await actor.get_account_delegation(number, origin, [], pubkey, prepared.Ok.expiration, permissions);
  if (!got.Ok) throw new Error(JSON.stringify(got));
  return chainOf(prepared.Ok.user_key, got.Ok);
}
