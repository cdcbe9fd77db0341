// What an app asks for, whichever protocol it speaks, and what it gets.

import { bytesOf } from "../bytes";

export interface DelegationRequest {
  // DER encoding of the app's short-lived key.
  sessionPublicKey: Uint8Array<ArrayBuffer>;
  // Nanoseconds; without it the service chooses.
  maxTimeToLive: bigint | undefined;
  // Another origin of the same app, whose identities are asked for.
  derivationOrigin: string | undefined;
}

export interface SignedDelegation {
  pubkey: Uint8Array;
  // Nanoseconds since the epoch.
  expiration: bigint;
  signature: Uint8Array;
}

export interface DelegationResult {
  userPublicKey: Uint8Array;
  delegations: SignedDelegation[];
}

// Why an app gets no delegation: a JSON-RPC error, whose message is also the
// text of a legacy failure.
export interface Refusal {
  code: number;
  message: string;
}

export const Code = {
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  Generic: 1000,
  Aborted: 3001,
} as const;

export class InvalidRequest extends Error {}

// Keys of the known kinds have 44 (Ed25519), 91 (P-256) or about 70 bytes; a
// canister-signature or RSA key has a few hundred.
const maxKeyBytes = 1024;

export function sessionKey(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(value);
  if (bytes === undefined) {
    throw new InvalidRequest("The public key of the session is missing.");
  }
  if (bytes.length === 0 || bytes.length > maxKeyBytes || bytes[0] !== 0x30) {
    throw new InvalidRequest("The public key of the session is not DER-encoded.");
  }
  return bytes;
}

const maxNat64 = 2n ** 64n - 1n;

// Nanoseconds as a bigint, a whole number or a decimal string.
export function timeToLive(value: unknown): bigint | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  let ns: bigint | undefined;
  if (typeof value === "bigint") {
    ns = value;
  } else if (typeof value === "number" && Number.isInteger(value)) {
    ns = BigInt(value);
  } else if (typeof value === "string" && /^\d{1,20}$/.test(value)) {
    ns = BigInt(value);
  }
  if (ns === undefined || ns < 0n || ns > maxNat64) {
    throw new InvalidRequest("maxTimeToLive is not a number of nanoseconds.");
  }
  return ns;
}

// The backend hashes origins behind a one-byte length.
const maxOriginBytes = 255;

// Exactly an origin: a path, even "/", would be another text and so another
// identity.
export function derivationOrigin(value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== "string" || !isOrigin(value)) {
    throw new InvalidRequest("derivationOrigin is not an origin.");
  }
  return value;
}

export function isOrigin(text: string): boolean {
  try {
    const url = new URL(text);
    return (
      url.origin === text &&
      (url.protocol === "https:" || url.protocol === "http:") &&
      text.length <= maxOriginBytes
    );
  } catch {
    return false;
  }
}
