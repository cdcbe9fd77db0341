// An identity in the hands of its person: what the service has of it, and one
// change at a time.

import { authnMethod, type Backend, type Session } from "../backend";
import { Refused } from "../backend/errors";
import type { Identity, Management, Method } from "../backend/management";
import { equal } from "../bytes";
import type { NewPasskey, Wish } from "../crypto/passkey";
import { providerName } from "../crypto/providers";
import { m } from "../strings/manage";
import type { Connection } from "./connection";
import { hintFor } from "./hints";
import { OtherIdentity, type Visitor } from "./visitor.svelte";

// What one change is given.
export interface Hands {
  backend: Backend;
  session: Session;
  management: Management;
}

// Passkeys of one identity.
export const maxPasskeys = 16;

// Bytes of UTF-8 that the service keeps of a name.
const maxNameBytes = 128;

export class Manage {
  readonly #backend: Connection;
  readonly visitor: Visitor;
  #running: Promise<boolean> = Promise.resolve(true);
  // Made for this identity, and kept if the service could not be reached: the
  // person should not have to make another.
  #pending: { passkey: NewPasskey; recovery: boolean } | undefined;

  identity = $state.raw<Identity | undefined>();
  // What is being done, by a name of the screen's own; empty if nothing.
  busy = $state("");
  // What went wrong last, for people.
  problem = $state("");
  // What was done last.
  done = $state("");
  // The method that let the person in: DER.
  method = $state.raw<Uint8Array<ArrayBuffer> | undefined>();

  constructor(backend: Connection, visitor: Visitor) {
    this.#backend = backend;
    this.visitor = visitor;
  }

  get name(): string {
    return this.identity?.name ?? this.visitor.name;
  }

  // Ways in that are no last resort.
  get passkeys(): Method[] {
    return this.identity?.methods.filter(({ recovery }) => !recovery) ?? [];
  }

  get recovery(): Method[] {
    return this.identity?.methods.filter(({ recovery }) => recovery) ?? [];
  }

  get ways(): number {
    return this.identity?.methods.length ?? 0;
  }

  // Whether one lost device is a lost identity.
  get alone(): boolean {
    return this.ways === 1;
  }

  get full(): boolean {
    const passkeys = this.identity?.methods.filter(({ kind }) => kind === "passkey");
    return (passkeys?.length ?? 0) >= maxPasskeys;
  }

  inUse({ publicKey }: Method): boolean {
    return this.method !== undefined && equal(this.method, publicKey);
  }

  open(): Promise<boolean> {
    return this.run("open", async () => {});
  }

  rename(name: string): Promise<boolean> {
    const done = m.home.renamed;
    return this.#named(name, done, ({ management }) => management.rename(name.trim()));
  }

  renameMethod(method: Method, name: string): Promise<boolean> {
    const done = m.access.renamed(name.trim());
    return this.#named(name, done, ({ management }) =>
      management.renameMethod(method, name.trim()),
    );
  }

  // Makes a passkey and adds it.
  add(wish: Wish = {}, recovery = false): Promise<boolean> {
    let name = "";
    return this.run(
      "add",
      async ({ backend, management }) => {
        if (this.#pending?.recovery !== recovery) {
          const except = this.identity?.methods.flatMap(({ credentialId }) => credentialId ?? []);
          const making = backend.authenticators.create(this.name, {
            except: except ?? [],
            ...wish,
          });
          backend.verifyDuring(making);
          this.#pending = { passkey: await making, recovery };
        }
        const { passkey } = this.#pending;
        name = providerName(passkey.aaguid) ?? m.access.unknown;
        const purpose = recovery ? { Recovery: null } : { Authentication: null };
        try {
          await management.add(authnMethod(passkey, name, purpose));
          this.#pending = undefined;
        } catch (error) {
          if (error instanceof Refused) {
            this.#pending = undefined;
          }
          throw error;
        }
      },
      () => m.access.added(name),
    );
  }

  // Whoever removes what they came with is signed out.
  async remove(method: Method): Promise<boolean> {
    const own = this.inUse(method);
    const removed = await this.run(
      "remove",
      async ({ management }) => {
        await management.remove(method);
        if (own) {
          this.end();
        }
      },
      () => m.access.removed(method.alias || m.access.unknown),
    );
    if (removed && own) {
      this.visitor.learned(
        this.name,
        this.visitor.current?.credentialIds.filter(
          (id) => method.credentialId === undefined || !equal(id, method.credentialId),
        ) ?? [],
      );
    }
    return removed;
  }

  // Does the work with a session, asking for a passkey if need be, and reads
  // the identity again. Whether it was done; if not, `problem` says why.
  run(
    what: string,
    work: (hands: Hands) => Promise<void>,
    done: () => string = () => "",
  ): Promise<boolean> {
    return this.#do(what, async (hands) => {
      await work(hands);
      if (this.visitor.live) {
        await this.#read(hands);
      }
      this.done = done();
    });
  }

  // Does work that changes nothing, after what is being done now.
  async look<T>(what: string, work: (hands: Hands) => Promise<T>): Promise<T | undefined> {
    let found: T | undefined;
    while (this.busy !== "") {
      await this.#running;
    }
    await this.#do(what, async (hands) => {
      found = await work(hands);
    });
    return found;
  }

  // Nothing more to say about what was done.
  quiet(): void {
    this.done = "";
    this.problem = "";
  }

  // Forgets what this browser may do. What it has done stays.
  end(): void {
    this.visitor.signOut();
    this.left();
  }

  // Nothing is shown to whoever comes next.
  left(): void {
    this.identity = undefined;
    this.method = undefined;
    this.quiet();
  }

  #named(name: string, done: string, work: (hands: Hands) => Promise<void>): Promise<boolean> {
    const wrong = wrongName(name);
    if (wrong !== "") {
      this.problem = wrong;
      return Promise.resolve(false);
    }
    return this.run("name", work, () => done);
  }

  async #read({ management, session }: Hands): Promise<void> {
    const identity = await management.identity();
    this.identity = identity;
    this.method = session.method;
    this.visitor.learned(
      identity.name,
      identity.methods.flatMap(({ credentialId }) => credentialId ?? []),
    );
  }

  #do(what: string, work: (hands: Hands) => Promise<void>): Promise<boolean> {
    if (this.busy !== "") {
      return Promise.resolve(false);
    }
    this.busy = what;
    this.quiet();
    this.#running = this.#attempt(work);
    return this.#running;
  }

  async #attempt(work: (hands: Hands) => Promise<void>): Promise<boolean> {
    try {
      const session = await this.visitor.session();
      const backend = await this.#backend();
      const { Management } = await import("../backend/management");
      const hands = { backend, session, management: await Management.of(backend, session) };
      await work(hands);
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    } finally {
      this.busy = "";
    }
  }
}

// What is wrong with a name; nothing if it can be kept.
export function wrongName(text: string): string {
  const name = text.trim();
  if (name === "") {
    return m.problems.empty;
  }
  return new TextEncoder().encode(name).length > maxNameBytes ? m.problems.long : "";
}

export function explain(error: unknown): string {
  if (error instanceof OtherIdentity) {
    return m.problems.other;
  }
  if (!(error instanceof Refused)) {
    return hintFor(error);
  }
  switch (error.reason) {
    case "NameTooLong":
      return m.problems.long;
    case "StorageSpaceExceeded":
      return m.problems.full;
    case "PasskeyWithThisPublicKeyIsAlreadyUsed":
      return m.problems.used;
    case "AuthnMethodNotFound":
      return m.problems.gone;
    default:
      return m.problems.refused;
  }
}
