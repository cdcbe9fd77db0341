// The first protocol of Internet Identity: messages with a `kind`, carrying
// byte arrays and big integers as they are.

import { owned } from "../bytes";
import {
  type DelegationRequest,
  type DelegationResult,
  derivationOrigin,
  type Refusal,
  sessionKey,
  timeToLive,
} from "./request";

export const ready = { kind: "authorize-ready" };

export function isAuthorize(data: unknown): data is Record<string, unknown> {
  return (
    typeof data === "object" &&
    data !== null &&
    (data as { kind?: unknown }).kind === "authorize-client"
  );
}

// Throws InvalidRequest.
export function parse(data: Record<string, unknown>): DelegationRequest {
  return {
    sessionPublicKey: sessionKey(data.sessionPublicKey),
    maxTimeToLive: timeToLive(data.maxTimeToLive),
    derivationOrigin: derivationOrigin(data.derivationOrigin),
  };
}

export function success(result: DelegationResult): object {
  return {
    kind: "authorize-client-success",
    delegations: result.delegations.map(({ pubkey, expiration, signature }) => ({
      delegation: { pubkey: owned(pubkey), expiration, targets: undefined },
      signature: owned(signature),
    })),
    userPublicKey: owned(result.userPublicKey),
    // Always this one, so that an app does not learn how a person signs in.
    authnMethod: "passkey",
  };
}

export function failure(refusal: Refusal): object {
  return { kind: "authorize-client-failure", text: refusal.message };
}
