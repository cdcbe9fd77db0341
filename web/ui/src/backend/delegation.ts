// What a passkey signs: that this page's session key may act for it for a
// while (IC interface spec, "Authentication").

import { IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, requestIdOf } from "@icp-sdk/core/agent";
import { concat } from "../bytes";

// The domain separator and the representation-independent hash of the
// delegation: 27 + 32 bytes.
export function delegationChallenge(
  pubkey: Uint8Array,
  expiration: bigint,
): Uint8Array<ArrayBuffer> {
  return concat(IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, requestIdOf({ pubkey, expiration }));
}
