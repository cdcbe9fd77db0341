// The methods of the service that this page calls, as they look from
// TypeScript. The names and types are the service's own (see its .did).

import type { Principal } from "@icp-sdk/core/principal";

export type Opt<T> = [] | [T];

export function opt<T>(value: T | undefined): Opt<T> {
  return value === undefined ? [] : [value];
}

export type Result<T, E> = { Ok: T } | { Err: E };

export type NextStep = { CheckCaptcha: { captcha_png_base64: string } } | { Finish: null };
export interface Next {
  next_step: NextStep;
}

export type StartError =
  | { RateLimitExceeded: null }
  | { InvalidCaller: null }
  | { AlreadyInProgress: null };

export type CaptchaError =
  | { WrongSolution: { new_captcha_png_base64: string } }
  | { UnexpectedCall: Next }
  | { NoRegistrationFlow: null };

export type FinishError =
  | { UnexpectedCall: Next }
  | { NoRegistrationFlow: null }
  | { InvalidAuthnMethod: string }
  | { IdentityLimitReached: null }
  | { StorageError: string };

export type MetadataValue =
  | { Map: [string, MetadataValue][] }
  | { String: string }
  | { Bytes: Uint8Array };

export type AuthnMethod =
  | { WebAuthn: { credential_id: Uint8Array; pubkey: Uint8Array; aaguid: Opt<Uint8Array> } }
  | { PubKey: { pubkey: Uint8Array } };

export interface AuthnMethodData {
  authn_method: AuthnMethod;
  security_settings: {
    protection: { Protected: null } | { Unprotected: null };
    purpose: { Authentication: null } | { Recovery: null };
  };
  metadata: [string, MetadataValue][];
  last_authentication: Opt<bigint>;
}

export interface IdentityInfo {
  authn_methods: AuthnMethodData[];
  name: Opt<string>;
}

export type InfoError = { Unauthorized: Principal } | { InternalCanisterError: string };
export type DelegationError = InfoError | { NoSuchDelegation: null };

export interface SignedDelegation {
  delegation: { pubkey: Uint8Array; expiration: bigint; targets: Opt<Principal[]> };
  signature: Uint8Array;
}

export interface AccountInfo {
  account_number: Opt<bigint>;
  name: Opt<string>;
}

export type NameError = InfoError | { AccountLimitReached: null } | { NameTooLong: null };
export type DefaultError =
  | InfoError
  | { NoSuchAnchor: null }
  | { NoSuchOrigin: { anchor_number: bigint } };

export interface Service {
  identity_registration_start(): Promise<Result<Next, StartError>>;
  check_captcha(arg: { solution: string }): Promise<Result<Next, CaptchaError>>;
  identity_registration_finish(arg: {
    authn_method: AuthnMethodData;
    name: Opt<string>;
  }): Promise<Result<{ identity_number: bigint }, FinishError>>;
  identity_info(number: bigint): Promise<Result<IdentityInfo, InfoError>>;
  lookup_device_key(
    credentialId: Uint8Array,
  ): Promise<Opt<{ pubkey: Uint8Array; anchor_number: bigint }>>;
  prepare_account_delegation(
    number: bigint,
    origin: string,
    account: Opt<bigint>,
    sessionKey: Uint8Array,
    maxTimeToLive: Opt<bigint>,
  ): Promise<Result<{ user_key: Uint8Array; expiration: bigint }, DelegationError>>;
  get_account_delegation(
    number: bigint,
    origin: string,
    account: Opt<bigint>,
    sessionKey: Uint8Array,
    expiration: bigint,
  ): Promise<Result<SignedDelegation, DelegationError>>;
  get_accounts(number: bigint, origin: string): Promise<Result<AccountInfo[], InfoError>>;
  get_default_account(number: bigint, origin: string): Promise<Result<AccountInfo, DefaultError>>;
  create_account(
    number: bigint,
    origin: string,
    name: string,
  ): Promise<Result<AccountInfo, NameError>>;
  update_account(
    number: bigint,
    origin: string,
    account: Opt<bigint>,
    update: { name: Opt<string> },
  ): Promise<Result<AccountInfo, NameError>>;
  set_default_account(
    number: bigint,
    origin: string,
    account: Opt<bigint>,
  ): Promise<
    Result<AccountInfo, DefaultError | { NoSuchAccount: { anchor_number: bigint; origin: string } }>
  >;
}
