// Ways into an identity that are not a passkey of every day.

import type { SignIdentity } from "@icp-sdk/core/agent";
import { equal, owned } from "../bytes";
import type { Backend, Session } from "./index";
import { management } from "./manage-idl";
import type { Management } from "./manage-types";
import { SessionKey } from "./session";
import type { AuthnMethod, AuthnMethodData } from "./types";

// What the service keeps of a recovery phrase.
export function phraseMethod(key: SignIdentity): AuthnMethodData {
  return {
    authn_method: { PubKey: { pubkey: new Uint8Array(key.getPublicKey().toDer()) } },
    security_settings: { protection: { Unprotected: null }, purpose: { Recovery: null } },
    metadata: [
      ["alias", { String: "Recovery phrase" }],
      ["usage", { String: "recovery_phrase" }],
    ],
    last_authentication: [],
  };
}

// A session for an identity that the key is a method of.
export async function sessionOf(key: SignIdentity, number: bigint): Promise<Session> {
  return (await SessionKey.generate()).grantedBy(key, number, Date.now());
}

// A session for the identity of a recovery phrase; none if it has none.
export async function byPhrase(backend: Backend, key: SignIdentity): Promise<Session | undefined> {
  const session = await sessionOf(key, 0n);
  const actor = await backend.as<Management>(session, management);
  const [number] = await actor.lookup_caller_identity_by_recovery_phrase();
  return number === undefined ? undefined : { ...session, number };
}

export interface SignedIn {
  session: Session;
  credentialId: Uint8Array<ArrayBuffer>;
}

// A session with any of an identity's passkeys, also those that cannot be found
// without its number; none if there is none. One dialog.
export async function byNumber(backend: Backend, number: bigint): Promise<SignedIn | undefined> {
  const actor = await backend.as<Management>(undefined, management);
  const answer = await actor.identity_authn_info(number);
  const methods =
    "Ok" in answer ? [...answer.Ok.authn_methods, ...answer.Ok.recovery_authn_methods] : [];
  const passkeys = methods.flatMap(passkeyOf);
  if (passkeys.length === 0) {
    return undefined;
  }
  const grant = (await SessionKey.generate()).grant(Date.now());
  const signing = backend.authenticators.sign(
    grant.challenge,
    passkeys.map(({ id }) => id),
  );
  backend.verifyDuring(signing);
  const signature = await signing;
  const used = passkeys.find(({ id }) => equal(id, signature.credentialId));
  return used === undefined
    ? undefined
    : {
        session: grant.signed(number, used.publicKey, signature),
        credentialId: signature.credentialId,
      };
}

function passkeyOf(method: AuthnMethod) {
  if (!("WebAuthn" in method)) {
    return [];
  }
  const { credential_id, pubkey } = method.WebAuthn;
  return [{ id: owned(credential_id), publicKey: owned(pubkey) }];
}
