// The methods of manage-idl.ts as they look from TypeScript.

import type { Principal } from "@icp-sdk/core/principal";
import type {
  AccountInfo,
  AuthnMethod,
  AuthnMethodData,
  DefaultError,
  InfoError,
  MetadataValue,
  NameError,
  Opt,
  Result,
} from "./types";

export type Operation =
  | { register_anchor: { device: { pubkey: Uint8Array } } }
  | { add_device: { device: { pubkey: Uint8Array } } }
  | { update_device: { device: Uint8Array } }
  | { replace_device: { old_device: Uint8Array; new_device: { pubkey: Uint8Array } } }
  | { remove_device: { device: Uint8Array } }
  | { identity_metadata_replace: object }
  | { add_name: null }
  | { update_name: null }
  | { remove_name: null }
  | { create_account: object }
  | { update_account: { name: Opt<{ redacted: null }> } }
  | { set_default_account: null };

export interface ActivityEntry {
  sequence_number: bigint;
  // Nanoseconds since 1970.
  timestamp: bigint;
  caller: Principal;
  operation: Operation;
}

type Invalid = { InvalidMetadata: string };
type NotFound = { AuthnMethodNotFound: null };
type Used = { PasskeyWithThisPublicKeyIsAlreadyUsed: null };

export type EnterError =
  | InfoError
  | { InvalidRegistrationId: string }
  | { AlreadyInProgress: null };
export type RegisterError =
  | Invalid
  | Used
  | { RegistrationModeOff: null }
  | { RegistrationAlreadyInProgress: null }
  | { NotSelfAuthenticating: Principal };
export type ConfirmError =
  | InfoError
  | { WrongCode: { retries_left: number } }
  | { RegistrationModeOff: null }
  | { NoAuthnMethodToConfirm: null };

export interface Management {
  identity_info(number: bigint): Promise<
    Result<
      {
        authn_methods: AuthnMethodData[];
        authn_method_registration: Opt<{ expiration: bigint }>;
        name: Opt<string>;
        created_at: Opt<bigint>;
      },
      InfoError
    >
  >;
  identity_properties_replace(
    number: bigint,
    properties: { name: Opt<string> },
  ): Promise<
    Result<null, InfoError | { NameTooLong: { limit: bigint } } | { StorageSpaceExceeded: object }>
  >;
  authn_method_add(number: bigint, method: AuthnMethodData): Promise<Result<null, Invalid>>;
  authn_method_replace(
    number: bigint,
    key: Uint8Array,
    method: AuthnMethodData,
  ): Promise<Result<null, Invalid | NotFound | Used>>;
  authn_method_remove(number: bigint, key: Uint8Array): Promise<Result<null, null>>;
  authn_method_metadata_replace(
    number: bigint,
    key: Uint8Array,
    metadata: [string, MetadataValue][],
  ): Promise<Result<null, Invalid | NotFound>>;
  authn_method_security_settings_replace(
    number: bigint,
    key: Uint8Array,
    settings: AuthnMethodData["security_settings"],
  ): Promise<Result<null, NotFound>>;
  identity_authn_info(
    number: bigint,
  ): Promise<Result<{ authn_methods: AuthnMethod[]; recovery_authn_methods: AuthnMethod[] }, null>>;
  lookup_caller_identity_by_recovery_phrase(): Promise<Opt<bigint>>;
  identity_activity(
    number: bigint,
    page: { before: Opt<bigint>; limit: Opt<number> },
  ): Promise<Result<{ entries: ActivityEntry[]; next_before: Opt<bigint> }, InfoError>>;
  list_applications(
    number: bigint,
  ): Promise<Result<{ origin: string; last_used: bigint }[], { Unauthorized: Principal }>>;
  get_accounts(number: bigint, origin: string): Promise<Result<AccountInfo[], InfoError>>;
  get_default_account(number: bigint, origin: string): Promise<Result<AccountInfo, DefaultError>>;
  update_account(
    number: bigint,
    origin: string,
    account: Opt<bigint>,
    update: { name: Opt<string> },
  ): Promise<Result<AccountInfo, NameError>>;
  authn_method_registration_mode_enter(
    number: bigint,
    id: Opt<string>,
  ): Promise<Result<{ expiration: bigint }, EnterError>>;
  authn_method_registration_mode_exit(
    number: bigint,
    method: Opt<AuthnMethodData>,
  ): Promise<Result<null, InfoError | Invalid | Used>>;
  authn_method_session_register(
    number: bigint,
  ): Promise<Result<{ confirmation_code: string; expiration: bigint }, RegisterError>>;
  authn_method_session_info(number: bigint): Promise<Opt<{ name: Opt<string> }>>;
  authn_method_confirm(number: bigint, code: string): Promise<Result<null, ConfirmError>>;
  lookup_by_registration_mode_id(id: string): Promise<Opt<bigint>>;
}
