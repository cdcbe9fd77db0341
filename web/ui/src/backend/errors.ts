// What can go wrong with the service. Apart from the rest of the backend, so
// that it can be told even when that could not be loaded.

// A passkey of this site that the service does not know.
export class UnknownPasskey extends Error {
  // Whether it is a key of dummy authentication.
  readonly dummy: boolean;

  constructor(dummy = false) {
    super("unknown passkey");
    this.dummy = dummy;
  }
}

// What keeps a registration from going on.
export class RegistrationRefused extends Error {
  readonly reason: "busy" | "full" | "expired" | "invalid";

  constructor(reason: RegistrationRefused["reason"], detail?: string) {
    super(detail ?? reason);
    this.reason = reason;
  }
}

// What keeps an account from being made or named.
export class AccountRefused extends Error {
  readonly reason: "limit" | "long" | "failed";

  constructor(reason: AccountRefused["reason"], detail?: string) {
    super(detail ?? reason);
    this.reason = reason;
  }
}

// Anything else that the service has refused, by the name of the variant.
export class Refused extends Error {
  readonly reason: string;

  constructor(reason: string, detail?: string) {
    super(detail ?? reason);
    this.reason = reason;
  }
}

// What went wrong, in one line for whoever builds the app. The agent's own
// messages are pages long, with the request in them; what it was told by the
// service is in the code.
export function describe(error: unknown): string {
  const { code, message } = error as { code?: AgentCode; message?: unknown };
  const text = code?.rejectMessage ?? code?.toErrorMessage?.() ?? message;
  return typeof text === "string" ? (text.split("\n", 1)[0] ?? "") : "";
}

interface AgentCode {
  rejectMessage?: string;
  toErrorMessage?: () => string;
}
