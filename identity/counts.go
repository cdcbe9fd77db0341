package identity

import "internetidentity/table"

// Gauges are the counts that the service keeps, for statistics.
type Gauges struct {
	Identities uint64
	// Since the last upgrade.
	Delegations, Operations uint64
	// Kept now.
	Signatures, TempKeys, Challenges uint64
	// Modes are the identities that wait for a device; ModesWithID those that
	// can be found by an id.
	Modes, ModesWithID uint64
	// Accounts have a number; References are all that stand in lists;
	// Applications are origins with a list.
	Accounts, References, Applications uint64
	// Events of sign-ins, and the sums of them that are kept.
	Events, Sums uint64
	// Entries of the record of changes.
	Entries uint64
	// Tokens of the rate limit; nil before the first registration.
	Tokens *uint64
}

// Measure reads all counts.
func Measure(r table.Reader) Gauges {
	lasting := func(name string) uint64 { return counter(r, spaceMeta, name) }
	volatile := func(name string) uint64 { return counter(r, spaceVolatile, name) }
	g := Gauges{
		Identities:  lasting(nameIdentities),
		Delegations: volatile(nameDelegations), Operations: volatile(nameOperations),
		Signatures: volatile(nameSignatures), TempKeys: volatile(nameTempKeys), Challenges: volatile(nameChallenges),
		Modes: volatile(nameModes), ModesWithID: volatile(nameModesWithID),
		Accounts: lasting(nameAccounts), References: lasting(nameReferences), Applications: lasting(nameOrigins),
		Events: lasting(nameEvents), Sums: countSums(r),
		Entries: lasting(nameAudit),
	}
	if _, begun := r.Get(key(spaceVolatile, []byte(nameBucketTime))); begun {
		tokens := volatile(nameBucketTokens)
		g.Tokens = &tokens
	}
	return g
}

// Rates are the registrations per second in the two windows of the dynamic
// captcha, and the rate from which on a captcha is asked for.
func (m *Message) Rates() (current, reference, threshold float64) {
	w := m.windows()
	per := func(w window) float64 {
		count, seconds := m.rate(w)
		return float64(count) / float64(seconds)
	}
	current, reference = per(w[0]), per(w[1])
	return current, reference, reference * (1 + float64(m.Config.Captcha.ThresholdPercent)/100)
}
