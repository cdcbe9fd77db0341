// Back into an identity, for whoever has no passkey of it at hand: with the
// recovery phrase, or with its number and a security key or an old device.

import type { Backend, Session } from "../backend";
import { isPhrase, keyOf } from "../crypto/phrase";
import { r } from "../strings/recovery";
import type { Connection } from "./connection";
import { hintFor } from "./hints";
import type { Visitor } from "./visitor.svelte";

export type RecoverStep =
  | { name: "choose" }
  | { name: "phrase" }
  | { name: "number" }
  | { name: "none"; by: "phrase" | "number" }
  | { name: "found"; number: bigint; called: string | undefined };

export class Recover {
  readonly #backend: Connection;
  readonly #visitor: Visitor;

  step = $state.raw<RecoverStep>({ name: "choose" });
  busy = $state(false);
  hint = $state("");

  constructor(backend: Connection, visitor: Visitor, first: "choose" | "number" = "choose") {
    this.#backend = backend;
    this.#visitor = visitor;
    this.step = { name: first };
  }

  go(name: "choose" | "phrase" | "number"): void {
    this.step = { name };
    this.hint = "";
  }

  async phrase(words: string[]): Promise<void> {
    if (!isPhrase(words)) {
      this.hint = r.type.invalid;
      return;
    }
    await this.#run("phrase", async (backend) => {
      const { byPhrase } = await import("../backend/recover");
      const session = await byPhrase(backend, await keyOf(words));
      return session === undefined ? undefined : { session };
    });
  }

  async number(text: string): Promise<void> {
    const number = numberOf(text);
    if (number === undefined) {
      this.hint = r.number.invalid;
      return;
    }
    await this.#run("number", async (backend) => {
      const { byNumber } = await import("../backend/recover");
      return byNumber(backend, number);
    });
  }

  async #run(
    by: "phrase" | "number",
    find: (
      backend: Backend,
    ) => Promise<{ session: Session; credentialId?: Uint8Array<ArrayBuffer> } | undefined>,
  ): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.hint = "";
    try {
      const backend = await this.#backend();
      const found = await find(backend);
      if (found === undefined) {
        this.step = { name: "none", by };
        return;
      }
      const { session, credentialId } = found;
      const { name } = await backend.details(session);
      this.#visitor.signedIn(session, {
        ...(name === undefined ? {} : { name }),
        ...(credentialId === undefined ? {} : { credentialId }),
      });
      this.step = { name: "found", number: session.number, called: name };
    } catch (error) {
      this.hint = hintFor(error);
    } finally {
      this.busy = false;
    }
  }
}

// The number of an identity as people write it: digits, perhaps in groups.
export function numberOf(text: string): bigint | undefined {
  const digits = text.replaceAll(/[\s.,'_-]/g, "");
  const number = /^[0-9]{1,20}$/.test(digits) ? BigInt(digits) : undefined;
  return number !== undefined && number < 1n << 64n ? number : undefined;
}
