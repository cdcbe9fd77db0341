// A session: an identity that this page may act for, for a while.

import type { DerEncodedPublicKey, Signature, SignIdentity } from "@icp-sdk/core/agent";
import {
  Delegation,
  DelegationChain,
  DelegationIdentity,
  ECDSAKeyIdentity,
} from "@icp-sdk/core/identity";
import type { PasskeySignature } from "../crypto/passkey";
import { delegationChallenge } from "./delegation";

export interface Session {
  number: bigint;
  // Acts for the identity until `expires`.
  identity: SignIdentity;
  // Milliseconds since the epoch.
  expires: number;
  // The public key of the method that let it in: DER.
  method: Uint8Array<ArrayBuffer>;
}

// Milliseconds. What a passkey grants this page.
const passkeyLifetime = 30 * 60 * 1000;

// The service lets a registering key act for ten minutes.
const registrationLifetime = 10 * 60 * 1000;

// A session ends this much early, so that none ends during a call.
const margin = 60 * 1000;

// The private key never leaves the browser's key store, and dies with the page.
export class SessionKey {
  readonly #key: ECDSAKeyIdentity;

  private constructor(key: ECDSAKeyIdentity) {
    this.#key = key;
  }

  static async generate(): Promise<SessionKey> {
    return new SessionKey(await ECDSAKeyIdentity.generate({ extractable: false }));
  }

  get identity(): SignIdentity {
    return this.#key;
  }

  // The key that registered a method acts for it at once.
  registered(number: bigint, method: Uint8Array<ArrayBuffer>, now: number): Session {
    return { number, method, identity: this.#key, expires: now + registrationLifetime - margin };
  }

  // A session that a key in the hands of this page grants, so that the key can
  // be forgotten at once.
  async grantedBy(key: SignIdentity, number: bigint, now: number): Promise<Session> {
    const expires = now + passkeyLifetime;
    const chain = await DelegationChain.create(key, this.#key.getPublicKey(), new Date(expires));
    return {
      number,
      identity: DelegationIdentity.fromDelegation(this.#key, chain),
      expires: expires - margin,
      method: new Uint8Array(key.getPublicKey().toDer()),
    };
  }

  // A grant to be signed by a passkey.
  grant(now: number): Grant {
    const pubkey = new Uint8Array(this.#key.getPublicKey().toDer());
    const expires = now + passkeyLifetime;
    const expiration = BigInt(expires) * 1_000_000n;
    return {
      challenge: delegationChallenge(pubkey, expiration),
      signed: (number, passkeyPublicKey, { signature }) => ({
        number,
        identity: DelegationIdentity.fromDelegation(
          this.#key,
          DelegationChain.fromDelegations(
            [
              {
                delegation: new Delegation(pubkey, expiration),
                signature: signature as Uint8Array as Signature,
              },
            ],
            passkeyPublicKey as DerEncodedPublicKey,
          ),
        ),
        expires: expires - margin,
        method: passkeyPublicKey,
      }),
    };
  }
}

export interface Grant {
  challenge: Uint8Array<ArrayBuffer>;
  signed(
    number: bigint,
    passkeyPublicKey: Uint8Array<ArrayBuffer>,
    signature: PasskeySignature,
  ): Session;
}
