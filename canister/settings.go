package canister

import (
	"fmt"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// settings are what the init record set, and the rules that follow. A field of
// the record that is null keeps its value.
type settings struct {
	record initRecord
	rules  identity.Config
}

type initArg struct{ Init *initRecord }

// newSettings are those of a new service.
func newSettings() *settings {
	s := &settings{rules: identity.DefaultConfig()}
	cost := uint64(0)
	s.record.CyclesCost = &cost
	return s
}

// InitArg encodes the part of the init record that a host sets: when
// registrations must solve a captcha.
func InitArg(trigger identity.CaptchaTrigger) []byte {
	captcha := captchaConfig{MaxUnsolved: identity.DefaultConfig().Captcha.MaxUnsolved}
	switch trigger {
	case identity.CaptchaDisabled:
		captcha.Trigger.Static = &staticCaptcha{Disabled: yes()}
	case identity.CaptchaDynamic:
		// Ask when registrations come 20 % faster than over the last two days.
		captcha.Trigger.Dynamic = &dynamicCaptcha{ThresholdPercent: 20, CurrentInterval: 3600, ReferenceInterval: 2 * 24 * 3600}
	default:
		captcha.Trigger.Static = &staticCaptcha{Enabled: yes()}
	}
	return candid.MustCodec[initArg]().Encode(&initArg{&initRecord{Captcha: &captcha}})
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
	if a.Init == nil {
		return nil
	}
	i := a.Init
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
	for _, field := range []struct{ set func() }{
		{func() { s.record.RelatedOrigins = keep(s.record.RelatedOrigins, i.RelatedOrigins) }},
		{func() { s.record.CyclesCost = keep(s.record.CyclesCost, i.CyclesCost) }},
		{func() { s.record.IsProduction = keep(s.record.IsProduction, i.IsProduction) }},
		{func() { s.record.BackendID = keep(s.record.BackendID, i.BackendID) }},
	} {
		field.set()
	}
	return nil
}

func keep[T any](old, new *T) *T {
	if new != nil {
		return new
	}
	return old
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

// effective is the record with every value that is in force.
func (s *settings) effective(self principal.Principal) initRecord {
	r := s.record
	r.Range = &numberRange{uint64(s.rules.Lowest), uint64(s.rules.End)}
	r.RateLimit = &rateLimit{s.rules.TimePerToken, s.rules.MaxTokens}
	r.Captcha = &captchaConfig{MaxUnsolved: s.rules.Captcha.MaxUnsolved}
	switch s.rules.Captcha.Trigger {
	case identity.CaptchaDynamic:
		r.Captcha.Trigger.Dynamic = &dynamicCaptcha{s.rules.Captcha.ThresholdPercent, s.rules.Captcha.CurrentInterval, s.rules.Captcha.ReferenceInterval}
	case identity.CaptchaDisabled:
		r.Captcha.Trigger.Static = &staticCaptcha{Disabled: yes()}
	default:
		r.Captcha.Trigger.Static = &staticCaptcha{Enabled: yes()}
	}
	if r.BackendID == nil {
		r.BackendID = &self
	}
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
	if err := candid.MustCodec[initArg]().Decode(stored, &a); err != nil || a.Init == nil {
		return nil, fmt.Errorf("the stored settings are damaged: %w", err)
	}
	i := a.Init
	s := &settings{record: *i, rules: identity.Config{
		Lowest: identity.Number(i.Range.Lowest), End: identity.Number(i.Range.End),
		TimePerToken: i.RateLimit.TimePerToken, MaxTokens: i.RateLimit.MaxTokens,
		Captcha: i.Captcha.rules(),
	}}
	return s, nil
}

// stats counts what there is.
func (c *call) stats() stats {
	return stats{
		Users:        identity.Count(c.Table),
		Layout:       formatVersion,
		Range:        numberRange{uint64(c.Config.Lowest), uint64(c.Config.End)},
		CyclesCost:   *c.view.settings.record.CyclesCost,
		Aggregations: []aggregation{},
	}
}
