package node

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/BurntSushi/toml"

	"internetidentity/principal"
)

// file is the form of the configuration file. Every key is optional, and means
// what the field of Config means; unknown keys are errors.
type file struct {
	Data           string   `toml:"data"`
	Listen         string   `toml:"listen"`
	Origin         string   `toml:"origin"`
	RelatedOrigins []string `toml:"related_origins"`
	MetricsListen  string   `toml:"metrics_listen"`
	Canister       string   `toml:"canister"`
	Captcha        string   `toml:"captcha"`
	Init           string   `toml:"init"`

	Registrations struct {
		TimePerToken duration `toml:"time_per_token"`
		MaxTokens    uint64   `toml:"max_tokens"`
	} `toml:"registrations"`

	Numbers struct {
		First uint64 `toml:"first"`
		End   uint64 `toml:"end"`
	} `toml:"identity_numbers"`

	Demo struct {
		On     bool   `toml:"on"`
		Listen string `toml:"listen"`
	} `toml:"demo"`
}

// duration is written as text, such as "10s".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// LoadConfig reads a configuration file in TOML into a Config; what the file
// does not say stays as it is.
func LoadConfig(path string, c *Config) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	var f file
	meta, err := toml.Decode(string(text), &f)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("configuration %s: %s", path, syntax.Error())
	case err != nil:
		return fmt.Errorf("configuration %s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("configuration %s: there is no key %q", path, unknown[0].String())
	}
	if f.Canister != "" {
		if c.Canister, err = principal.Parse(f.Canister); err != nil {
			return fmt.Errorf("configuration %s: canister: %w", path, err)
		}
	}
	for _, text := range []struct {
		key string
		set *string
		to  string
	}{
		{"data", &c.DataDir, f.Data}, {"listen", &c.Listen, f.Listen}, {"origin", &c.Origin, f.Origin},
		{"metrics_listen", &c.MetricsListen, f.MetricsListen}, {"captcha", (*string)(&c.Captcha), f.Captcha},
		{"init", &c.Init, f.Init}, {"demo.listen", &c.DemoListen, f.Demo.Listen},
	} {
		if text.to != "" {
			*text.set = text.to
		}
	}
	if meta.IsDefined("related_origins") {
		c.RelatedOrigins = append([]string{}, f.RelatedOrigins...)
	}
	if meta.IsDefined("registrations") {
		c.Registrations = RegistrationLimit{time.Duration(f.Registrations.TimePerToken), f.Registrations.MaxTokens}
	}
	if meta.IsDefined("identity_numbers") {
		c.Numbers = [2]uint64{f.Numbers.First, f.Numbers.End}
	}
	c.Demo = c.Demo || f.Demo.On
	return nil
}
