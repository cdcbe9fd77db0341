package canister

import (
	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// The init record of the interface, and the form in which hosts write it.

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

type archiveConfig struct {
	ModuleHash      []byte `candid:"module_hash"`
	BufferLimit     uint64 `candid:"entries_buffer_limit"`
	FetchLimit      uint16 `candid:"entries_fetch_limit"`
	PollingInterval uint64 `candid:"polling_interval_ns"`
}

type openIDConfig struct {
	Name     string             `candid:"name"`
	Logo     string             `candid:"logo"`
	Issuer   string             `candid:"issuer"`
	ClientID string             `candid:"client_id"`
	KeysURI  string             `candid:"jwks_uri"`
	AuthURI  string             `candid:"auth_uri"`
	Scope    []string           `candid:"auth_scope"`
	FedCM    *string            `candid:"fedcm_uri"`
	Email    *emailVerification `candid:"email_verification"`
	Keys     *[][]textPair      `candid:"seed_jwks"`
}

type emailVerification struct {
	_         candid.Variant
	Unknown   *null `candid:"Unknown"`
	Google    *null `candid:"Google"`
	Microsoft *null `candid:"Microsoft"`
}

type textPair struct {
	Name  string `candid:"0"`
	Value string `candid:"1"`
}

type plausible struct {
	Domain         *string `candid:"domain"`
	HashMode       *bool   `candid:"hash_mode"`
	TrackLocalhost *bool   `candid:"track_localhost"`
	Host           *string `candid:"api_host"`
}

type analyticsConfig struct {
	_         candid.Variant
	Plausible *plausible `candid:"Plausible"`
}

type dummyAuth struct {
	Prompt bool `candid:"prompt_for_index"`
}

type rootAnchor struct {
	KeyTag     uint16 `candid:"key_tag"`
	Algorithm  uint8  `candid:"algorithm"`
	DigestType uint8  `candid:"digest_type"`
	Digest     []byte `candid:"digest"`
}

type dnssecConfig struct {
	Anchors []rootAnchor `candid:"root_anchors"`
}

type dohConfig struct {
	Domains     []string `candid:"allowed_domains"`
	MaxCacheAge *uint64  `candid:"max_cache_age_secs"`
}

type initRecord struct {
	Range          *numberRange         `candid:"assigned_user_number_range"`
	Archive        *archiveConfig       `candid:"archive_config"`
	CyclesCost     *uint64              `candid:"canister_creation_cycles_cost"`
	RateLimit      *rateLimit           `candid:"register_rate_limit"`
	Captcha        *captchaConfig       `candid:"captcha_config"`
	RelatedOrigins *[]string            `candid:"related_origins"`
	NewFlowOrigins *[]string            `candid:"new_flow_origins"`
	OpenID         *[]openIDConfig      `candid:"openid_configs"`
	Analytics      **analyticsConfig    `candid:"analytics_config"`
	DappsExplorer  *bool                `candid:"enable_dapps_explorer"`
	IsProduction   *bool                `candid:"is_production"`
	DummyAuth      **dummyAuth          `candid:"dummy_auth"`
	BackendID      *principal.Principal `candid:"backend_canister_id"`
	BackendOrigin  *string              `candid:"backend_origin"`
	// What follows is kept and shown, and does nothing here.
	InsecureSSO *bool          `candid:"sso_allow_insecure_discovery"`
	EmailDNSSEC *bool          `candid:"enable_dnssec_email_recovery"`
	DNSSEC      **dnssecConfig `candid:"dnssec_config"`
	DoH         **dohConfig    `candid:"doh_config"`
	MCP         **string       `candid:"mcp_official_url"`
}

// Init is the part of the init record that hosts let their operators decide.
// A nil field keeps what is in force.
type Init struct {
	// Base is a whole install argument in Candid, which the fields below
	// change. Optional.
	Base []byte
	// Range is the lowest identity number, and the one behind the last.
	Range          *[2]identity.Number
	RateLimit      *RateLimit
	Captcha        *identity.CaptchaConfig
	RelatedOrigins *[]string
	// BackendOrigin is the origin under which the service is known.
	BackendOrigin *string
	DummyAuth     DummyAuthMode
}

// DummyAuthMode says whether the page uses keys that everybody can compute in
// place of passkeys, for tests of apps.
type DummyAuthMode uint8

// The modes. The zero value keeps what is in force.
const (
	KeepDummyAuth DummyAuthMode = iota
	NoDummyAuth
	DummyAuth
	// PromptedDummyAuth asks which one of them each time.
	PromptedDummyAuth
)

// RateLimit is that of registrations; TimePerToken in nanoseconds.
type RateLimit struct{ TimePerToken, MaxTokens uint64 }

// ParseInit reads an install argument in Candid's text form.
func ParseInit(text string) ([]byte, error) {
	program, err := candid.ParseProgram(did)
	if err != nil {
		return nil, err
	}
	values, err := candid.ParseValues(text, program.Init)
	if err != nil {
		return nil, err
	}
	return candid.Encode(program.Init, values)
}

// Encode writes the install argument in Candid.
func (i Init) Encode() ([]byte, error) {
	codec := candid.MustCodec[initArg]()
	var a initArg
	if len(i.Base) > 0 {
		if err := codec.Decode(i.Base, &a); err != nil {
			return nil, err
		}
	}
	if a.V == nil {
		a.V = &initRecord{}
	}
	r := a.V
	if i.Range != nil {
		r.Range = &numberRange{uint64(i.Range[0]), uint64(i.Range[1])}
	}
	if i.RateLimit != nil {
		r.RateLimit = &rateLimit{i.RateLimit.TimePerToken, i.RateLimit.MaxTokens}
	}
	if i.Captcha != nil {
		r.Captcha = captchaConfigOf(i.Captcha)
	}
	r.RelatedOrigins = keep(r.RelatedOrigins, i.RelatedOrigins)
	r.BackendOrigin = keep(r.BackendOrigin, i.BackendOrigin)
	if i.DummyAuth != KeepDummyAuth {
		r.DummyAuth = new(*dummyAuth)
	}
	if i.DummyAuth > NoDummyAuth {
		*r.DummyAuth = &dummyAuth{Prompt: i.DummyAuth == PromptedDummyAuth}
	}
	return codec.Encode(&a), nil
}
