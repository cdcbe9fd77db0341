package canister

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"internetidentity/identity"
)

// exposition is Prometheus' text form. Every sample has the time of the
// service, in milliseconds.
type exposition struct {
	b    []byte
	time uint64
}

// begin starts a metric.
func (x *exposition) begin(name, help string) {
	x.b = fmt.Appendf(x.b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// sample adds a value; labels are pairs of names and values.
func (x *exposition) sample(name string, value string, labels ...string) {
	x.b = append(x.b, name...)
	if len(labels) > 0 {
		pairs := make([]string, 0, len(labels)/2)
		for i := 0; i+1 < len(labels); i += 2 {
			pairs = append(pairs, labels[i]+`="`+escapeLabel.Replace(labels[i+1])+`"`)
		}
		x.b = append(x.b, "{"+strings.Join(pairs, ",")+"}"...)
	}
	x.b = fmt.Appendf(x.b, " %s %d\n", value, x.time)
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// gauge is a metric of one value.
func (x *exposition) gauge(name, help string, value uint64) {
	name = prefix + name
	x.begin(name, help)
	x.sample(name, strconv.FormatUint(value, 10))
}

// prefix of the official names.
const prefix = "internet_identity_"

// metrics are the counts of the rules, with the names of the official service.
func (c *call) metrics() []byte {
	x := &exposition{time: uint64(c.Now) / 1_000_000}
	g := identity.Measure(c.Table)
	x.gauge("user_count", "Number of identities.", g.Identities)
	x.gauge("min_user_number", "Lowest identity number.", uint64(c.Config.Lowest))
	x.gauge("max_user_number", "Highest identity number.", uint64(c.Config.End)-1)
	x.gauge("signature_count", "Number of prepared signatures.", g.Signatures)
	x.gauge("last_upgrade_timestamp", "Time of the last upgrade in nanoseconds; 0 after the installation.", c.lastUpgrade())
	x.gauge("inflight_challenges", "Captchas of the first version that are not solved.", g.Challenges)
	x.gauge("users_in_registration_mode", "Identities that wait for another device.", g.Modes)
	x.gauge("users_in_registration_mode_v2", "Those of them that can be found by an id.", g.ModesWithID)
	x.gauge("temp_keys_count", "Number of temporary keys.", g.TempKeys)
	x.gauge("delegation_counter", "Delegations prepared since the last upgrade.", g.Delegations)
	x.gauge("anchor_operations_counter", "Changes of identities since the last upgrade.", g.Operations)
	x.gauge("event_data_count", "Sign-ins that are kept for statistics.", g.Events)
	x.gauge("event_aggregations_count", "Sums of sign-ins that are kept.", g.Sums)
	x.gauge("total_accounts_count", "Accounts with a number.", g.Accounts)
	x.gauge("total_account_references_count", "Accounts that are kept.", g.References)
	x.gauge("total_application_count", "Origins at which identities have accounts.", g.Applications)
	x.gauge("activity_entries_count", "Entries in the histories of all identities.", g.Entries)
	if g.Tokens != nil {
		x.gauge("register_rate_limit_current_tokens", "Registrations that are allowed at once.", *g.Tokens)
	}
	x.gauge("register_rate_limit_max_tokens", "The most registrations that are allowed at once.", c.Config.MaxTokens)
	x.gauge("register_rate_limit_time_per_tokens_seconds", "Time in which one more registration is allowed.", c.Config.TimePerToken/1_000_000_000)
	c.registrationRates(x)
	c.signIns(x)
	c.active(x)
	return x.b
}

func (c *call) lastUpgrade() uint64 {
	b, ok := c.Table.Get(key(nameUpgraded))
	if !ok {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func (c *call) registrationRates(x *exposition) {
	if c.Config.Captcha.Trigger != identity.CaptchaDynamic {
		return
	}
	const name = prefix + "registrations_per_second"
	x.begin(name, "Rates by which the dynamic captcha decides.")
	current, reference, threshold := c.Rates()
	for _, rate := range []struct {
		label string
		value float64
	}{{"reference_rate", reference}, {"current_rate", current}, {"captcha_threshold_rate", threshold}} {
		x.sample(name, strconv.FormatFloat(rate.value, 'g', -1, 64), "type", rate.label)
	}
}

// maxSignIns are the apps that are shown by name.
const maxSignIns = 10

func (c *call) signIns(x *exposition) {
	for _, sum := range []struct {
		sum  identity.Sum
		help string
	}{
		{identity.SumDelegations, "Delegations by app, of devices of ic0.app."},
		{identity.SumSeconds, "Seconds of delegations by app, of devices of ic0.app."},
	} {
		name := prefix + sum.sum.String()
		begun := false
		for _, window := range []identity.Window{identity.WindowDay, identity.WindowMonth} {
			for _, top := range identity.TopOrigins(c.Table, window, identity.DomainIC0, sum.sum, maxSignIns) {
				if !begun {
					x.begin(name, sum.help)
					begun = true
				}
				x.sample(name, strconv.FormatUint(top.Weight, 10),
					"dapp", string(top.Origin), "window", window.String(), "ii_origin", identity.DomainIC0.String())
			}
		}
	}
}

// active are the windows of activity that have passed last.
func (c *call) active(x *exposition) {
	for _, f := range []struct {
		family             identity.Family
		name, label, about string
	}{
		{identity.FamilyIdentities, "active_anchors", "", "identities"},
		{identity.FamilyDomains, "active_anchors_by_domain", "domain", "identities by domain"},
		{identity.FamilyDevices, "active_authn_methods", "type", "authentication methods by kind"},
	} {
		day, month := identity.Active(c.Table, f.family)
		x.counts(prefix+"daily_"+f.name, f.label, "Active "+f.about+" in a day.", f.family, day)
		x.counts(prefix+"monthly_"+f.name, f.label, "Active "+f.about+" in thirty days.", f.family, month)
	}
}

func (x *exposition) counts(name, label, help string, family identity.Family, counts *identity.Counts) {
	if counts == nil {
		return
	}
	x.begin(name, help)
	if label == "" {
		x.sample(name, strconv.FormatUint(counts.Of(""), 10))
		x.begin(name+"_start_timestamp_seconds", "Begin of the window.")
		x.sample(name+"_start_timestamp_seconds", strconv.FormatUint(uint64(counts.Start)/1_000_000_000, 10))
		return
	}
	for _, of := range family.Labels() {
		x.sample(name, strconv.FormatUint(counts.Of(of), 10), label, of)
	}
}
