package canister

import (
	"fmt"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// settings are what the init records set so far, and the rules that follow. A
// field of a record that is null keeps its value.
type settings struct {
	record initRecord
	rules  identity.Config
}

type initArg = one[*initRecord]

// newSettings are those of a new service.
func newSettings() *settings {
	cost := uint64(0)
	return &settings{rules: identity.DefaultConfig(), record: initRecord{CyclesCost: &cost}}
}

// apply changes what an init argument sets. m holds the identities that a new
// range must keep, and the rules.
func (s *settings) apply(arg []byte, m *identity.Message) error {
	if len(arg) == 0 {
		return nil
	}
	var a initArg
	if err := candid.MustCodec[initArg]().Decode(arg, &a); err != nil {
		return fmt.Errorf("install argument: %w", err)
	}
	if a.V == nil {
		return nil
	}
	i := a.V
	if i.Range != nil {
		if err := m.SetRange(identity.Number(i.Range.Lowest), identity.Number(i.Range.End)); err != nil {
			return err
		}
	}
	if i.RateLimit != nil {
		m.Config.TimePerToken, m.Config.MaxTokens = i.RateLimit.TimePerToken, i.RateLimit.MaxTokens
	}
	if i.Captcha != nil {
		m.Config.Captcha = i.Captcha.rules()
	}
	s.rules = *m.Config
	r := &s.record
	r.Archive = keep(r.Archive, i.Archive)
	r.CyclesCost = keep(r.CyclesCost, i.CyclesCost)
	r.RelatedOrigins = keep(r.RelatedOrigins, i.RelatedOrigins)
	r.NewFlowOrigins = keep(r.NewFlowOrigins, i.NewFlowOrigins)
	r.OpenID = keep(r.OpenID, i.OpenID)
	r.Analytics = keep(r.Analytics, i.Analytics)
	r.DappsExplorer = keep(r.DappsExplorer, i.DappsExplorer)
	r.IsProduction = keep(r.IsProduction, i.IsProduction)
	r.DummyAuth = keep(r.DummyAuth, i.DummyAuth)
	r.BackendID = keep(r.BackendID, i.BackendID)
	r.BackendOrigin = keep(r.BackendOrigin, i.BackendOrigin)
	r.InsecureSSO = keep(r.InsecureSSO, i.InsecureSSO)
	r.EmailDNSSEC = keep(r.EmailDNSSEC, i.EmailDNSSEC)
	r.DNSSEC = keep(r.DNSSEC, i.DNSSEC)
	r.DoH = keep(r.DoH, i.DoH)
	r.MCP = keep(r.MCP, i.MCP)
	return nil
}

func keep[T any](old, new *T) *T {
	if new != nil {
		return new
	}
	return old
}

func orCleared[T any](field **T) **T {
	if field == nil {
		return new(*T)
	}
	return field
}

func (c *captchaConfig) rules() identity.CaptchaConfig {
	rules := identity.CaptchaConfig{MaxUnsolved: c.MaxUnsolved}
	switch {
	case c.Trigger.Dynamic != nil:
		d := c.Trigger.Dynamic
		rules.Trigger = identity.CaptchaDynamic
		rules.ThresholdPercent, rules.CurrentInterval, rules.ReferenceInterval = d.ThresholdPercent, d.CurrentInterval, d.ReferenceInterval
	case c.Trigger.Static.Disabled != nil:
		rules.Trigger = identity.CaptchaDisabled
	}
	return rules
}

func captchaConfigOf(c *identity.CaptchaConfig) *captchaConfig {
	config := &captchaConfig{MaxUnsolved: c.MaxUnsolved}
	switch c.Trigger {
	case identity.CaptchaDynamic:
		config.Trigger.Dynamic = &dynamicCaptcha{c.ThresholdPercent, c.CurrentInterval, c.ReferenceInterval}
	case identity.CaptchaDisabled:
		config.Trigger.Static = &staticCaptcha{Disabled: yes()}
	default:
		config.Trigger.Static = &staticCaptcha{Enabled: yes()}
	}
	return config
}

// effective is the record with every value that is in force.
func (s *settings) effective(self principal.Principal) initRecord {
	r := s.record
	r.Range = &numberRange{uint64(s.rules.Lowest), uint64(s.rules.End)}
	r.RateLimit = &rateLimit{s.rules.TimePerToken, s.rules.MaxTokens}
	r.Captcha = captchaConfigOf(&s.rules.Captcha)
	if r.BackendID == nil {
		r.BackendID = &self
	}
	// What can be cleared is shown as cleared until it is set.
	r.Analytics = orCleared(r.Analytics)
	r.DummyAuth = orCleared(r.DummyAuth)
	r.DNSSEC = orCleared(r.DNSSEC)
	r.DoH = orCleared(r.DoH)
	r.MCP = orCleared(r.MCP)
	return r
}

// encode is the stored form: the effective record as Candid.
func (s *settings) encode() []byte {
	r := s.effective(principal.Principal{})
	r.BackendID = s.record.BackendID
	return candid.MustCodec[initArg]().Encode(&initArg{&r})
}

func decodeSettings(stored []byte) (*settings, error) {
	var a initArg
	if err := candid.MustCodec[initArg]().Decode(stored, &a); err != nil {
		return nil, fmt.Errorf("the stored settings are damaged: %w", err)
	}
	i := a.V
	if i == nil || i.Range == nil || i.RateLimit == nil || i.Captcha == nil {
		return nil, fmt.Errorf("the stored settings are damaged: a field is missing")
	}
	return &settings{record: *i, rules: identity.Config{
		Lowest: identity.Number(i.Range.Lowest), End: identity.Number(i.Range.End),
		TimePerToken: i.RateLimit.TimePerToken, MaxTokens: i.RateLimit.MaxTokens,
		Captcha: i.Captcha.rules(),
	}}, nil
}
