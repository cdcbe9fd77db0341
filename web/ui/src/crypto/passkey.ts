// The browser's passkey dialogs.

import { bytesOf } from "../bytes";
import { type Attested, readAttestation } from "./authenticator";
import { canonicalCose, EdDSA, ES256, encodeDer, RS256 } from "./cose";
import { encodeAssertion } from "./envelope";

export interface NewPasskey {
  credentialId: Uint8Array<ArrayBuffer>;
  // DER
  publicKey: Uint8Array<ArrayBuffer>;
  aaguid: Uint8Array<ArrayBuffer> | undefined;
  attachment: "platform" | "cross-platform" | undefined;
}

export interface PasskeySignature {
  credentialId: Uint8Array<ArrayBuffer>;
  // In the Internet Computer's envelope.
  signature: Uint8Array<ArrayBuffer>;
}

// A passkey dialog that ended without a passkey.
export class PasskeyError extends Error {
  readonly reason: "cancelled" | "unavailable" | "unsupported" | "present";

  constructor(reason: PasskeyError["reason"], cause?: unknown) {
    super(`passkey ${reason}`, { cause });
    this.reason = reason;
  }
}

// Passkeys belong to a host name, so an address of numbers has none, and they
// exist in secure contexts only.
export function passkeysAvailable(): boolean {
  const { hostname } = location;
  const address = /^\d+(\.\d+){3}$/.test(hostname) || hostname.startsWith("[");
  return window.isSecureContext && "PublicKeyCredential" in window && !address;
}

export interface Wish {
  // Authenticators that hold one of these are not asked.
  except?: Uint8Array<ArrayBuffer>[];
  // A key that is carried along, and need not find its identity by itself.
  securityKey?: boolean;
}

export async function createPasskey(name: string, wish: Wish = {}): Promise<NewPasskey> {
  const { except = [], securityKey = false } = wish;
  const credential = await dialog(() =>
    navigator.credentials.create({
      publicKey: {
        // Any challenge would do: nothing is concluded from the attestation.
        challenge: new TextEncoder().encode("<ic0.app>"),
        rp: { name: "Internet Identity Service" },
        // Never used: the credential id leads to the identity.
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
        pubKeyCredParams: [ES256, EdDSA, RS256].map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: except.map((id) => ({ type: "public-key", id })),
        authenticatorSelection: securityKey
          ? {
              authenticatorAttachment: "cross-platform",
              residentKey: "discouraged",
              userVerification: "preferred",
            }
          : {
              residentKey: "required",
              requireResidentKey: true,
              userVerification: "required",
            },
        attestation: "direct",
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  let attested: Attested;
  let publicKey: Uint8Array<ArrayBuffer>;
  try {
    attested = readAttestation(bytes(response.attestationObject));
    publicKey = encodeDer(canonicalCose(attested.cose));
  } catch (error) {
    throw new PasskeyError("unsupported", error);
  }
  const { authenticatorAttachment } = credential;
  return {
    credentialId: bytes(credential.rawId),
    publicKey,
    aaguid: attested.aaguid,
    attachment:
      authenticatorAttachment === "platform" || authenticatorAttachment === "cross-platform"
        ? authenticatorAttachment
        : undefined,
  };
}

// Without credential ids the person chooses among all passkeys of this site. A
// key of the old kind, which only ids can find, may be unable to verify anybody.
export async function signWithPasskey(
  challenge: Uint8Array<ArrayBuffer>,
  credentialIds: Uint8Array<ArrayBuffer>[],
): Promise<PasskeySignature> {
  const credential = await dialog(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        allowCredentials: credentialIds.map((id) => ({ type: "public-key", id })),
        userVerification: credentialIds.length === 0 ? "required" : "preferred",
      },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credentialId: bytes(credential.rawId),
    signature: encodeAssertion({
      authenticatorData: bytes(response.authenticatorData),
      clientDataJSON: bytes(response.clientDataJSON),
      signature: bytes(response.signature),
    }),
  };
}

async function dialog(open: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!passkeysAvailable()) {
    throw new PasskeyError("unavailable");
  }
  let credential: Credential | null;
  try {
    credential = await open();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "SecurityError") {
      throw new PasskeyError("unavailable", error);
    }
    if (name === "InvalidStateError") {
      throw new PasskeyError("present", error);
    }
    throw new PasskeyError(name === "NotSupportedError" ? "unsupported" : "cancelled", error);
  }
  if (credential === null || credential.type !== "public-key") {
    throw new PasskeyError("cancelled");
  }
  return credential as PublicKeyCredential;
}

// Some password managers hand out arrays where the standard says buffers.
function bytes(value: unknown): Uint8Array<ArrayBuffer> {
  const found = bytesOf(value);
  if (found === undefined) {
    throw new PasskeyError("unsupported");
  }
  return found;
}
