// Dummy authentication: Ed25519 keys that follow from a number, for end-to-end
// tests of apps. Loaded only where the service says so, which it does on one
// machine only.

import type { Signature } from "@icp-sdk/core/agent";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import type { Authenticators } from "./authenticators";
import { PasskeyError } from "./passkey";

const maxIndex = (1n << 64n) - 1n;

// The seed is the credential id, too.
export function seedOf(index: bigint): Uint8Array<ArrayBuffer> {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setBigUint64(0, index);
  return seed;
}

export function dummyKeys(ask: () => string | null | undefined): Authenticators {
  // The number of the key to use: what was asked for, or 0.
  const choose = (): Uint8Array<ArrayBuffer> => {
    const answer = ask();
    if (answer === undefined) {
      return seedOf(0n);
    }
    const index = /^\s*[0-9]{1,20}\s*$/.test(answer ?? "") ? BigInt(answer ?? "") : -1n;
    if (index < 0n || index > maxIndex) {
      throw new PasskeyError("cancelled");
    }
    return seedOf(index);
  };
  return {
    dummy: true,
    create: async () => {
      const seed = choose();
      return {
        credentialId: seed,
        publicKey: new Uint8Array(Ed25519KeyIdentity.fromSecretKey(seed).getPublicKey().toDer()),
        aaguid: undefined,
        attachment: undefined,
      };
    },
    sign: async (challenge) => {
      const seed = choose();
      const signature: Signature = await Ed25519KeyIdentity.fromSecretKey(seed).sign(challenge);
      return { credentialId: seed, signature: new Uint8Array(signature) };
    },
  };
}
