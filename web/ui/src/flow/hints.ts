// What the hint line says about something that did not work.

import { RegistrationRefused, UnknownPasskey } from "../backend/errors";
import { PasskeyError } from "../crypto/passkey";
import { t } from "../strings";

export function hintFor(error: unknown): string {
  if (error instanceof PasskeyError || error instanceof RegistrationRefused) {
    return t.hints[error.reason];
  }
  return error instanceof UnknownPasskey ? t.hints.unknown : t.hints.offline;
}
