// The accounts of an identity at one app: for people who want to be more than
// one there. Whether they are asked which, they decide once, in this browser.

import type { Account, Backend, Session } from "../backend";
import { t } from "../strings";
import type { Visitor } from "./visitor.svelte";

// What the page offers; the service keeps many more.
export const maxAccounts = 5;

// Of one identity. The name is the one that the ecosystem's front ends use.
const key = (number: string) => `ii:multi-accounts:${number}`;

interface Loaded {
  // The identity and the app that they belong to.
  number: string;
  origin: string;
  accounts: Account[];
  standard: bigint | undefined;
}

export class Accounts {
  readonly #visitor: Visitor;
  #loaded = $state.raw<Loaded | undefined>();
  // Whether a choice is wanted, by identity; from storage until it is changed.
  #wanted = $state.raw<Record<string, boolean>>({});

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
  }

  // Whether this person wants to choose.
  get wanted(): boolean {
    const number = this.#visitor.current?.number;
    return number !== undefined && (this.#wanted[number] ?? read(number));
  }

  // What there is to choose from; undefined until it was loaded for the
  // identity before the screen.
  list(origin: string): readonly Account[] | undefined {
    const loaded = this.#loaded;
    const here = loaded?.origin === origin && loaded.number === this.#visitor.current?.number;
    return this.wanted && here ? loaded.accounts : undefined;
  }

  isDefault({ number }: Account): boolean {
    return this.#loaded?.standard === number;
  }

  want(wanted: boolean): void {
    const number = this.#visitor.current?.number;
    if (number !== undefined) {
      this.#wanted = { ...this.#wanted, [number]: wanted };
      write(number, wanted);
    }
  }

  async load(backend: Backend, session: Session, origin: string): Promise<void> {
    const [accounts, standard] = await Promise.all([
      backend.accounts(session, origin),
      backend.defaultAccount(session, origin),
    ]);
    this.#loaded = { number: session.number.toString(), origin, accounts, standard };
  }

  // Gives an account a name, or makes one if there is none yet. Whether it is
  // the default then, if that was asked for, is a second call that may fail by
  // itself: what was saved stays saved.
  async save(
    backend: Backend,
    session: Session,
    origin: string,
    { account, name, standard }: Draft,
  ): Promise<{ saved: Account; standard: boolean }> {
    const saved =
      account === undefined
        ? await backend.createAccount(session, origin, name)
        : account.name === name
          ? account
          : await backend.nameAccount(session, origin, account.number, name);
    let standing = true;
    if (standard && (account === undefined || !this.isDefault(account))) {
      standing = await backend.setDefaultAccount(session, origin, saved.number).then(
        () => true,
        () => false,
      );
    }
    await this.load(backend, session, origin);
    return { saved, standard: standing };
  }
}

// What the person typed.
export interface Draft {
  // Undefined for one that is to be made.
  account: Account | undefined;
  name: string;
  // Whether it is to be what "Continue" uses.
  standard: boolean;
}

export function accountName({ name }: Account): string {
  return name ?? t.accounts.unnamed;
}

function read(number: string): boolean {
  try {
    return localStorage.getItem(key(number)) === "true";
  } catch {
    return false;
  }
}

function write(number: string, wanted: boolean): void {
  try {
    if (wanted) {
      localStorage.setItem(key(number), "true");
    } else {
      localStorage.removeItem(key(number));
    }
  } catch {
    // Without storage they decide again at the next visit.
  }
}
