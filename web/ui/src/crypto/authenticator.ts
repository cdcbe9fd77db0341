// What an authenticator says about a new credential (WebAuthn, "Attested
// credential data"): 32 bytes hash of the host, flags, 4 bytes counter, 16
// bytes AAGUID, 2 bytes length of the credential id, the id, the COSE key.

import { decodeFirst } from "./cbor";

const flagsAt = 32;
const aaguidAt = 37;
const idLengthAt = 53;
const idAt = 55;
const attestedFlag = 0x40;

export interface Attested {
  aaguid: Uint8Array<ArrayBuffer> | undefined;
  cose: Uint8Array<ArrayBuffer>;
}

export class MalformedAttestation extends Error {}

export function readAttestation(attestationObject: Uint8Array): Attested {
  const { value } = decodeFirst(attestationObject);
  const data = value instanceof Map ? value.get("authData") : undefined;
  if (!(data instanceof Uint8Array)) {
    throw new MalformedAttestation("no authenticator data");
  }
  return readAuthenticatorData(data);
}

export function readAuthenticatorData(data: Uint8Array): Attested {
  if (data.length < idAt || ((data[flagsAt] as number) & attestedFlag) === 0) {
    throw new MalformedAttestation("no credential in the authenticator data");
  }
  const idLength = new DataView(data.buffer, data.byteOffset).getUint16(idLengthAt);
  const rest = data.subarray(idAt + idLength);
  // Extensions may follow the key.
  const { end } = decodeFirst(rest);
  const aaguid = new Uint8Array(data.subarray(aaguidAt, aaguidAt + 16));
  return {
    // All zero means that the authenticator does not say what it is.
    aaguid: aaguid.some((byte) => byte !== 0) ? aaguid : undefined,
    cose: new Uint8Array(rest.subarray(0, end)),
  };
}
