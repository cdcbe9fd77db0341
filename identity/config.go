package identity

// Config are the settings that the rules depend on.
type Config struct {
	// Lowest identity number, and the end of the range, which is not in it.
	Lowest, End Number
	// TimePerToken of the registrations' rate limit in nanoseconds, and the
	// tokens that can be saved up.
	TimePerToken, MaxTokens uint64
	Captcha                 CaptchaConfig
}

// CaptchaConfig says when a registration must solve a captcha.
type CaptchaConfig struct {
	MaxUnsolved uint64
	Trigger     CaptchaTrigger
	// Of the dynamic trigger: the rate of the current interval may be higher
	// than that of the reference interval by this much. Seconds.
	ThresholdPercent                   uint16
	CurrentInterval, ReferenceInterval uint64
}

// CaptchaTrigger is when a captcha is asked for.
type CaptchaTrigger uint8

// The triggers.
const (
	CaptchaEnabled CaptchaTrigger = iota
	CaptchaDisabled
	CaptchaDynamic
)

// DefaultConfig is that of a new service.
func DefaultConfig() Config {
	return Config{
		Lowest:       DefaultLowest,
		End:          DefaultLowest + maxIdentities,
		TimePerToken: 10 * second,
		MaxTokens:    20_000,
		Captcha:      CaptchaConfig{MaxUnsolved: 500, Trigger: CaptchaEnabled},
	}
}

// SetRange changes the range of numbers, which must keep every identity.
func (m *Message) SetRange(lowest, end Number) error {
	count := Number(counter(m.Table, spaceMeta, nameIdentities))
	const prefix = "set_anchor_number_range: "
	switch {
	case end < lowest:
		return trap(prefix+"improper Identity Anchor range [%d, %d)", lowest, end)
	case end-lowest > maxIdentities:
		return trap(prefix+"specified range [%d, %d) is too large for this canister (max %d entries)", lowest, end, maxIdentities)
	case count > 0 && lowest != m.Config.Lowest:
		return trap(prefix+"specified range [%d, %d) does not start from the same number (%d) as the existing range thus would make existing anchors invalid", lowest, end, m.Config.Lowest)
	case count > end-lowest:
		return trap(prefix+"specified range [%d, %d) does not accommodate all %d anchors thus would make existing anchors invalid", lowest, end, count)
	}
	m.Config.Lowest, m.Config.End = lowest, end
	return nil
}
