// The signer standards ICRC-25, 29, 34 and 95: JSON-RPC 2.0 in plain JSON.

import { fromBase64, toBase64 } from "../bytes";
import {
  Code,
  type DelegationRequest,
  type DelegationResult,
  derivationOrigin,
  InvalidRequest,
  type Refusal,
  sessionKey,
  timeToLive,
} from "./request";

export type Id = string | number;

export interface Call {
  id: Id;
  method: string;
  params: Record<string, unknown>;
}

// Finite, because JSON has no other numbers: what is kept over a reload must
// come back as the same id.
export function isId(value: unknown): value is Id {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}

// Undefined for what is no request of this protocol, or one that cannot be
// answered because it carries no id.
export function parse(data: unknown): Call | undefined {
  if (typeof data !== "object" || data === null) {
    return undefined;
  }
  const { jsonrpc, id, method, params } = data as Record<string, unknown>;
  if (jsonrpc !== "2.0" || !isId(id) || typeof method !== "string") {
    return undefined;
  }
  const named = typeof params === "object" && params !== null && !Array.isArray(params);
  return { id, method, params: named ? (params as Record<string, unknown>) : {} };
}

export function result(id: Id, value: unknown): object {
  return { jsonrpc: "2.0", id, result: value };
}

export function failure(id: Id, refusal: Refusal): object {
  return { jsonrpc: "2.0", id, error: { code: refusal.code, message: refusal.message } };
}

const standards = "https://github.com/dfinity/wg-identity-authentication/blob/main/topics";

const supportedStandards = [
  { name: "ICRC-25", url: `${standards}/icrc_25_signer_interaction_standard.md` },
  { name: "ICRC-29", url: `${standards}/icrc_29_window_post_message_transport.md` },
  { name: "ICRC-34", url: `${standards}/icrc_34_delegation.md` },
  { name: "ICRC-95", url: `${standards}/icrc_95_derivationorigin.md` },
];

const permissions = {
  scopes: [{ scope: { method: "icrc34_delegation" }, state: "granted" }],
};

// What needs no person: answered at once. Undefined for the one call that does.
export function answer(call: Call): object | undefined {
  switch (call.method) {
    case "icrc34_delegation":
      return undefined;
    case "icrc29_status":
      return result(call.id, "ready");
    case "icrc25_supported_standards":
      return result(call.id, { supportedStandards });
    case "icrc25_permissions":
      return result(call.id, permissions);
    case "icrc25_request_permissions": {
      const { scopes } = call.params;
      const wellFormed =
        Array.isArray(scopes) &&
        scopes.every((scope) => typeof (scope as { method?: unknown } | null)?.method === "string");
      return wellFormed
        ? result(call.id, permissions)
        : failure(call.id, {
            code: Code.InvalidParams,
            message: "scopes is not a list of scopes.",
          });
    }
    default:
      return failure(call.id, {
        code: Code.MethodNotFound,
        message: `The method ${call.method.slice(0, 64)} is not supported.`,
      });
  }
}

// Throws InvalidRequest. `targets` is left aside: the delegation is good for
// every canister, as the standard allows.
export function parseDelegation(call: Call): DelegationRequest {
  const { publicKey, maxTimeToLive, icrc95DerivationOrigin } = call.params;
  const key = typeof publicKey === "string" ? fromBase64(publicKey) : undefined;
  if (key === undefined) {
    throw new InvalidRequest("publicKey is not base64.");
  }
  return {
    sessionPublicKey: sessionKey(key),
    maxTimeToLive: timeToLive(maxTimeToLive),
    derivationOrigin: derivationOrigin(icrc95DerivationOrigin),
  };
}

export function delegationResult(id: Id, { userPublicKey, delegations }: DelegationResult): object {
  return result(id, {
    publicKey: toBase64(userPublicKey),
    signerDelegation: delegations.map(({ pubkey, expiration, signature }) => ({
      delegation: { pubkey: toBase64(pubkey), expiration: expiration.toString() },
      signature: toBase64(signature),
    })),
  });
}
