// What the hint line says about something that did not work.

import { PasskeyError } from "../crypto/passkey";
import { t } from "../strings";

export async function hintFor(error: unknown): Promise<string> {
  if (error instanceof PasskeyError) {
    return t.hints[error.reason];
  }
  const { RegistrationRefused, UnknownPasskey } = await import("../backend");
  if (error instanceof UnknownPasskey) {
    return t.hints.unknown;
  }
  if (error instanceof RegistrationRefused) {
    return t.hints[error.reason];
  }
  return t.hints.offline;
}
