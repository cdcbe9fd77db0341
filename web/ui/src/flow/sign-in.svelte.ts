// From "who are you?" to a session: with a passkey the person has, or with a
// new identity.

import type { Backend, Registration, RegistrationStep } from "../backend";
import { type NewPasskey, PasskeyError } from "../crypto/passkey";
import { t } from "../strings";
import type { Connection } from "./connection";
import { hintFor } from "./hints";
import type { Visitor } from "./visitor.svelte";

export type Step =
  | { name: "picker" }
  | { name: "chooser" }
  | { name: "naming" }
  | { name: "captcha"; image: string }
  // Of an identity that a test has made.
  | { name: "number"; number: string };

// A passkey made for a name, kept if the service refuses for the moment: the
// person should not have to make another.
interface Pending {
  name: string;
  passkey: NewPasskey;
  registration: Registration;
}

// What identities of tests are called.
const testName = "Test";

// Bytes of UTF-8 that the service keeps of a name.
const maxNameBytes = 128;

export class SignIn {
  readonly #backend: Connection;
  readonly #visitor: Visitor;
  readonly #first: Step;
  readonly #done: (straight: boolean) => void;
  #pending: Pending | undefined;

  step = $state.raw<Step>({ name: "picker" });
  busy = $state(false);
  hint = $state("");
  // Whether the hint is about what was typed.
  invalid = $state(false);
  // Whether the identity was made just now.
  created = $state(false);
  // Whether keys are computed and not asked for: for tests of apps.
  dummy = $state(false);
  #quick = false;
  // Where "back" leads from the first step; nowhere if it is the first screen.
  leave = $state.raw<(() => void) | undefined>();

  constructor(
    backend: Connection,
    visitor: Visitor,
    first: "picker" | "chooser",
    // Straight on if the person has said so already.
    done: (straight: boolean) => void,
  ) {
    this.#backend = backend;
    this.#visitor = visitor;
    this.#first = { name: first };
    this.#done = done;
    this.step = this.#first;
    backend().then(
      ({ authenticators }) => {
        this.dummy = authenticators.dummy;
      },
      () => {},
    );
  }

  get canGoBack(): boolean {
    return this.step.name !== this.#first.name || this.leave !== undefined;
  }

  restart(hint = "", leave?: () => void): void {
    this.leave = leave;
    this.#go(this.#first, hint);
  }

  choose(): void {
    this.#go({ name: "chooser" });
  }

  name(): void {
    this.#go({ name: "naming" });
  }

  back(): void {
    if (this.busy) {
      return;
    }
    if (this.step.name === this.#first.name) {
      this.leave?.();
    } else {
      this.#go(this.step.name === "chooser" ? this.#first : { name: "chooser" });
    }
  }

  existing(): Promise<void> {
    return this.#run(async (backend) => {
      const { session, credentialId } = await backend.signIn([]);
      this.created = false;
      this.#visitor.signedIn(session, { credentialId });
      this.#done(false);
    });
  }

  // For tests alone: an identity in one step, and its number.
  quickly(): Promise<void> {
    this.#quick = true;
    return this.#create(testName);
  }

  // Goes on from the number.
  proceed(): void {
    this.#done(true);
  }

  create(text: string): Promise<void> {
    this.#quick = false;
    return this.#create(text);
  }

  #create(text: string): Promise<void> {
    const name = text.trim();
    const tooLong = new TextEncoder().encode(name).length > maxNameBytes;
    if (name === "" || tooLong) {
      // Before there is a passkey for a name that the service would not take.
      this.hint = tooLong ? t.naming.long : t.naming.empty;
      this.invalid = true;
      return Promise.resolve();
    }
    return this.#run(async (backend) => {
      if (this.#pending?.name !== name) {
        const making = backend.authenticators.create(name);
        backend.verifyDuring(making);
        const passkey = await making;
        const registration = await backend.register(name, passkey, await aliasOf(passkey));
        this.#pending = { name, passkey, registration };
      }
      this.#advance(this.#pending, await this.#pending.registration.proceed());
    });
  }

  solve(solution: string): Promise<void> {
    return this.#run(async () => {
      if (this.#pending !== undefined) {
        this.#advance(this.#pending, await this.#pending.registration.solve(solution.trim()));
      }
    });
  }

  #advance({ name, passkey }: Pending, result: RegistrationStep): void {
    if ("captcha" in result) {
      this.#go({ name: "captcha", image: result.captcha }, result.wrong ? t.captcha.wrong : "");
      this.invalid = result.wrong;
      return;
    }
    this.#pending = undefined;
    this.created = true;
    this.#visitor.signedIn(result.session, { name, credentialId: passkey.credentialId });
    if (this.#quick) {
      this.#quick = false;
      this.#go({ name: "number", number: result.session.number.toString() });
      return;
    }
    this.#done(false);
  }

  async #run(work: (backend: Backend) => Promise<void>): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.hint = "";
    this.invalid = false;
    try {
      await work(await this.#backend());
    } catch (error) {
      this.hint = hintFor(error);
      if (!(error instanceof PasskeyError)) {
        this.#giveUp(error);
      }
    } finally {
      this.busy = false;
    }
  }

  // A flow that the service has forgotten cannot be continued.
  #giveUp(error: unknown): void {
    const reason = (error as { reason?: unknown }).reason;
    if (reason === "expired" || reason === "invalid") {
      this.#pending = undefined;
      this.step = { name: "naming" };
    }
  }

  #go(step: Step, hint = ""): void {
    this.step = step;
    this.hint = hint;
    this.invalid = false;
  }
}

// What the passkey is called in the list of the identity's passkeys. Not worth
// losing a passkey that was just made.
async function aliasOf({ aaguid }: NewPasskey): Promise<string> {
  const names = await import("../crypto/providers").catch(() => undefined);
  return names?.providerName(aaguid) ?? "Unknown";
}
