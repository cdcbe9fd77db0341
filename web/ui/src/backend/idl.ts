// The same methods for the Candid encoder. Fields that this page does not read
// are left out, which Candid's subtyping allows for what we receive; for what
// we send every variant and field is there.

import { IDL } from "@icp-sdk/core/candid";

export const bytes = IDL.Vec(IDL.Nat8);
export const result = (ok: IDL.Type, errors: Record<string, IDL.Type>) =>
  IDL.Variant({ Ok: ok, Err: IDL.Variant(errors) });

const next = IDL.Record({
  next_step: IDL.Variant({
    CheckCaptcha: IDL.Record({ captcha_png_base64: IDL.Text }),
    Finish: IDL.Null,
  }),
});

const metadataValue = IDL.Rec();
export const metadata = IDL.Vec(IDL.Tuple(IDL.Text, metadataValue));
metadataValue.fill(IDL.Variant({ Map: metadata, String: IDL.Text, Bytes: bytes }));

export const authnMethod = IDL.Variant({
  WebAuthn: IDL.Record({ credential_id: bytes, pubkey: bytes, aaguid: IDL.Opt(bytes) }),
  PubKey: IDL.Record({ pubkey: bytes }),
});
export const authnMethodData = IDL.Record({
  authn_method: authnMethod,
  security_settings: IDL.Record({
    protection: IDL.Variant({ Protected: IDL.Null, Unprotected: IDL.Null }),
    purpose: IDL.Variant({ Authentication: IDL.Null, Recovery: IDL.Null }),
  }),
  metadata,
  last_authentication: IDL.Opt(IDL.Nat64),
});

const infoErrors = { Unauthorized: IDL.Principal, InternalCanisterError: IDL.Text };
const delegationErrors = { ...infoErrors, NoSuchDelegation: IDL.Null };

export const number = IDL.Nat64;
export const account = IDL.Opt(IDL.Nat64);
export const accountInfo = IDL.Record({ account_number: account, name: IDL.Opt(IDL.Text) });
const nameErrors = { ...infoErrors, AccountLimitReached: IDL.Null, NameTooLong: IDL.Null };
const defaultErrors = {
  ...infoErrors,
  NoSuchAnchor: IDL.Null,
  NoSuchOrigin: IDL.Record({ anchor_number: number }),
};

export const service = IDL.Service({
  identity_registration_start: IDL.Func(
    [],
    [
      result(next, {
        RateLimitExceeded: IDL.Null,
        InvalidCaller: IDL.Null,
        AlreadyInProgress: IDL.Null,
      }),
    ],
  ),
  check_captcha: IDL.Func(
    [IDL.Record({ solution: IDL.Text })],
    [
      result(next, {
        WrongSolution: IDL.Record({ new_captcha_png_base64: IDL.Text }),
        UnexpectedCall: next,
        NoRegistrationFlow: IDL.Null,
      }),
    ],
  ),
  identity_registration_finish: IDL.Func(
    [IDL.Record({ authn_method: authnMethodData, name: IDL.Opt(IDL.Text) })],
    [
      result(IDL.Record({ identity_number: number }), {
        UnexpectedCall: next,
        NoRegistrationFlow: IDL.Null,
        InvalidAuthnMethod: IDL.Text,
        IdentityLimitReached: IDL.Null,
        StorageError: IDL.Text,
      }),
    ],
  ),
  identity_info: IDL.Func(
    [number],
    [
      result(
        IDL.Record({ authn_methods: IDL.Vec(authnMethodData), name: IDL.Opt(IDL.Text) }),
        infoErrors,
      ),
    ],
  ),
  lookup_device_key: IDL.Func(
    [bytes],
    [IDL.Opt(IDL.Record({ pubkey: bytes, anchor_number: number }))],
    ["query"],
  ),
  prepare_account_delegation: IDL.Func(
    [number, IDL.Text, account, bytes, IDL.Opt(IDL.Nat64)],
    [result(IDL.Record({ user_key: bytes, expiration: IDL.Nat64 }), delegationErrors)],
  ),
  get_account_delegation: IDL.Func(
    [number, IDL.Text, account, bytes, IDL.Nat64],
    [
      result(
        IDL.Record({
          delegation: IDL.Record({
            pubkey: bytes,
            expiration: IDL.Nat64,
            targets: IDL.Opt(IDL.Vec(IDL.Principal)),
          }),
          signature: bytes,
        }),
        delegationErrors,
      ),
    ],
    ["query"],
  ),
  get_accounts: IDL.Func([number, IDL.Text], [result(IDL.Vec(accountInfo), infoErrors)], ["query"]),
  get_default_account: IDL.Func(
    [number, IDL.Text],
    [result(accountInfo, defaultErrors)],
    ["query"],
  ),
  create_account: IDL.Func([number, IDL.Text, IDL.Text], [result(accountInfo, nameErrors)]),
  update_account: IDL.Func(
    [number, IDL.Text, account, IDL.Record({ name: IDL.Opt(IDL.Text) })],
    [result(accountInfo, nameErrors)],
  ),
  set_default_account: IDL.Func(
    [number, IDL.Text, account],
    [
      result(accountInfo, {
        ...defaultErrors,
        NoSuchAccount: IDL.Record({ anchor_number: number, origin: IDL.Text }),
      }),
    ],
  ),
});
