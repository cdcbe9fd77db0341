package canister

import (
	"crypto/sha256"
	"strings"

	"internetidentity/httpcert"
)

func hashOf(b []byte) []byte {
	hash := sha256.Sum256(b)
	return hash[:]
}

// pagePolicy is the Content-Security-Policy of pages. No inline script or
// style, nothing from elsewhere; connections go to this service, and to the
// apps whose lists of origins the page must read, which are https or on this
// machine.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' https: http://localhost:* http://*.localhost:* http://127.0.0.1:*; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types svelte-trusted-html"

// filePolicy is that of all else.
const filePolicy = "default-src 'none';"

// features that browsers shall not give to the page; those with self it needs.
var features = []string{
	"accelerometer", "ambient-light-sensor", "autoplay", "battery", "camera", "clipboard-read",
	"clipboard-write=self", "conversion-measurement", "cross-origin-isolated", "display-capture",
	"document-domain", "encrypted-media", "execution-while-not-rendered",
	"execution-while-out-of-viewport", "focus-without-user-activation", "fullscreen", "gamepad",
	"geolocation", "gyroscope", "hid", "idle-detection", "interest-cohort", "keyboard-map",
	"magnetometer", "microphone", "midi", "navigation-override", "payment", "picture-in-picture",
	"publickey-credentials-create=self", "publickey-credentials-get=self", "screen-wake-lock",
	"serial", "speaker-selection", "sync-script", "sync-xhr=self", "trust-token-redemption", "usb",
	"vertical-scroll", "web-share", "window-placement", "xr-spatial-tracking",
}

// permissionsPolicy gives the page, and the origins that share its passkeys,
// what they need.
func permissionsPolicy(related []string) string {
	rules := make([]string, len(features))
	for i, feature := range features {
		name, _, self := strings.Cut(feature, "=")
		rules[i] = name + "=()"
		if self {
			rules[i] = name + "=(self)"
		}
		if strings.HasPrefix(name, "publickey-credentials-") {
			rules[i] = name + "=(" + strings.Join(append([]string{"self"}, related...), " ") + ")"
		}
	}
	return strings.Join(rules, ",")
}

// quotedOrigins are the origins that can stand in a header, in quotes.
func quotedOrigins(origins *[]string) []string {
	if origins == nil {
		return nil
	}
	var quoted []string
	for _, origin := range *origins {
		if !strings.ContainsFunc(origin, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			quoted = append(quoted, `"`+origin+`"`)
		}
	}
	return quoted
}

// headers are those of every answer. There is no Cross-Origin-Opener-Policy:
// it would cut the wire between the page and the app that opened it.
func headers(contentType, cache string, page bool, related ...string) []httpcert.Header {
	policy := filePolicy
	if page {
		policy = pagePolicy
	}
	return []httpcert.Header{
		{Name: "Content-Type", Value: contentType},
		{Name: "Cache-Control", Value: cache},
		{Name: "Content-Security-Policy", Value: policy},
		{Name: "Permissions-Policy", Value: permissionsPolicy(related)},
		{Name: "Referrer-Policy", Value: "same-origin"},
		{Name: "Strict-Transport-Security", Value: "max-age=31536000 ; includeSubDomains"},
		{Name: "X-Content-Type-Options", Value: "nosniff"},
		{Name: "X-Frame-Options", Value: "DENY"},
	}
}
