// The methods that manage an identity, for the Candid encoder. Loaded with the
// screens that need them, never for a sign-in. Fields that the page does not
// read are left out.

import { IDL } from "@icp-sdk/core/candid";
import {
  account,
  accountInfo,
  authnMethod,
  authnMethodData,
  bytes,
  metadata,
  number,
  result,
} from "./idl";

const unauthorized = { Unauthorized: IDL.Principal, InternalCanisterError: IDL.Text };
const invalid = { InvalidMetadata: IDL.Text };
const none = IDL.Null;

const device = IDL.Record({ pubkey: bytes });
const redacted = IDL.Opt(IDL.Variant({ redacted: none }));
const operation = IDL.Variant({
  register_anchor: IDL.Record({ device }),
  add_device: IDL.Record({ device }),
  update_device: IDL.Record({ device: bytes }),
  replace_device: IDL.Record({ old_device: bytes, new_device: device }),
  remove_device: IDL.Record({ device: bytes }),
  identity_metadata_replace: IDL.Record({}),
  add_name: none,
  update_name: none,
  remove_name: none,
  create_account: IDL.Record({}),
  update_account: IDL.Record({ name: redacted }),
  set_default_account: none,
});

const code = IDL.Record({ confirmation_code: IDL.Text, expiration: IDL.Nat64 });
const security = IDL.Record({
  protection: IDL.Variant({ Protected: none, Unprotected: none }),
  purpose: IDL.Variant({ Authentication: none, Recovery: none }),
});

export const management: IDL.InterfaceFactory = () =>
  IDL.Service({
    identity_info: IDL.Func(
      [number],
      [
        result(
          IDL.Record({
            authn_methods: IDL.Vec(authnMethodData),
            authn_method_registration: IDL.Opt(IDL.Record({ expiration: IDL.Nat64 })),
            name: IDL.Opt(IDL.Text),
            created_at: IDL.Opt(IDL.Nat64),
          }),
          unauthorized,
        ),
      ],
    ),
    identity_properties_replace: IDL.Func(
      [number, IDL.Record({ name: IDL.Opt(IDL.Text) })],
      [
        result(none, {
          ...unauthorized,
          NameTooLong: IDL.Record({ limit: IDL.Nat64 }),
          StorageSpaceExceeded: IDL.Record({}),
        }),
      ],
    ),
    authn_method_add: IDL.Func([number, authnMethodData], [result(none, invalid)]),
    authn_method_replace: IDL.Func(
      [number, bytes, authnMethodData],
      [
        result(none, {
          ...invalid,
          AuthnMethodNotFound: none,
          PasskeyWithThisPublicKeyIsAlreadyUsed: none,
        }),
      ],
    ),
    authn_method_remove: IDL.Func([number, bytes], [IDL.Variant({ Ok: none, Err: none })]),
    authn_method_metadata_replace: IDL.Func(
      [number, bytes, metadata],
      [result(none, { ...invalid, AuthnMethodNotFound: none })],
    ),
    authn_method_security_settings_replace: IDL.Func(
      [number, bytes, security],
      [result(none, { AuthnMethodNotFound: none })],
    ),
    identity_authn_info: IDL.Func(
      [number],
      [
        IDL.Variant({
          Ok: IDL.Record({
            authn_methods: IDL.Vec(authnMethod),
            recovery_authn_methods: IDL.Vec(authnMethod),
          }),
          Err: none,
        }),
      ],
      ["query"],
    ),
    lookup_caller_identity_by_recovery_phrase: IDL.Func([], [IDL.Opt(number)]),
    identity_activity: IDL.Func(
      [number, IDL.Record({ before: IDL.Opt(IDL.Nat64), limit: IDL.Opt(IDL.Nat16) })],
      [
        result(
          IDL.Record({
            entries: IDL.Vec(
              IDL.Record({
                sequence_number: IDL.Nat64,
                timestamp: IDL.Nat64,
                caller: IDL.Principal,
                operation,
              }),
            ),
            next_before: IDL.Opt(IDL.Nat64),
          }),
          unauthorized,
        ),
      ],
      ["query"],
    ),
    list_applications: IDL.Func(
      [number],
      [
        result(IDL.Vec(IDL.Record({ origin: IDL.Text, last_used: IDL.Nat64 })), {
          Unauthorized: IDL.Principal,
        }),
      ],
      ["query"],
    ),
    get_accounts: IDL.Func(
      [number, IDL.Text],
      [result(IDL.Vec(accountInfo), unauthorized)],
      ["query"],
    ),
    get_default_account: IDL.Func(
      [number, IDL.Text],
      [
        result(accountInfo, {
          ...unauthorized,
          NoSuchAnchor: none,
          NoSuchOrigin: IDL.Record({}),
        }),
      ],
      ["query"],
    ),
    update_account: IDL.Func(
      [number, IDL.Text, account, IDL.Record({ name: IDL.Opt(IDL.Text) })],
      [result(accountInfo, { ...unauthorized, AccountLimitReached: none, NameTooLong: none })],
    ),
    authn_method_registration_mode_enter: IDL.Func(
      [number, IDL.Opt(IDL.Text)],
      [
        result(IDL.Record({ expiration: IDL.Nat64 }), {
          ...unauthorized,
          InvalidRegistrationId: IDL.Text,
          AlreadyInProgress: none,
        }),
      ],
    ),
    authn_method_registration_mode_exit: IDL.Func(
      [number, IDL.Opt(authnMethodData)],
      [result(none, { ...unauthorized, ...invalid, PasskeyWithThisPublicKeyIsAlreadyUsed: none })],
    ),
    authn_method_session_register: IDL.Func(
      [number],
      [
        result(code, {
          ...invalid,
          RegistrationModeOff: none,
          RegistrationAlreadyInProgress: none,
          NotSelfAuthenticating: IDL.Principal,
          PasskeyWithThisPublicKeyIsAlreadyUsed: none,
        }),
      ],
    ),
    authn_method_session_info: IDL.Func(
      [number],
      [IDL.Opt(IDL.Record({ name: IDL.Opt(IDL.Text) }))],
      ["query"],
    ),
    authn_method_confirm: IDL.Func(
      [number, IDL.Text],
      [
        result(none, {
          ...unauthorized,
          WrongCode: IDL.Record({ retries_left: IDL.Nat8 }),
          RegistrationModeOff: none,
          NoAuthnMethodToConfirm: none,
        }),
      ],
    ),
    lookup_by_registration_mode_id: IDL.Func([IDL.Text], [IDL.Opt(number)], ["query"]),
  });
