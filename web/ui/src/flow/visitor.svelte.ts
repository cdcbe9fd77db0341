// The person before the screen: the identities this browser knows, the one
// that is chosen, and whether this page may act for it right now.

import type { Session } from "../backend";
import { equal } from "../bytes";
import { t } from "../strings";
import type { Connection } from "./connection";
import { forgetKnown, type Known, known, rememberKnown } from "./known";

export class OtherIdentity extends Error {}

export class Visitor {
  readonly #backend: Connection;
  #session: Session | undefined;
  // The other windows of this browser that show this service.
  readonly #others =
    typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("ii:signed-out");
  identities = $state.raw<Known[]>(known());
  current = $state.raw<Known | undefined>();

  constructor(backend: Connection) {
    this.#backend = backend;
    this.current = this.identities[0];
  }

  get name(): string {
    return this.current === undefined ? "" : nameOf(this.current);
  }

  select(identity: Known): void {
    this.current = identity;
  }

  forget(number: string): void {
    forgetKnown(number);
    this.identities = known();
    if (this.current?.number === number) {
      this.current = undefined;
      this.#session = undefined;
    }
  }

  // Whether this page may act for the chosen identity right now.
  get live(): boolean {
    return this.#live() !== undefined;
  }

  // A session for the chosen identity, by a passkey dialog if need be.
  async session(): Promise<Session> {
    const { current } = this;
    const live = this.#live();
    if (live !== undefined) {
      return live;
    }
    const backend = await this.#backend();
    const { session, credentialId } = await backend.signIn(current?.credentialIds ?? []);
    this.signedIn(session, { credentialId });
    if (current !== undefined && current.number !== session.number.toString()) {
      throw new OtherIdentity();
    }
    return session;
  }

  endSession(): void {
    this.#session = undefined;
  }

  // Signs out in every window of this browser that acts for the identity.
  signOut(): void {
    const { number } = this.current ?? {};
    this.endSession();
    this.#others?.postMessage(number);
  }

  // Tells when another window has done so.
  whenSignedOut(ended: () => void): () => void {
    const heard = ({ data }: MessageEvent) => {
      if (data === this.current?.number && this.#session !== undefined) {
        this.endSession();
        ended();
      }
    };
    this.#others?.addEventListener("message", heard);
    return () => this.#others?.removeEventListener("message", heard);
  }

  signedIn(
    session: Session,
    // Without a credential for whoever came by other means than a passkey.
    { name, credentialId }: { name?: string; credentialId?: Uint8Array<ArrayBuffer> },
  ): void {
    const number = session.number.toString();
    const before = this.identities.find((identity) => identity.number === number);
    const ids = before?.credentialIds ?? [];
    const unseen =
      credentialId === undefined || ids.some((id) => equal(id, credentialId)) ? [] : [credentialId];
    this.#session = session;
    this.#remember({
      number,
      name: name ?? before?.name,
      credentialIds: [...ids, ...unseen],
    });
    // What is known already need not be asked for again.
    const complete = before?.name !== undefined && unseen.length === 0;
    if (name === undefined && !complete) {
      void this.#lookUp(session, number);
    }
  }

  // What was seen of the chosen identity elsewhere.
  learned(name: string | undefined, credentialIds: Uint8Array<ArrayBuffer>[]): void {
    if (this.current !== undefined) {
      this.#remember({ number: this.current.number, name, credentialIds });
    }
  }

  // The name and the other passkeys, for this screen and the next visit. Not
  // needed to go on, so a failure is none.
  async #lookUp(session: Session, number: string): Promise<void> {
    try {
      const { name, credentialIds } = await (await this.#backend()).details(session);
      if (this.current?.number === number) {
        this.#remember({ number, name, credentialIds });
      }
    } catch {
      // Known by its number until next time.
    }
  }

  #live(): Session | undefined {
    const session = this.#session;
    const mine = session?.number.toString() === this.current?.number;
    return mine && Date.now() < (session?.expires ?? 0) ? session : undefined;
  }

  #remember(identity: Known): void {
    rememberKnown(identity);
    this.identities = known();
    this.current = identity;
  }
}

export function nameOf({ name, number }: Known): string {
  return name ?? t.switcher.unnamed(number);
}
