// From "who are you?" to a session: with a passkey the person has, or with a
// new identity.

import type { Backend, Registration, RegistrationStep } from "../backend";
import { createPasskey, type NewPasskey, PasskeyError } from "../crypto/passkey";
import { t } from "../strings";
import type { Connection } from "./connection";
import { hintFor } from "./hints";
import type { Visitor } from "./visitor.svelte";

export type Step =
  | { name: "picker" }
  | { name: "chooser" }
  | { name: "naming" }
  | { name: "captcha"; image: string };

// A passkey made for a name, kept if the service refuses for the moment: the
// person should not have to make another.
interface Pending {
  name: string;
  passkey: NewPasskey;
  registration: Registration;
}

export class SignIn {
  readonly #backend: Connection;
  readonly #visitor: Visitor;
  readonly #first: Step;
  readonly #done: () => void;
  #pending: Pending | undefined;

  step = $state.raw<Step>({ name: "picker" });
  busy = $state(false);
  hint = $state("");

  constructor(
    backend: Connection,
    visitor: Visitor,
    first: "picker" | "chooser",
    done: () => void,
  ) {
    this.#backend = backend;
    this.#visitor = visitor;
    this.#first = { name: first };
    this.#done = done;
    this.step = this.#first;
  }

  get atStart(): boolean {
    return this.step.name === this.#first.name;
  }

  restart(hint = ""): void {
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
    this.#go(this.step.name === "chooser" ? this.#first : { name: "chooser" });
  }

  existing(): Promise<void> {
    return this.#run(async (backend) => {
      const { session, credentialId } = await backend.signIn([]);
      this.#visitor.signedIn(session, { credentialId });
      this.#done();
    });
  }

  create(text: string): Promise<void> {
    const name = text.trim();
    if (name === "") {
      this.hint = t.naming.empty;
      return Promise.resolve();
    }
    return this.#run(async (backend) => {
      if (this.#pending?.name !== name) {
        const passkey = await createPasskey(name);
        const { providerName } = await import("../crypto/providers");
        const alias = providerName(passkey.aaguid) ?? "Unknown";
        const registration = await backend.register(name, passkey, alias);
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
      return;
    }
    this.#pending = undefined;
    this.#visitor.signedIn(result.session, { name, credentialId: passkey.credentialId });
    this.#done();
  }

  async #run(work: (backend: Backend) => Promise<void>): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.hint = "";
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
  }
}
