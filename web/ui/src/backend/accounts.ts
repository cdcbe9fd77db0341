// The accounts of an identity at an origin, as the service keeps them.

import type { ActorSubclass } from "@icp-sdk/core/agent";
import { AccountRefused } from "./errors";
import { type AccountInfo, opt, type Result, type Service } from "./types";

export interface Account {
  // None until the default account is given a name.
  number: bigint | undefined;
  name: string | undefined;
}

type Actor = ActorSubclass<Service>;

export async function list(actor: Actor, identity: bigint, origin: string): Promise<Account[]> {
  return ok(await actor.get_accounts(identity, origin)).map(account);
}

// The number of the account that an app gets if the person does not choose.
export async function standard(
  actor: Actor,
  identity: bigint,
  origin: string,
): Promise<bigint | undefined> {
  return account(ok(await actor.get_default_account(identity, origin))).number;
}

export async function create(
  actor: Actor,
  identity: bigint,
  origin: string,
  name: string,
): Promise<Account> {
  return account(ok(await actor.create_account(identity, origin, name)));
}

export async function rename(
  actor: Actor,
  identity: bigint,
  origin: string,
  number: bigint | undefined,
  name: string,
): Promise<Account> {
  return account(ok(await actor.update_account(identity, origin, opt(number), { name: [name] })));
}

export async function setStandard(
  actor: Actor,
  identity: bigint,
  origin: string,
  number: bigint | undefined,
): Promise<void> {
  ok(await actor.set_default_account(identity, origin, opt(number)));
}

function account({ account_number, name }: AccountInfo): Account {
  return { number: account_number[0], name: name[0] };
}

function ok<T, E extends object>(result: Result<T, E>): T {
  if ("Ok" in result) {
    return result.Ok;
  }
  const [error = ""] = Object.keys(result.Err);
  const reasons: Record<string, AccountRefused["reason"]> = {
    AccountLimitReached: "limit",
    NameTooLong: "long",
  };
  throw new AccountRefused(reasons[error] ?? "failed", error);
}
