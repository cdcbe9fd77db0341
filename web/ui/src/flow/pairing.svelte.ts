// Two devices, one identity: the one that is in lets the other one in. The new
// one shows a code that the person carries over, so that nobody who only knows
// the link gets in.

import { Refused } from "../backend/errors";
import type { Knocking } from "../backend/pairing";
import type { NewPasskey } from "../crypto/passkey";
import { providerName } from "../crypto/providers";
import { m } from "../strings/manage";
import { p } from "../strings/pairing";
import type { Connection } from "./connection";
import { explain, type Manage } from "./manage.svelte";
import type { Visitor } from "./visitor.svelte";

// Characters of an id, and how many there are.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idLength = 5;

export const codeLength = 6;

// Milliseconds.
const interval = 3000;
const patience = 5 * 60 * 1000;

export function newId(): string {
  const id: string[] = [];
  while (id.length < idLength) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // A multiple of the 62 characters, so that all are equally likely.
    if (byte < 248) {
      id.push(alphabet.charAt(byte % alphabet.length));
    }
  }
  return id.join("");
}

export function isId(text: string): boolean {
  return text.length === idLength && [...text].every((one) => alphabet.includes(one));
}

export function linkOf(path: "/activate" | "/pair", id: string): string {
  return `${location.origin}${path}#${id}`;
}

// Asks again and again, at most for five minutes, until there is an answer or
// nobody waits for it any more.
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  wanted: () => boolean,
): Promise<T | undefined> {
  const end = Date.now() + patience;
  while (wanted() && Date.now() < end) {
    // A lost connection may come back.
    const found = await ask().catch((error: unknown) => {
      if (error instanceof Refused) {
        throw error;
      }
      return undefined;
    });
    if (found !== undefined) {
      return wanted() ? found : undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  return undefined;
}

export type NewStep =
  | { name: "link"; link: string }
  | { name: "knocking" }
  | { name: "code"; code: string }
  | { name: "confirmed"; called: string | undefined }
  | { name: "over"; why: string };

// The device that is to be let in.
export class NewDevice {
  readonly #backend: Connection;
  readonly #visitor: Visitor;
  #knocking: Knocking | undefined;
  #passkey: NewPasskey | undefined;
  // Which try this is: what an earlier one is still waiting for counts no more.
  #try = 0;

  step = $state.raw<NewStep>({ name: "knocking" });
  busy = $state(false);
  hint = $state("");

  constructor(backend: Connection, visitor: Visitor) {
    this.#backend = backend;
    this.#visitor = visitor;
  }

  // With the id of the other device's link, or with one of its own.
  async start(id: string | undefined): Promise<void> {
    const mine = ++this.#try;
    const wanted = () => mine === this.#try;
    const own = id ?? newId();
    this.step =
      id === undefined ? { name: "link", link: linkOf("/activate", own) } : { name: "knocking" };
    try {
      const { doorOf, Knocking } = await import("../backend/pairing");
      const door = async () => doorOf(await this.#backend(), own);
      // Another device's door is open already, or never again.
      const number = id === undefined ? await poll(door, wanted) : await door();
      if (!wanted()) {
        return;
      }
      if (number === undefined) {
        this.step = { name: "over", why: id === undefined ? p.over.late : p.over.closed };
        return;
      }
      this.step = { name: "knocking" };
      const knocking = await Knocking.at(await this.#backend(), number);
      this.#knocking = knocking;
      this.step = { name: "code", code: knocking.code };
      const inside = await poll(() => knocking.confirmed(), wanted);
      if (wanted()) {
        this.step =
          inside === undefined
            ? { name: "over", why: p.over.late }
            : { name: "confirmed", called: inside.name };
      }
    } catch (error) {
      if (wanted()) {
        this.step = { name: "over", why: whyNot(error) };
      }
    }
  }

  stop(): void {
    this.#try++;
  }

  // Whether this device has its passkey now.
  async create(): Promise<boolean> {
    const { step } = this;
    const knocking = this.#knocking;
    if (this.busy || knocking === undefined || step.name !== "confirmed") {
      return false;
    }
    this.busy = true;
    this.hint = "";
    try {
      const name = step.called ?? String(knocking.number);
      const { authenticators } = await this.#backend();
      this.#passkey ??= await authenticators.create(name);
      const passkey = this.#passkey;
      const alias = providerName(passkey.aaguid) ?? m.access.unknown;
      const session = await knocking.enter(passkey, alias);
      this.#visitor.signedIn(session, {
        ...(step.called === undefined ? {} : { name: step.called }),
        credentialId: passkey.credentialId,
      });
      return true;
    } catch (error) {
      if (error instanceof Refused) {
        this.step = { name: "over", why: whyNot(error) };
      } else {
        this.hint = explain(error);
      }
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export type OldStep =
  | { name: "start" }
  | { name: "link"; link: string }
  | { name: "code" }
  | { name: "done" }
  | { name: "over"; why: string };

// The device that lets the other one in.
export class OldDevice {
  readonly #manage: Manage;
  #try = 0;

  step = $state.raw<OldStep>({ name: "start" });
  hint = $state("");

  constructor(manage: Manage) {
    this.#manage = manage;
  }

  // With the id of the other device's link, or with one of its own.
  async start(id: string | undefined): Promise<void> {
    const mine = ++this.#try;
    const wanted = () => mine === this.#try;
    this.hint = "";
    const own = id ?? newId();
    const opened = await this.#manage.look("pair", async ({ management }) => {
      try {
        await management.openMode(own);
      } catch (error) {
        if (!(error instanceof Refused && error.reason === "AlreadyInProgress")) {
          throw error;
        }
        // An earlier try of the person's own.
        await management.closeMode();
        await management.openMode(own);
      }
      return true;
    });
    if (!wanted()) {
      return;
    }
    if (opened === undefined) {
      this.step = { name: "over", why: this.#manage.problem };
      return;
    }
    if (id !== undefined) {
      this.step = { name: "code" };
      return;
    }
    this.step = { name: "link", link: linkOf("/pair", own) };
    const asked = await poll(async () => {
      const asking = await this.#manage.look("wait", ({ management }) => management.asking());
      return asking === true ? true : undefined;
    }, wanted);
    if (wanted()) {
      this.step = asked === undefined ? { name: "over", why: p.over.late } : { name: "code" };
    }
  }

  async confirm(code: string): Promise<void> {
    const left = await this.#manage.look("confirm", async ({ management }) => {
      try {
        return (await management.confirm(code)) ?? "right";
      } catch (error) {
        if (error instanceof Refused && error.reason === "NoAuthnMethodToConfirm") {
          return "nobody";
        }
        throw error;
      }
    });
    switch (left) {
      case "right":
        this.step = { name: "done" };
        break;
      case "nobody":
        this.hint = p.code.nobody;
        break;
      case undefined:
        this.hint = this.#manage.problem;
        break;
      case 0:
        this.step = { name: "over", why: p.over.tries };
        break;
      default:
        this.hint = p.code.wrong(left);
    }
  }

  // Closes the door. What comes then is left to the person.
  async cancel(): Promise<void> {
    this.#try++;
    const { name } = this.step;
    if (name === "link" || name === "code") {
      await this.#manage.look("pair", ({ management }) => management.closeMode());
    }
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Refused)) {
    return explain(error);
  }
  switch (error.reason) {
    case "RegistrationAlreadyInProgress":
      return p.over.taken;
    case "PasskeyWithThisPublicKeyIsAlreadyUsed":
      return m.problems.used;
    default:
      return p.over.closed;
  }
}
