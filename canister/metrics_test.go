package canister_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

func (s *stage) must(command string) string {
	s.t.Helper()
	answer, err := s.command(command)
	if err != nil {
		s.t.Fatalf("%s: %v", command, err)
	}
	return answer
}

// The names are those of the official service, as far as there is something
// to tell.
func TestMetricsHaveTheOfficialNames(t *testing.T) {
	s := newStage(t)
	s.must(`install (opt record { captcha_config = opt record { max_unsolved_captchas = 500; captcha_trigger = variant { Dynamic = record { threshold_pct = 20; current_rate_sampling_interval_s = 100; reference_rate_sampling_interval_s = 1000 } } } })`)
	s.must("register ada")
	s.must(`ada: add (10000, record { pubkey = key(phone); alias = ""; credential_id = opt blob "p"; purpose = variant { authentication }; key_type = variant { platform }; protection = variant { unprotected }; origin = opt "https://identity.ic0.app" })`)
	s.must(`phone: prepare_delegation (10000, "https://a.example", key(app), null)`)
	s.must("wait 721h")
	s.must(`phone: prepare_delegation (10000, "https://a.example", key(app), null)`)
	page := s.page("/metrics")
	names := map[string]bool{}
	line := regexp.MustCompile(`^([a-z_0-9]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+ [0-9]+$`)
	described := map[string]bool{}
	for text := range strings.SplitSeq(strings.TrimSuffix(page, "\n"), "\n") {
		if rest, ok := strings.CutPrefix(text, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if kind != "gauge" || described[name] {
				t.Errorf("bad or repeated %q", text)
			}
			described[name] = true
		}
		if strings.HasPrefix(text, "# ") {
			continue
		}
		m := line.FindStringSubmatch(text)
		if m == nil {
			t.Errorf("no sample: %q", text)
			continue
		}
		if !described[m[1]] {
			t.Errorf("%s has no type in front", m[1])
		}
		names[strings.TrimPrefix(m[1], "internet_identity_")] = true
	}
	for _, name := range strings.Fields(`user_count min_user_number max_user_number signature_count last_upgrade_timestamp
		inflight_challenges users_in_registration_mode users_in_registration_mode_v2 temp_keys_count delegation_counter
		anchor_operations_counter event_data_count event_aggregations_count total_accounts_count
		total_account_references_count total_application_count register_rate_limit_current_tokens
		register_rate_limit_max_tokens register_rate_limit_time_per_tokens_seconds registrations_per_second
		prepare_delegation_count prepare_delegation_session_seconds
		daily_active_anchors daily_active_anchors_start_timestamp_seconds daily_active_anchors_by_domain daily_active_authn_methods
		monthly_active_anchors monthly_active_anchors_start_timestamp_seconds monthly_active_anchors_by_domain monthly_active_authn_methods`) {
		if !names[name] {
			t.Errorf("there is no metric %s", name)
		}
	}
}

func TestLabelsCannotBreakOut(t *testing.T) {
	s := newStage(t)
	s.must("register ada")
	s.must(`ada: add (10000, record { pubkey = key(phone); alias = ""; credential_id = opt blob "p"; purpose = variant { authentication }; key_type = variant { platform }; protection = variant { unprotected }; origin = opt "https://identity.ic0.app" })`)
	s.must(`phone: prepare_delegation (10000, "https://a\" 1\nevil 2\\", key(app), null)`)
	for text := range strings.SplitSeq(s.page("/metrics"), "\n") {
		if strings.HasPrefix(text, "evil") {
			t.Errorf("an origin made a line of its own: %q", text)
		}
	}
}

func TestAggregationsShowAHundredOrigins(t *testing.T) {
	s := newStage(t)
	s.must("register ada")
	for i := range 102 {
		for range 1 + i%2 {
			s.must(fmt.Sprintf(`ada: prepare_delegation (10000, "https://%03d.example", key(app), opt 1_000_000_000)`, i))
		}
	}
	f, err := s.method("stats")
	if err != nil {
		t.Fatal(err)
	}
	reply := s.send(principal.Anonymous(), "stats", []byte("DIDL\x00\x00"), true)
	values, err := candid.Decode(reply.Arg, f.Results)
	if err != nil {
		t.Fatal(err)
	}
	aggregations := field(values[0], "event_aggregations").(candid.VecValue)
	if len(aggregations) != 4 {
		t.Fatalf("%d aggregations", len(aggregations))
	}
	for _, a := range aggregations {
		entries := a.(candid.RecordValue)[1].Value.(candid.VecValue)
		if len(entries) != 100 {
			t.Errorf("%d entries, want 100", len(entries))
		}
		last := ^uint64(0)
		for _, e := range entries {
			weight := e.(candid.RecordValue)[1].Value.(uint64)
			if weight > last {
				t.Error("weights are not in falling order")
			}
			last = weight
		}
	}
	if top := identity.TopOrigins(s.table, identity.WindowDay, identity.DomainOther, identity.SumDelegations, 3); len(top) != 3 || top[0] != (identity.Weight{Origin: "https://001.example", Weight: 2}) {
		t.Errorf("top origins %v", top)
	}
}
