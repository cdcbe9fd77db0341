// What the hint line says about something that did not work.

import { RegistrationRefused, UnknownPasskey } from "../backend/errors";
import { PasskeyError } from "../crypto/passkey";
import { t } from "../strings";

// What the public test helper for apps (3.0.0) waits for to know that it has to
// create an identity.
const unknownDummy = "Cannot read properties of undefined (reading 'anchor_number')";

export function hintFor(error: unknown): string {
  if (error instanceof PasskeyError || error instanceof RegistrationRefused) {
    return t.hints[error.reason];
  }
  if (error instanceof UnknownPasskey) {
    return error.dummy ? `${t.hints.unknown} (${unknownDummy})` : t.hints.unknown;
  }
  return t.hints.offline;
}
