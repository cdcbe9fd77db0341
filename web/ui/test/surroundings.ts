// What the flows need of a browser and of the service, as tests can see it.

import { vi } from "vitest";
import type { Account, Backend, Session } from "../src/backend";
import { AccountRefused } from "../src/backend/errors";
import { toBase64 } from "../src/bytes";
import { Authorize } from "../src/flow/authorize.svelte";
import { rememberKnown } from "../src/flow/known";
import { Channel } from "../src/protocol/channel";
import type { DelegationRequest, DelegationResult } from "../src/protocol/request";

export const app = "https://app.example";
export const key = Uint8Array.of(0x30, 1, 2, 3);

export class Memory {
  readonly map = new Map<string, string>();
  getItem = (name: string) => this.map.get(name) ?? null;
  setItem = (name: string, value: string) => void this.map.set(name, value);
  removeItem = (name: string) => void this.map.delete(name);
}

export class Opener {
  closed = false;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted, as tests look at it
  readonly posted: { message: any; target: string }[] = [];
  postMessage(message: unknown, target: string): void {
    this.posted.push({ message, target });
  }
  get last() {
    return this.posted.at(-1);
  }
  // Answers to requests, without what needs no person.
  get answers() {
    return this.posted.map(({ message }) => message).filter((m) => m.kind !== "authorize-ready");
  }
}

export function session(number: bigint, expires = Date.now() + 60_000): Session {
  return { number, expires, identity: {} as never, method: key };
}

// A service that does what the test says, and notes what it was asked.
export class Service {
  readonly authenticators = { dummy: false, create: vi.fn(), sign: vi.fn() };
  readonly delegated: { origin: string; request: DelegationRequest; account?: bigint }[] = [];
  readonly passkeys: Uint8Array[][] = [];
  details = vi.fn(async () => ({ name: "Ada", credentialIds: [Uint8Array.of(1)] }));
  effectiveOrigin = vi.fn(async (origin: string, derivation?: string) => derivation ?? origin);
  signIn = vi.fn(async (ids: Uint8Array[]) => {
    this.passkeys.push(ids);
    return { session: session(10_000n), credentialId: Uint8Array.of(1) };
  });
  delegate = vi.fn(
    async (
      _: Session,
      origin: string,
      request: DelegationRequest,
      account?: bigint,
    ): Promise<DelegationResult> => {
      this.delegated.push({ origin, request, ...(account === undefined ? {} : { account }) });
      return { userPublicKey: Uint8Array.of(5), delegations: [] };
    },
  );

  // One app's accounts are enough for these tests.
  held: Account[] = [{ number: undefined, name: undefined }];
  standard: bigint | undefined;
  #numbers = 0n;
  accounts = vi.fn(async () => this.held.map((account) => ({ ...account })));
  defaultAccount = vi.fn(async () => this.standard);
  createAccount = vi.fn(async (_: Session, __: string, name: string) => {
    this.#numbers += 1n;
    const account: Account = { number: this.#numbers, name };
    this.held.push(account);
    return { ...account };
  });
  // A name makes a number of the default account, which stays the default.
  nameAccount = vi.fn(
    async (_: Session, __: string, number: bigint | undefined, name: string): Promise<Account> => {
      const account = this.held.find((held) => held.number === number);
      if (account === undefined) {
        throw new AccountRefused("failed");
      }
      account.name = name;
      if (number === undefined) {
        this.#numbers += 1n;
        account.number = this.#numbers;
        this.standard = account.number;
      }
      return { ...account };
    },
  );
  setDefaultAccount = vi.fn(async (_: Session, __: string, number: bigint | undefined) => {
    this.standard = number;
  });
}

export class Surroundings {
  readonly opener = new Opener();
  readonly service = new Service();
  // Whether the service can be reached.
  up = true;
  readonly close = vi.fn();
  readonly channel: Channel;
  readonly flow: Authorize;
  readonly #clicks: (() => void)[] = [];

  constructor({ alone = false, search = "" } = {}) {
    vi.stubGlobal("location", { search, hostname: "ii.example", origin: "https://ii.example" });
    vi.stubGlobal("window", { close: this.close });
    vi.stubGlobal("addEventListener", (_: string, listener: () => void) =>
      this.#clicks.push(listener),
    );
    const opener = alone ? null : this.opener;
    this.channel = new Channel({
      opener,
      ownOrigin: "https://ii.example",
      storage: new Memory(),
      reloaded: false,
      now: Date.now,
    });
    this.channel.open();
    this.flow = new Authorize(
      this.channel,
      async () => {
        if (!this.up) {
          throw new TypeError("down");
        }
        return this.service as unknown as Backend;
      },
      opener as unknown as Window | null,
    );
    this.flow.start();
  }

  click(): void {
    for (const listener of this.#clicks) {
      listener();
    }
  }

  send(data: unknown, origin = app): void {
    this.channel.receive({ data, origin, source: this.opener });
  }

  ask(id: string, params: object = {}): void {
    this.send({
      jsonrpc: "2.0",
      id,
      method: "icrc34_delegation",
      params: { publicKey: toBase64(key), ...params },
    });
  }

  // Everything that happens without a person and within a moment.
  async settle(milliseconds = 0): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
  }
}

// The identity 10000, known to this browser with its name and passkey.
export function knowAda(): void {
  rememberKnown({ number: "10000", name: "Ada", credentialIds: [Uint8Array.of(1)] });
}

export function freshBrowser(): Memory {
  const storage = new Memory();
  vi.stubGlobal("localStorage", storage);
  return storage;
}
