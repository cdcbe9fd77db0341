// A passkey's signature as the Internet Computer takes it (IC interface spec,
// "Web Authentication"): the WebAuthn signature with what it was made over.

import { concat } from "../bytes";
import { encodeBytes, encodeMap, encodeText, selfDescribe } from "./cbor";

export interface Assertion {
  authenticatorData: Uint8Array;
  clientDataJSON: Uint8Array;
  // As the authenticator made it; ES256 signatures stay in their DER form.
  signature: Uint8Array;
}

export function encodeAssertion(assertion: Assertion): Uint8Array<ArrayBuffer> {
  const clientData = new TextDecoder("utf-8", { fatal: true }).decode(assertion.clientDataJSON);
  return concat(
    selfDescribe,
    encodeMap([
      [encodeText("authenticator_data"), encodeBytes(assertion.authenticatorData)],
      [encodeText("client_data_json"), encodeText(clientData)],
      [encodeText("signature"), encodeBytes(assertion.signature)],
    ]),
  );
}
