// What makes keys and signs with them: the passkeys of a person, or, for tests
// of other people's apps, keys that everybody can compute.

import {
  createPasskey,
  type NewPasskey,
  type PasskeySignature,
  signWithPasskey,
  type Wish,
} from "./passkey";

export interface Authenticators {
  // Whether this is the kind for tests.
  dummy: boolean;
  // Throws PasskeyError, as does the next.
  create(name: string, wish?: Wish): Promise<NewPasskey>;
  // Without ids with any key at all. The challenge is what a delegation hashes
  // to.
  sign(
    challenge: Uint8Array<ArrayBuffer>,
    credentialIds: Uint8Array<ArrayBuffer>[],
  ): Promise<PasskeySignature>;
}

export const passkeys: Authenticators = {
  dummy: false,
  create: createPasskey,
  sign: signWithPasskey,
};
