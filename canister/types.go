package canister

import (
	"internetidentity/candid"
	"internetidentity/principal"
)

// The types of the interface, in the order of internet_identity.did. A test
// compares them with it in both directions.

type null = candid.Null

// yes is what a variant's choice without a value is set to.
func yes() *null { return &null{} }

type metadataValue struct {
	_      candid.Variant
	Map    *metadataMap `candid:"Map"`
	String *string      `candid:"String"`
	Bytes  *[]byte      `candid:"Bytes"`
}

type metadataEntry struct {
	Key   string        `candid:"0"`
	Value metadataValue `candid:"1"`
}

type metadataMap []metadataEntry

type webAuthn struct {
	CredentialID []byte  `candid:"credential_id"`
	PublicKey    []byte  `candid:"pubkey"`
	AAGUID       *[]byte `candid:"aaguid"`
}

type publicKeyAuthn struct {
	PublicKey []byte `candid:"pubkey"`
}

type authnMethod struct {
	_        candid.Variant
	WebAuthn *webAuthn       `candid:"WebAuthn"`
	PubKey   *publicKeyAuthn `candid:"PubKey"`
}

type protection struct {
	_           candid.Variant
	Protected   *null `candid:"Protected"`
	Unprotected *null `candid:"Unprotected"`
}

type purpose struct {
	_              candid.Variant
	Recovery       *null `candid:"Recovery"`
	Authentication *null `candid:"Authentication"`
}

type securitySettings struct {
	Protection protection `candid:"protection"`
	Purpose    purpose    `candid:"purpose"`
}

type authnMethodData struct {
	AuthnMethod        authnMethod      `candid:"authn_method"`
	SecuritySettings   securitySettings `candid:"security_settings"`
	Metadata           metadataMap      `candid:"metadata"`
	LastAuthentication *uint64          `candid:"last_authentication"`
}

type authnMethodRegistrationInfo struct {
	AuthnMethod *authnMethodData     `candid:"authn_method"`
	Session     *principal.Principal `candid:"session"`
	Expiration  uint64               `candid:"expiration"`
}

type checkCaptcha struct {
	PNG string `candid:"captcha_png_base64"`
}

type nextStep struct {
	_            candid.Variant
	CheckCaptcha *checkCaptcha `candid:"CheckCaptcha"`
	Finish       *null         `candid:"Finish"`
}

type nextStepResult struct {
	NextStep nextStep `candid:"next_step"`
}

type startError struct {
	_                 candid.Variant
	InvalidCaller     *null `candid:"InvalidCaller"`
	RateLimitExceeded *null `candid:"RateLimitExceeded"`
	AlreadyInProgress *null `candid:"AlreadyInProgress"`
}

type captchaArg struct {
	Solution string `candid:"solution"`
}

type wrongSolution struct {
	PNG string `candid:"new_captcha_png_base64"`
}

type captchaError struct {
	_                  candid.Variant
	WrongSolution      *wrongSolution  `candid:"WrongSolution"`
	UnexpectedCall     *nextStepResult `candid:"UnexpectedCall"`
	NoRegistrationFlow *null           `candid:"NoRegistrationFlow"`
}

type finishArg struct {
	AuthnMethod authnMethodData `candid:"authn_method"`
	Name        *string         `candid:"name"`
}

type finishResult struct {
	Number uint64 `candid:"identity_number"`
}

type finishError struct {
	_                    candid.Variant
	IdentityLimitReached *null           `candid:"IdentityLimitReached"`
	UnexpectedCall       *nextStepResult `candid:"UnexpectedCall"`
	NoRegistrationFlow   *null           `candid:"NoRegistrationFlow"`
	InvalidAuthnMethod   *string         `candid:"InvalidAuthnMethod"`
	StorageError         *string         `candid:"StorageError"`
}

type authnInfo struct {
	Methods  []authnMethod `candid:"authn_methods"`
	Recovery []authnMethod `candid:"recovery_authn_methods"`
}

type openIDCredential struct {
	Issuer    string      `candid:"iss"`
	Subject   string      `candid:"sub"`
	Audience  string      `candid:"aud"`
	LastUsage *uint64     `candid:"last_usage_timestamp"`
	Metadata  metadataMap `candid:"metadata"`
}

type identityInfo struct {
	Methods      []authnMethodData            `candid:"authn_methods"`
	Registration *authnMethodRegistrationInfo `candid:"authn_method_registration"`
	OpenID       *[]openIDCredential          `candid:"openid_credentials"`
	Metadata     metadataMap                  `candid:"metadata"`
	Name         *string                      `candid:"name"`
	CreatedAt    *uint64                      `candid:"created_at"`
}

type infoError struct {
	_                     candid.Variant
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	InternalCanisterError *string              `candid:"InternalCanisterError"`
}

type deviceKey struct {
	PublicKey []byte `candid:"pubkey"`
	Number    uint64 `candid:"anchor_number"`
}

type addError struct {
	_               candid.Variant
	InvalidMetadata *string `candid:"InvalidMetadata"`
}

type delegation struct {
	PublicKey   []byte                 `candid:"pubkey"`
	Expiration  uint64                 `candid:"expiration"`
	Targets     *[]principal.Principal `candid:"targets"`
	Permissions *string                `candid:"permissions"`
}

type signedDelegation struct {
	Delegation delegation `candid:"delegation"`
	Signature  []byte     `candid:"signature"`
}

type getDelegationResponse struct {
	_      candid.Variant
	Signed *signedDelegation `candid:"signed_delegation"`
	None   *null             `candid:"no_such_delegation"`
}

type permissions struct {
	_       candid.Variant
	Queries *null `candid:"queries"`
	All     *null `candid:"all"`
}

type preparedDelegation struct {
	UserKey    []byte `candid:"user_key"`
	Expiration uint64 `candid:"expiration"`
}

type delegationError struct {
	_                     candid.Variant
	InternalCanisterError *string              `candid:"InternalCanisterError"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	NoSuchDelegation      *null                `candid:"NoSuchDelegation"`
}

type headerField struct {
	Name  string `candid:"0"`
	Value string `candid:"1"`
}

type httpRequest struct {
	Method             string        `candid:"method"`
	URL                string        `candid:"url"`
	Headers            []headerField `candid:"headers"`
	Body               []byte        `candid:"body"`
	CertificateVersion *uint16       `candid:"certificate_version"`
}

type httpResponse struct {
	Status  uint16        `candid:"status_code"`
	Headers []headerField `candid:"headers"`
	Body    []byte        `candid:"body"`
	Upgrade *bool         `candid:"upgrade"`
}

type numberRange struct {
	Lowest uint64 `candid:"0"`
	End    uint64 `candid:"1"`
}

type rateLimit struct {
	TimePerToken uint64 `candid:"time_per_token_ns"`
	MaxTokens    uint64 `candid:"max_tokens"`
}

type dynamicCaptcha struct {
	ThresholdPercent  uint16 `candid:"threshold_pct"`
	CurrentInterval   uint64 `candid:"current_rate_sampling_interval_s"`
	ReferenceInterval uint64 `candid:"reference_rate_sampling_interval_s"`
}

type staticCaptcha struct {
	_        candid.Variant
	Enabled  *null `candid:"CaptchaEnabled"`
	Disabled *null `candid:"CaptchaDisabled"`
}

type captchaTrigger struct {
	_       candid.Variant
	Dynamic *dynamicCaptcha `candid:"Dynamic"`
	Static  *staticCaptcha  `candid:"Static"`
}

type captchaConfig struct {
	MaxUnsolved uint64         `candid:"max_unsolved_captchas"`
	Trigger     captchaTrigger `candid:"captcha_trigger"`
}

type initRecord struct {
	Range          *numberRange         `candid:"assigned_user_number_range"`
	RateLimit      *rateLimit           `candid:"register_rate_limit"`
	Captcha        *captchaConfig       `candid:"captcha_config"`
	RelatedOrigins *[]string            `candid:"related_origins"`
	CyclesCost     *uint64              `candid:"canister_creation_cycles_cost"`
	IsProduction   *bool                `candid:"is_production"`
	BackendID      *principal.Principal `candid:"backend_canister_id"`
}

type archiveInfo struct {
	Canister *principal.Principal `candid:"archive_canister"`
}

type aggregationEntry struct {
	Key    string `candid:"0"`
	Weight uint64 `candid:"1"`
}

type aggregation struct {
	Name    string             `candid:"0"`
	Entries []aggregationEntry `candid:"1"`
}

type stats struct {
	Users        uint64        `candid:"users_registered"`
	Layout       uint8         `candid:"storage_layout_version"`
	Range        numberRange   `candid:"assigned_user_number_range"`
	Archive      archiveInfo   `candid:"archive_info"`
	CyclesCost   uint64        `candid:"canister_creation_cycles_cost"`
	Aggregations []aggregation `candid:"event_aggregations"`
}

// result is a variant of Ok and Err.
type result[T, E any] struct {
	_   candid.Variant
	Ok  *T `candid:"Ok"`
	Err *E `candid:"Err"`
}
