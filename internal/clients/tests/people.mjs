// People with keys of every kind, and what the front end does for them: an
// identity, a sign-in to an app. The interface is that of the official service,
// as its clients have it.

import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { Actor } from "@icp-sdk/core/agent";
import { Delegation, DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity, WebAuthnIdentity } from "@icp-sdk/core/identity";
import { Secp256k1KeyIdentity } from "@icp-sdk/core/identity/secp256k1";
import { canister } from "./service.mjs";

const interfaceOf = ({ IDL }) => {
  const { Func, Null, Opt, Principal, Record, Rec, Service, Text, Tuple, Variant, Vec, Nat8, Nat16, Nat64 } = IDL;
  const Blob = Vec(Nat8);
  const MetadataMapV2 = Rec();
  MetadataMapV2.fill(Vec(Tuple(Text, Variant({ Map: MetadataMapV2, String: Text, Bytes: Blob }))));
  const AuthnMethodData = Record({
    authn_method: Variant({ WebAuthn: Record({ pubkey: Blob, credential_id: Blob }), PubKey: Record({ pubkey: Blob }) }),
    security_settings: Record({ protection: Variant({ Protected: Null, Unprotected: Null }), purpose: Variant({ Recovery: Null, Authentication: Null }) }),
    metadata: MetadataMapV2,
    last_authentication: Opt(Nat64),
  });
  const NextStep = Record({ next_step: Variant({ CheckCaptcha: Record({ captcha_png_base64: Text }), Finish: Null }) });
  const SignedDelegation = Record({
    signature: Blob,
    delegation: Record({ pubkey: Blob, expiration: Nat64, targets: Opt(Vec(Principal)), permissions: Opt(Text) }),
  });
  const Permissions = Variant({ queries: Null, all: Null });
  const AccountError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, NoSuchDelegation: Null });
  const HeaderField = Tuple(Text, Text);
  return Service({
    whoami: Func([], [Principal], ["query"]),
    stats: Func([], [Record({ users_registered: Nat64 })], ["query"]),
    identity_registration_start: Func([], [Variant({ Ok: NextStep, Err: Variant({ InvalidCaller: Null, RateLimitExceeded: Null, AlreadyInProgress: Null }) })], []),
    identity_registration_finish: Func(
      [Record({ name: Opt(Text), authn_method: AuthnMethodData })],
      [Variant({
        Ok: Record({ identity_number: Nat64 }),
        Err: Variant({ NoRegistrationFlow: Null, UnexpectedCall: NextStep, InvalidAuthnMethod: Text, IdentityLimitReached: Null, StorageError: Text }),
      })],
      [],
    ),
    identity_info: Func(
      [Nat64],
      [Variant({
        Ok: Record({ name: Opt(Text), authn_methods: Vec(AuthnMethodData), metadata: MetadataMapV2 }),
        Err: Variant({ Unauthorized: Principal, InternalCanisterError: Text }),
      })],
      [],
    ),
    get_principal: Func([Nat64, Text], [Principal], ["query"]),
    prepare_delegation: Func([Nat64, Text, Blob, Opt(Nat64)], [Blob, Nat64], []),
    get_delegation: Func([Nat64, Text, Blob, Nat64], [Variant({ no_such_delegation: Null, signed_delegation: SignedDelegation })], ["query"]),
    prepare_account_delegation: Func(
      [Nat64, Text, Opt(Nat64), Blob, Opt(Nat64), Opt(Permissions)], [Variant({ Ok: Record({ user_key: Blob, expiration: Nat64 }), Err: AccountError })], []),
    get_account_delegation: Func(
      [Nat64, Text, Opt(Nat64), Blob, Nat64, Opt(Permissions)], [Variant({ Ok: SignedDelegation, Err: AccountError })], ["query"]),
    http_request: Func(
      [Record({ method: Text, url: Text, headers: Vec(HeaderField), body: Blob, certificate_version: Opt(Nat16) })],
      [Record({ status_code: Nat16, headers: Vec(HeaderField), body: Blob })],
      ["query"],
    ),
    // Not in the interface: what the service says to that.
    no_such_method: Func([], [], []),
    no_such_query: Func([], [], ["query"]),
  });
};

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

// register makes an identity with a key and returns its number.
export async function register(service, key, name = "Ada") {
  const actor = actorOf(service.agent(Ed25519KeyIdentity.generate()));
  const started = await actor.identity_registration_start();
  if (!started.Ok || !("Finish" in started.Ok.next_step)) throw new Error(`registration: ${JSON.stringify(started)}`);
  const pubkey = new Uint8Array(key.getPublicKey().toDer());
  const method = key instanceof WebAuthnIdentity ? { WebAuthn: { pubkey, credential_id: key.rawId } } : { PubKey: { pubkey } };
  const finished = await actor.identity_registration_finish({
    name: [name],
    authn_method: { authn_method: method, security_settings: { protection: { Unprotected: null }, purpose: { Authentication: null } }, metadata: [], last_authentication: [] },
  });
  if (!finished.Ok) throw new Error(`registration: ${JSON.stringify(finished)}`);
  return finished.Ok.identity_number;
}

// unlock lets a page's key act for a person's, as one touch does.
export async function unlock(key) {
  const page = Ed25519KeyIdentity.generate();
  const chain = await DelegationChain.create(key, page.getPublicKey(), new Date(Date.now() + 30 * 60 * 1000));
  return DelegationIdentity.fromDelegation(page, chain);
}

const chainOf = (userKey, { delegation: d, signature }) => DelegationChain.fromDelegations(
  [{ delegation: new Delegation(new Uint8Array(d.pubkey), d.expiration, d.targets[0], d.permissions[0]), signature: new Uint8Array(signature) }],
  new Uint8Array(userKey),
);

// signIn gets a delegation for an app's session key.
export async function signIn(service, person, number, origin, session, maxTimeToLive = []) {
  const actor = actorOf(service.agent(person));
  const pubkey = new Uint8Array(session.getPublicKey().toDer());
  const [userKey, expiration] = await actor.prepare_delegation(number, origin, pubkey, maxTimeToLive);
  const got = await actor.get_delegation(number, origin, pubkey, expiration);
  if (!got.signed_delegation) throw new Error("no such delegation");
  return chainOf(userKey, got.signed_delegation);
}

// signInForQueries does so for an account, for queries only.
export async function signInForQueries(service, person, number, origin, session) {
  const actor = actorOf(service.agent(person));
  const pubkey = new Uint8Array(session.getPublicKey().toDer());
  const permissions = [{ queries: null }];
  const prepared = await actor.prepare_account_delegation(number, origin, [], pubkey, [], permissions);
  if (!prepared.Ok) throw new Error(JSON.stringify(prepared));
  const got = await actor.get_account_delegation(number, origin, [], pubkey, prepared.Ok.expiration, permissions);
  if (!got.Ok) throw new Error(JSON.stringify(got));
  return chainOf(prepared.Ok.user_key, got.Ok);
}
