// The interface of Internet Identity as its generated bindings describe it to
// the library, in the order of internet_identity.did. It is written by hand:
// interface.test.mjs compares it with what the service publishes.

import { IDL } from "@icp-sdk/core/candid";

const { Bool, Func, Nat16, Nat64, Nat8, Null, Opt, Principal, Rec, Record, Service, Text, Tuple, Variant, Vec } = IDL;
const Blob = Vec(Nat8);
const Result = (ok, err) => Variant({ Ok: ok, Err: err });
const update = (args, results) => Func(args, results, []);
const query = (args, results) => Func(args, results, ["query"]);

const UserNumber = Nat64;
const IdentityNumber = Nat64;
const AccountNumber = Nat64;
const PublicKey = Blob;
const DeviceKey = PublicKey;
const SessionKey = PublicKey;
const UserKey = PublicKey;
const CredentialId = Blob;
const Aaguid = Blob;
const FrontendHostname = Text;
const RegistrationId = Text;
const Timestamp = Nat64;

// Devices: the authentication methods of the first version.

const MetadataMap = Rec();
MetadataMap.fill(Vec(Tuple(Text, Variant({ map: MetadataMap, string: Text, bytes: Blob }))));
const Purpose = Variant({ recovery: Null, authentication: Null });
const KeyType = Variant({ unknown: Null, platform: Null, cross_platform: Null, seed_phrase: Null, browser_storage_key: Null });
const DeviceProtection = Variant({ protected: Null, unprotected: Null });
const device = {
  pubkey: DeviceKey,
  alias: Text,
  credential_id: Opt(CredentialId),
  aaguid: Opt(Aaguid),
  purpose: Purpose,
  key_type: KeyType,
  protection: DeviceProtection,
  origin: Opt(Text),
  metadata: Opt(MetadataMap),
};
const DeviceData = Record(device);
const DeviceWithUsage = Record({ ...device, last_usage: Opt(Timestamp) });
const DeviceRegistrationInfo = Record({ expiration: Timestamp, tentative_device: Opt(DeviceData), tentative_session: Opt(Principal) });
const WebAuthnCredential = Record({ credential_id: CredentialId, pubkey: PublicKey });
const AnchorCredentials = Record({
  credentials: Vec(WebAuthnCredential),
  recovery_credentials: Vec(WebAuthnCredential),
  recovery_phrases: Vec(PublicKey),
});
const ChallengeKey = Text;
const Challenge = Record({ png_base64: Text, challenge_key: ChallengeKey });
const ChallengeResult = Record({ key: ChallengeKey, chars: Text });
const RegisterResponse = Variant({ registered: Record({ user_number: UserNumber }), canister_full: Null, bad_challenge: Null });
const AddTentativeDeviceResponse = Variant({
  added_tentatively: Record({ verification_code: Text, device_registration_timeout: Timestamp }),
  device_registration_mode_off: Null,
  another_device_tentatively_added: Null,
  passkey_with_this_public_key_is_already_used: Null,
});
const VerifyTentativeDeviceResponse = Variant({
  verified: Null,
  wrong_code: Record({ retries_left: Nat8 }),
  device_registration_mode_off: Null,
  no_device_to_verify: Null,
});

// Authentication methods: the devices of the second version.

const MetadataMapV2 = Rec();
MetadataMapV2.fill(Vec(Tuple(Text, Variant({ Map: MetadataMapV2, String: Text, Bytes: Blob }))));
const WebAuthn = Record({ credential_id: CredentialId, pubkey: PublicKey, aaguid: Opt(Aaguid) });
const PublicKeyAuthn = Record({ pubkey: PublicKey });
const AuthnMethod = Variant({ WebAuthn, PubKey: PublicKeyAuthn });
const AuthnMethodProtection = Variant({ Protected: Null, Unprotected: Null });
const AuthnMethodPurpose = Variant({ Recovery: Null, Authentication: Null });
const AuthnMethodSecuritySettings = Record({ protection: AuthnMethodProtection, purpose: AuthnMethodPurpose });
const AuthnMethodData = Record({
  authn_method: AuthnMethod,
  security_settings: AuthnMethodSecuritySettings,
  metadata: MetadataMapV2,
  last_authentication: Opt(Timestamp),
});
const AuthnMethodRegistrationInfo = Record({ authn_method: Opt(AuthnMethodData), session: Opt(Principal), expiration: Timestamp });
const AuthnMethodAddError = Variant({ InvalidMetadata: Text });
const AuthnMethodReplaceError = Variant({ InvalidMetadata: Text, AuthnMethodNotFound: Null, PasskeyWithThisPublicKeyIsAlreadyUsed: Null });
const AuthnMethodMetadataReplaceError = Variant({ InvalidMetadata: Text, AuthnMethodNotFound: Null });
const AuthnMethodSecuritySettingsReplaceError = Variant({ AuthnMethodNotFound: Null });
const AuthnMethodRegistrationModeEnterError = Variant({
  Unauthorized: Principal,
  InvalidRegistrationId: Text,
  AlreadyInProgress: Null,
  InternalCanisterError: Text,
});
const AuthnMethodRegistrationModeExitError = Variant({
  Unauthorized: Principal,
  InvalidMetadata: Text,
  PasskeyWithThisPublicKeyIsAlreadyUsed: Null,
  InternalCanisterError: Text,
});
const AuthnMethodConfirmationCode = Record({ confirmation_code: Text, expiration: Timestamp });
const AuthnMethodRegisterError = Variant({
  RegistrationModeOff: Null,
  RegistrationAlreadyInProgress: Null,
  NotSelfAuthenticating: Principal,
  InvalidMetadata: Text,
  PasskeyWithThisPublicKeyIsAlreadyUsed: Null,
});
const AuthnMethodConfirmationError = Variant({
  WrongCode: Record({ retries_left: Nat8 }),
  RegistrationModeOff: Null,
  NoAuthnMethodToConfirm: Null,
  Unauthorized: Principal,
  InternalCanisterError: Text,
});
const AuthnMethodSessionInfo = Record({ name: Opt(Text), created_at: Opt(Timestamp) });

const RegistrationFlowNextStep = Variant({ CheckCaptcha: Record({ captcha_png_base64: Text }), Finish: Null });
const IdRegNextStepResult = Record({ next_step: RegistrationFlowNextStep });
const IdRegStartError = Variant({ InvalidCaller: Null, RateLimitExceeded: Null, AlreadyInProgress: Null });
const CheckCaptchaArg = Record({ solution: Text });
const CheckCaptchaError = Variant({
  WrongSolution: Record({ new_captcha_png_base64: Text }),
  UnexpectedCall: IdRegNextStepResult,
  NoRegistrationFlow: Null,
});
const IdRegFinishArg = Record({ authn_method: AuthnMethodData, name: Opt(Text) });
const IdRegFinishResult = Record({ identity_number: Nat64 });
const IdRegFinishError = Variant({
  IdentityLimitReached: Null,
  UnexpectedCall: IdRegNextStepResult,
  NoRegistrationFlow: Null,
  InvalidAuthnMethod: Text,
  StorageError: Text,
});

const IdentityAuthnInfo = Record({ authn_methods: Vec(AuthnMethod), recovery_authn_methods: Vec(AuthnMethod) });
const OpenIdCredential = Record({ iss: Text, sub: Text, aud: Text, last_usage_timestamp: Opt(Timestamp), metadata: MetadataMapV2 });
const IdentityAnchorInfo = Record({
  devices: Vec(DeviceWithUsage),
  device_registration: Opt(DeviceRegistrationInfo),
  openid_credentials: Opt(Vec(OpenIdCredential)),
  name: Opt(Text),
  created_at: Opt(Timestamp),
});
const IdentityInfo = Record({
  authn_methods: Vec(AuthnMethodData),
  authn_method_registration: Opt(AuthnMethodRegistrationInfo),
  openid_credentials: Opt(Vec(OpenIdCredential)),
  metadata: MetadataMapV2,
  name: Opt(Text),
  created_at: Opt(Timestamp),
});
const IdentityInfoError = Variant({ Unauthorized: Principal, InternalCanisterError: Text });
const StorageSpace = Record({ space_available: Nat64, space_required: Nat64 });
const IdentityMetadataReplaceError = Variant({ Unauthorized: Principal, StorageSpaceExceeded: StorageSpace, InternalCanisterError: Text });
const IdentityPropertiesReplace = Record({ name: Opt(Text) });
const IdentityPropertiesReplaceError = Variant({
  Unauthorized: Principal,
  StorageSpaceExceeded: StorageSpace,
  NameTooLong: Record({ limit: Nat64 }),
  InternalCanisterError: Text,
});
const DeviceKeyWithAnchor = Record({ pubkey: PublicKey, anchor_number: UserNumber });

// The history of an identity, which only this service has.

const DeviceDataWithoutAlias = Record({
  pubkey: DeviceKey,
  credential_id: Opt(CredentialId),
  purpose: Purpose,
  key_type: KeyType,
  protection: DeviceProtection,
  origin: Opt(Text),
  metadata_keys: Opt(Vec(Text)),
});
const Private = Variant({ redacted: Null });
const DeviceDataUpdate = Record({
  alias: Opt(Private),
  credential_id: Opt(CredentialId),
  purpose: Opt(Purpose),
  key_type: Opt(KeyType),
  protection: Opt(DeviceProtection),
  origin: Opt(Text),
  metadata_keys: Opt(Vec(Text)),
});
const IdentityOperation = Variant({
  register_anchor: Record({ device: DeviceDataWithoutAlias }),
  add_device: Record({ device: DeviceDataWithoutAlias }),
  update_device: Record({ device: PublicKey, new_values: DeviceDataUpdate }),
  replace_device: Record({ old_device: PublicKey, new_device: DeviceDataWithoutAlias }),
  remove_device: Record({ device: PublicKey }),
  identity_metadata_replace: Record({ metadata_keys: Vec(Text) }),
  add_name: Null,
  update_name: Null,
  remove_name: Null,
  create_account: Record({ name: Private }),
  update_account: Record({ name: Opt(Private) }),
  set_default_account: Null,
});
const IdentityActivityEntry = Record({ sequence_number: Nat64, timestamp: Timestamp, caller: Principal, operation: IdentityOperation });
const IdentityActivity = Record({ entries: Vec(IdentityActivityEntry), next_before: Opt(Nat64) });
const IdentityActivityArg = Record({ before: Opt(Nat64), limit: Opt(Nat16) });

// Delegations and accounts.

const Delegation = Record({ pubkey: PublicKey, expiration: Timestamp, targets: Opt(Vec(Principal)), permissions: Opt(Text) });
const SignedDelegation = Record({ delegation: Delegation, signature: Blob });
const GetDelegationResponse = Variant({ signed_delegation: SignedDelegation, no_such_delegation: Null });
const Permissions = Variant({ queries: Null, all: Null });
const PrepareAccountDelegation = Record({ user_key: UserKey, expiration: Timestamp });
const AccountDelegationError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, NoSuchDelegation: Null });
const PrepareSessionDelegation = Record({ user_key: UserKey, expiration: Timestamp });
const SessionDelegationError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, NoSuchDelegation: Null });
const AccountInfo = Record({ account_number: Opt(AccountNumber), origin: Text, last_used: Opt(Timestamp), name: Opt(Text) });
const AccountUpdate = Record({ name: Opt(Text) });
const GetAccountsError = Variant({ InternalCanisterError: Text, Unauthorized: Principal });
const CreateAccountError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, AccountLimitReached: Null, NameTooLong: Null });
const UpdateAccountError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, AccountLimitReached: Null, NameTooLong: Null });
const NoSuchOrigin = Record({ anchor_number: UserNumber });
const GetDefaultAccountError = Variant({ InternalCanisterError: Text, Unauthorized: Principal, NoSuchAnchor: Null, NoSuchOrigin });
const SetDefaultAccountError = Variant({
  InternalCanisterError: Text,
  Unauthorized: Principal,
  NoSuchAnchor: Null,
  NoSuchOrigin,
  NoSuchAccount: Record({ anchor_number: UserNumber, origin: FrontendHostname }),
});
const ApplicationInfo = Record({ origin: FrontendHostname, last_used: Timestamp, notifications_allowed: Bool });
const ListApplicationsError = Variant({ Unauthorized: Principal });

// The archive.

const DeployArchiveResult = Variant({ success: Principal, creation_in_progress: Null, failed: Text });
const BufferedArchiveEntry = Record({ anchor_number: UserNumber, timestamp: Timestamp, sequence_number: Nat64, entry: Blob });

// The service.

const HeaderField = Tuple(Text, Text);
const HttpRequest = Record({ method: Text, url: Text, headers: Vec(HeaderField), body: Blob, certificate_version: Opt(Nat16) });
const HttpResponse = Record({ status_code: Nat16, headers: Vec(HeaderField), body: Blob, upgrade: Opt(Bool) });
const ArchiveConfig = Record({ module_hash: Blob, entries_buffer_limit: Nat64, entries_fetch_limit: Nat16, polling_interval_ns: Nat64 });
const RateLimitConfig = Record({ time_per_token_ns: Nat64, max_tokens: Nat64 });
const CaptchaConfig = Record({
  max_unsolved_captchas: Nat64,
  captcha_trigger: Variant({
    Dynamic: Record({ threshold_pct: Nat16, current_rate_sampling_interval_s: Nat64, reference_rate_sampling_interval_s: Nat64 }),
    Static: Variant({ CaptchaEnabled: Null, CaptchaDisabled: Null }),
  }),
});
const OpenIdEmailVerification = Variant({ Unknown: Null, Google: Null, Microsoft: Null });
const OpenIdConfig = Record({
  name: Text,
  logo: Text,
  issuer: Text,
  client_id: Text,
  jwks_uri: Text,
  auth_uri: Text,
  auth_scope: Vec(Text),
  fedcm_uri: Opt(Text),
  email_verification: Opt(OpenIdEmailVerification),
  seed_jwks: Opt(Vec(Vec(Tuple(Text, Text)))),
});
const AnalyticsConfig = Variant({
  Plausible: Record({ domain: Opt(Text), hash_mode: Opt(Bool), track_localhost: Opt(Bool), api_host: Opt(Text) }),
});
const DummyAuthConfig = Record({ prompt_for_index: Bool });
const DnssecRootAnchor = Record({ key_tag: Nat16, algorithm: Nat8, digest_type: Nat8, digest: Blob });
const DnssecConfig = Record({ root_anchors: Vec(DnssecRootAnchor) });
const DohConfig = Record({ allowed_domains: Vec(Text), max_cache_age_secs: Opt(Nat64) });
const InternetIdentityInit = Record({
  assigned_user_number_range: Opt(Tuple(Nat64, Nat64)),
  archive_config: Opt(ArchiveConfig),
  canister_creation_cycles_cost: Opt(Nat64),
  register_rate_limit: Opt(RateLimitConfig),
  captcha_config: Opt(CaptchaConfig),
  related_origins: Opt(Vec(Text)),
  new_flow_origins: Opt(Vec(Text)),
  openid_configs: Opt(Vec(OpenIdConfig)),
  analytics_config: Opt(Opt(AnalyticsConfig)),
  enable_dapps_explorer: Opt(Bool),
  is_production: Opt(Bool),
  dummy_auth: Opt(Opt(DummyAuthConfig)),
  backend_canister_id: Opt(Principal),
  backend_origin: Opt(Text),
  sso_allow_insecure_discovery: Opt(Bool),
  enable_dnssec_email_recovery: Opt(Bool),
  dnssec_config: Opt(Opt(DnssecConfig)),
  doh_config: Opt(Opt(DohConfig)),
  mcp_official_url: Opt(Opt(Text)),
});
const ArchiveInfo = Record({ archive_canister: Opt(Principal), archive_config: Opt(ArchiveConfig) });
const InternetIdentityStats = Record({
  users_registered: Nat64,
  storage_layout_version: Nat8,
  assigned_user_number_range: Tuple(Nat64, Nat64),
  archive_info: ArchiveInfo,
  canister_creation_cycles_cost: Nat64,
  event_aggregations: Vec(Tuple(Text, Vec(Tuple(Text, Nat64)))),
});

// What can be given to an installation.
export const init = [Opt(InternetIdentityInit)];

export const methods = {
  init_salt: update([], []),

  create_challenge: update([], [Challenge]),
  register: update([DeviceData, ChallengeResult, Opt(Principal)], [RegisterResponse]),
  add: update([UserNumber, DeviceData], []),
  update: update([UserNumber, DeviceKey, DeviceData], []),
  replace: update([UserNumber, DeviceKey, DeviceData], []),
  remove: update([UserNumber, DeviceKey], []),
  lookup: query([UserNumber], [Vec(DeviceData)]),
  get_anchor_credentials: query([UserNumber], [AnchorCredentials]),
  get_anchor_info: update([UserNumber], [IdentityAnchorInfo]),
  enter_device_registration_mode: update([UserNumber], [Timestamp]),
  exit_device_registration_mode: update([UserNumber], []),
  add_tentative_device: update([UserNumber, DeviceData], [AddTentativeDeviceResponse]),
  verify_tentative_device: update([UserNumber, Text], [VerifyTentativeDeviceResponse]),

  identity_registration_start: update([], [Result(IdRegNextStepResult, IdRegStartError)]),
  check_captcha: update([CheckCaptchaArg], [Result(IdRegNextStepResult, CheckCaptchaError)]),
  identity_registration_finish: update([IdRegFinishArg], [Result(IdRegFinishResult, IdRegFinishError)]),

  identity_authn_info: query([IdentityNumber], [Result(IdentityAuthnInfo, Null)]),
  identity_info: update([IdentityNumber], [Result(IdentityInfo, IdentityInfoError)]),
  identity_metadata_replace: update([IdentityNumber, MetadataMapV2], [Result(Null, IdentityMetadataReplaceError)]),
  identity_properties_replace: update([IdentityNumber, IdentityPropertiesReplace], [Result(Null, IdentityPropertiesReplaceError)]),
  identity_activity: query([IdentityNumber, IdentityActivityArg], [Result(IdentityActivity, IdentityInfoError)]),
  lookup_device_key: query([CredentialId], [Opt(DeviceKeyWithAnchor)]),
  lookup_caller_identity_by_recovery_phrase: update([], [Opt(IdentityNumber)]),
  authn_method_add: update([IdentityNumber, AuthnMethodData], [Result(Null, AuthnMethodAddError)]),
  authn_method_replace: update([IdentityNumber, PublicKey, AuthnMethodData], [Result(Null, AuthnMethodReplaceError)]),
  authn_method_remove: update([IdentityNumber, PublicKey], [Result(Null, Null)]),
  authn_method_metadata_replace: update([IdentityNumber, PublicKey, MetadataMapV2], [Result(Null, AuthnMethodMetadataReplaceError)]),
  authn_method_security_settings_replace: update(
    [IdentityNumber, PublicKey, AuthnMethodSecuritySettings], [Result(Null, AuthnMethodSecuritySettingsReplaceError)]),

  authn_method_registration_mode_enter: update(
    [IdentityNumber, Opt(RegistrationId)], [Result(Record({ expiration: Timestamp }), AuthnMethodRegistrationModeEnterError)]),
  authn_method_registration_mode_exit: update([IdentityNumber, Opt(AuthnMethodData)], [Result(Null, AuthnMethodRegistrationModeExitError)]),
  authn_method_register: update([IdentityNumber, AuthnMethodData], [Result(AuthnMethodConfirmationCode, AuthnMethodRegisterError)]),
  authn_method_session_register: update([IdentityNumber], [Result(AuthnMethodConfirmationCode, AuthnMethodRegisterError)]),
  authn_method_session_info: query([IdentityNumber], [Opt(AuthnMethodSessionInfo)]),
  authn_method_confirm: update([IdentityNumber, Text], [Result(Null, AuthnMethodConfirmationError)]),
  lookup_by_registration_mode_id: query([RegistrationId], [Opt(IdentityNumber)]),

  prepare_delegation: update([UserNumber, FrontendHostname, SessionKey, Opt(Nat64)], [UserKey, Timestamp]),
  get_delegation: query([UserNumber, FrontendHostname, SessionKey, Timestamp], [GetDelegationResponse]),
  prepare_account_delegation: update(
    [UserNumber, FrontendHostname, Opt(AccountNumber), SessionKey, Opt(Nat64), Opt(Permissions)], [Result(PrepareAccountDelegation, AccountDelegationError)]),
  get_account_delegation: query(
    [UserNumber, FrontendHostname, Opt(AccountNumber), SessionKey, Timestamp, Opt(Permissions)], [Result(SignedDelegation, AccountDelegationError)]),
  prepare_session_delegation: update([UserNumber, SessionKey, Opt(Nat64)], [Result(PrepareSessionDelegation, SessionDelegationError)]),
  get_session_delegation: query([UserNumber, SessionKey, Timestamp], [Result(SignedDelegation, SessionDelegationError)]),
  get_principal: query([UserNumber, FrontendHostname], [Principal]),

  get_accounts: query([UserNumber, FrontendHostname], [Result(Vec(AccountInfo), GetAccountsError)]),
  create_account: update([UserNumber, FrontendHostname, Text], [Result(AccountInfo, CreateAccountError)]),
  update_account: update([UserNumber, FrontendHostname, Opt(AccountNumber), AccountUpdate], [Result(AccountInfo, UpdateAccountError)]),
  get_default_account: query([UserNumber, FrontendHostname], [Result(AccountInfo, GetDefaultAccountError)]),
  set_default_account: update([UserNumber, FrontendHostname, Opt(AccountNumber)], [Result(AccountInfo, SetDefaultAccountError)]),
  list_applications: query([UserNumber], [Result(Vec(ApplicationInfo), ListApplicationsError)]),

  deploy_archive: update([Blob], [DeployArchiveResult]),
  fetch_entries: update([], [Vec(BufferedArchiveEntry)]),
  acknowledge_entries: update([Nat64], []),

  whoami: query([], [Principal]),
  config: query([], [InternetIdentityInit]),
  stats: query([], [InternetIdentityStats]),
  http_request: query([HttpRequest], [HttpResponse]),
};

export const interfaceOf = () => Service(methods);
