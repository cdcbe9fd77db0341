// An identity as it is managed: its name, its methods, where it is used and
// what was changed. One object per session.

import type { ActorSubclass } from "@icp-sdk/core/agent";
import { equal, owned } from "../bytes";
import type { Account } from "./accounts";
import { Refused } from "./errors";
import type { Backend, Session } from "./index";
import { management } from "./manage-idl";
import type { ActivityEntry, Management as Methods } from "./manage-types";
import { type AuthnMethodData, type MetadataValue, opt, type Result } from "./types";

export type Kind = "passkey" | "phrase" | "key";

// A way in.
export interface Method {
  kind: Kind;
  publicKey: Uint8Array<ArrayBuffer>;
  credentialId: Uint8Array<ArrayBuffer> | undefined;
  aaguid: Uint8Array<ArrayBuffer> | undefined;
  alias: string;
  // Where it was made, if that is known.
  origin: string | undefined;
  // Kept for the day when no other is at hand.
  recovery: boolean;
  // Changed and removed by itself alone.
  locked: boolean;
  // Milliseconds since 1970.
  lastUsed: number | undefined;
  // As the service has it.
  data: AuthnMethodData;
}

export interface Identity {
  number: bigint;
  name: string | undefined;
  createdAt: number | undefined;
  methods: Method[];
}

export interface Application {
  origin: string;
  lastUsed: number;
}

export interface AppAccounts {
  accounts: Account[];
  // The number of the one that is used without asking.
  standard: bigint | undefined;
}

export interface Activity {
  entries: ActivityEntry[];
  // Where the next page begins; nothing at the end.
  next: bigint | undefined;
}

export class Management {
  readonly #actor: ActorSubclass<Methods>;
  readonly #number: bigint;

  private constructor(actor: ActorSubclass<Methods>, number: bigint) {
    this.#actor = actor;
    this.#number = number;
  }

  static async of(backend: Backend, session: Session): Promise<Management> {
    return new Management(await backend.as<Methods>(session, management), session.number);
  }

  async identity(): Promise<Identity> {
    const info = ok(await this.#actor.identity_info(this.#number));
    return {
      number: this.#number,
      name: info.name[0],
      createdAt: milliseconds(info.created_at[0]),
      methods: info.authn_methods.map(methodOf),
    };
  }

  async rename(name: string): Promise<void> {
    ok(await this.#actor.identity_properties_replace(this.#number, { name: [name] }));
  }

  async add(method: AuthnMethodData): Promise<void> {
    ok(await this.#actor.authn_method_add(this.#number, method));
  }

  async replace(old: Method, method: AuthnMethodData): Promise<void> {
    ok(await this.#actor.authn_method_replace(this.#number, old.publicKey, method));
  }

  async remove(method: Method): Promise<void> {
    ok(await this.#actor.authn_method_remove(this.#number, method.publicKey));
  }

  // The rest of what the service keeps about the method stays.
  async renameMethod({ publicKey, data }: Method, alias: string): Promise<void> {
    const rest = data.metadata.filter(([key]) => key !== "alias");
    const metadata: [string, MetadataValue][] = [["alias", { String: alias }], ...rest];
    ok(await this.#actor.authn_method_metadata_replace(this.#number, publicKey, metadata));
  }

  async lock({ publicKey, data }: Method, locked: boolean): Promise<void> {
    const protection = locked ? { Protected: null } : { Unprotected: null };
    const { purpose } = data.security_settings;
    ok(
      await this.#actor.authn_method_security_settings_replace(this.#number, publicKey, {
        protection,
        purpose,
      }),
    );
  }

  // Most recently used first.
  async applications(): Promise<Application[]> {
    return ok(await this.#actor.list_applications(this.#number))
      .map(({ origin, last_used }) => ({ origin, lastUsed: milliseconds(last_used) ?? 0 }))
      .toSorted((a, b) => b.lastUsed - a.lastUsed);
  }

  async accounts(origin: string): Promise<AppAccounts> {
    const [list, standard] = await Promise.all([
      this.#actor.get_accounts(this.#number, origin),
      this.#actor.get_default_account(this.#number, origin),
    ]);
    return {
      accounts: ok(list).map(({ account_number, name }) => ({
        number: account_number[0],
        name: name[0],
      })),
      standard: ok(standard).account_number[0],
    };
  }

  async renameAccount(origin: string, account: bigint | undefined, name: string): Promise<void> {
    const update = { name: opt(name) };
    ok(await this.#actor.update_account(this.#number, origin, opt(account), update));
  }

  async activity(before: bigint | undefined, limit: number): Promise<Activity> {
    const page = { before: opt(before), limit: opt(limit) };
    const { entries, next_before } = ok(await this.#actor.identity_activity(this.#number, page));
    return { entries, next: next_before[0] };
  }

  // Lets another device in that knows the id; until when, in milliseconds.
  async openMode(id: string): Promise<number> {
    const answer = await this.#actor.authn_method_registration_mode_enter(this.#number, [id]);
    return milliseconds(ok(answer).expiration) ?? 0;
  }

  async closeMode(): Promise<void> {
    ok(await this.#actor.authn_method_registration_mode_exit(this.#number, []));
  }

  // Whether a device is asking to be let in.
  async asking(): Promise<boolean> {
    const info = ok(await this.#actor.identity_info(this.#number));
    return info.authn_method_registration.length > 0;
  }

  // How many tries are left if the code was wrong; nothing if it was right.
  async confirm(code: string): Promise<number | undefined> {
    const answer = await this.#actor.authn_method_confirm(this.#number, code);
    if ("Err" in answer && "WrongCode" in answer.Err) {
      return answer.Err.WrongCode.retries_left;
    }
    ok(answer);
    return undefined;
  }
}

export function methodOf(data: AuthnMethodData): Method {
  const { authn_method: method, security_settings, metadata, last_authentication } = data;
  const text = (wanted: string) => {
    const value = metadata.find(([key]) => key === wanted)?.[1];
    return value !== undefined && "String" in value ? value.String : undefined;
  };
  const passkey = "WebAuthn" in method ? method.WebAuthn : undefined;
  const { pubkey } = "WebAuthn" in method ? method.WebAuthn : method.PubKey;
  const aaguid = passkey?.aaguid[0];
  return {
    kind:
      passkey !== undefined ? "passkey" : text("usage") === "recovery_phrase" ? "phrase" : "key",
    publicKey: owned(pubkey),
    credentialId: passkey === undefined ? undefined : owned(passkey.credential_id),
    aaguid: aaguid === undefined ? undefined : owned(aaguid),
    alias: text("alias") ?? "",
    origin: text("origin"),
    recovery: "Recovery" in security_settings.purpose,
    locked: "Protected" in security_settings.protection,
    lastUsed: milliseconds(last_authentication[0]),
    data,
  };
}

// Which method a session acts for.
export function inUse(session: Session, { publicKey }: Method): boolean {
  return equal(session.method, publicKey);
}

export function milliseconds(nanoseconds: bigint): number;
export function milliseconds(nanoseconds: bigint | undefined): number | undefined;
export function milliseconds(nanoseconds: bigint | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n);
}

export function ok<T, E>(result: Result<T, E>): T {
  if ("Ok" in result) {
    return result.Ok;
  }
  const [name = ""] = Object.keys(result.Err ?? {});
  const detail = (result.Err as Record<string, unknown> | null)?.[name];
  throw new Refused(name, typeof detail === "string" ? detail : undefined);
}
