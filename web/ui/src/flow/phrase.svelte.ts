// A recovery phrase of an identity, from the first word to the proof that all
// of them were written down.

import type { Method } from "../backend/management";
import { Management } from "../backend/management";
import { phraseMethod, sessionOf } from "../backend/recover";
import { equal } from "../bytes";
import { isPhrase, keyOf, newPhrase } from "../crypto/phrase";
import { r } from "../strings/recovery";
import type { Hands, Manage } from "./manage.svelte";

export type PhraseStep =
  // What there is.
  | "overview"
  // What one should know before.
  | "before"
  // The words, to be written down.
  | "words"
  // The words in their order, from those shown.
  | "order"
  | "wrong"
  // The words typed in, because they are no longer known here.
  | "type";

// What the typed words are for.
export type Purpose = "verify" | "reset" | "unlock";

export class Phrase {
  readonly #manage: Manage;

  step = $state<PhraseStep>("overview");
  // Known from their making until they are proven or left.
  words = $state.raw<string[]>([]);
  // Whether they are on the screen, where others may see them.
  revealed = $state(false);
  // All of them in another order, and which were chosen so far.
  shuffled = $state.raw<string[]>([]);
  chosen = $state.raw<number[]>([]);
  purpose = $state<Purpose>("verify");
  hint = $state("");

  constructor(manage: Manage) {
    this.#manage = manage;
  }

  get method(): Method | undefined {
    return this.#manage.recovery.find(({ kind }) => kind === "phrase");
  }

  get verified(): boolean {
    return this.method?.lastUsed !== undefined;
  }

  begin(): void {
    this.#go("before");
  }

  // Makes a phrase and gives it to the identity, instead of the one before.
  async create(): Promise<void> {
    const old = this.method;
    await this.#make(async ({ management }, fresh) => {
      await (old === undefined ? management.add(fresh) : management.replace(old, fresh));
    });
  }

  // Everything is written down, says the person.
  check(): void {
    this.shuffled = shuffled(this.words);
    this.chosen = [];
    this.#go("order");
  }

  // The next word in the order of the person's notes.
  async choose(index: number): Promise<void> {
    if (this.chosen.includes(index) || this.#manage.busy !== "") {
      return;
    }
    this.chosen = [...this.chosen, index];
    if (this.chosen.length < this.words.length) {
      return;
    }
    const right = this.chosen.every((at, i) => this.shuffled[at] === this.words[i]);
    if (right) {
      await this.#prove(this.words);
    } else {
      this.#go("wrong");
    }
  }

  undo(): void {
    this.chosen = this.chosen.slice(0, -1);
  }

  retry(): void {
    this.#go(this.words.length === 0 ? "type" : "words");
  }

  ask(purpose: Purpose): void {
    this.purpose = purpose;
    this.#go("type");
  }

  // The words from the person's notes.
  async typed(words: string[]): Promise<void> {
    const { method } = this;
    if (method === undefined) {
      return;
    }
    if (!isPhrase(words)) {
      this.hint = r.type.invalid;
      return;
    }
    const key = await keyOf(words);
    if (!equal(new Uint8Array(key.getPublicKey().toDer()), method.publicKey)) {
      this.hint = r.type.other;
      return;
    }
    if (this.purpose === "verify") {
      await this.#prove(words);
      return;
    }
    const asPhrase = async ({ backend, session }: Hands) =>
      Management.of(backend, await sessionOf(key, session.number));
    if (this.purpose === "unlock") {
      const unlock = async (hands: Hands) => (await asPhrase(hands)).lock(method, false);
      this.#after(await this.#manage.run("phrase", unlock, () => r.phrase.unlocked), "overview");
      return;
    }
    await this.#make(async (hands, fresh) => (await asPhrase(hands)).replace(method, fresh));
  }

  async lock(): Promise<string> {
    const { method } = this;
    if (method === undefined) {
      return "";
    }
    const lock = ({ management }: Hands) => management.lock(method, true);
    return (await this.#manage.run("phrase", lock, () => r.phrase.locked))
      ? ""
      : this.#manage.problem;
  }

  leave(): void {
    this.words = [];
    this.shuffled = [];
    this.chosen = [];
    this.#go("overview");
  }

  async #make(
    give: (hands: Hands, fresh: ReturnType<typeof phraseMethod>) => Promise<void>,
  ): Promise<void> {
    const words = newPhrase();
    const fresh = phraseMethod(await keyOf(words));
    const made = await this.#manage.run("phrase", (hands) => give(hands, fresh));
    if (made) {
      this.words = words;
    }
    this.#after(made, "words");
  }

  // Signs in with the phrase, which the service takes note of.
  async #prove(words: string[]): Promise<void> {
    const prove = async ({ backend, session }: Hands) => {
      const proof = await sessionOf(await keyOf(words), session.number);
      await (await Management.of(backend, proof)).identity();
    };
    if (await this.#manage.run("phrase", prove, () => r.phrase.proven)) {
      this.leave();
    } else {
      this.hint = this.#manage.problem;
      this.chosen = [];
    }
  }

  #after(done: boolean, next: PhraseStep): void {
    if (done) {
      this.#go(next);
    } else {
      this.hint = this.#manage.problem;
    }
  }

  #go(step: PhraseStep): void {
    this.step = step;
    this.hint = "";
    this.revealed = false;
  }
}

// Fisher and Yates, with the browser's randomness.
function shuffled(all: readonly string[]): string[] {
  const words = [...all];
  const random = crypto.getRandomValues(new Uint32Array(words.length));
  for (let i = words.length - 1; i > 0; i--) {
    const j = (random[i] ?? 0) % (i + 1);
    [words[i], words[j]] = [words[j] ?? "", words[i] ?? ""];
  }
  return words;
}
