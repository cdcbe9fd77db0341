package identity

import (
	"cmp"
	"slices"

	"internetidentity/table"
)

// How many identities, and devices of which kind, were used in a day and in
// thirty days. Windows move only when somebody does something: a day window is
// published when it has passed, and each day a window of thirty days ends too.
// Whoever acts counts in every open window in which he has not acted before.

// Family is a set of counts.
type Family uint8

// The families. The numbers are stored.
const (
	// FamilyIdentities counts identities, without labels.
	FamilyIdentities Family = iota
	// FamilyDomains counts identities by the domain of their devices.
	FamilyDomains
	// FamilyDevices counts devices by their kind.
	FamilyDevices
	families
)

// bothDomains is the label of identities that used several domains.
const bothDomains = "both_ii_domains"

// domainLabels are those of one domain; the other domain has none.
var domainLabels = [domains]string{
	DomainIC0: "identity.ic0.app", DomainInternetComputer: "identity.internetcomputer.org", DomainIDAI: "id.ai",
}

// Labels are all that the counts of a family may have.
func (f Family) Labels() []string {
	switch f {
	case FamilyDomains:
		return append(slices.Clone(domainLabels[DomainIC0:]), bothDomains)
	case FamilyDevices:
		return []string{kindPasskey, kindRecovery, kindPhrase, kindBrowser, kindOther}
	}
	return []string{""}
}

// Counts are those of a window, by label.
type Counts struct {
	Start  Time
	Labels []LabelCount
}

// LabelCount is one count.
type LabelCount struct {
	Label string
	Count uint64
}

// Of is the count of a label.
func (c *Counts) Of(label string) uint64 {
	for _, l := range c.Labels {
		if l.Label == label {
			return l.Count
		}
	}
	return 0
}

func (c *Counts) add(label string, by int) {
	at, found := slices.BinarySearchFunc(c.Labels, label, func(l LabelCount, label string) int { return cmp.Compare(l.Label, label) })
	if !found {
		c.Labels = slices.Insert(c.Labels, at, LabelCount{Label: label})
	}
	c.Labels[at].Count += uint64(by)
}

// activity is all that is kept of a family.
type activity struct {
	// day and month are the last windows that have passed.
	day, month *Counts
	// open windows: the first is of the current day, and all of them are of
	// thirty days, the newest last. The newest begins with the day.
	today Counts
	open  []Counts
}

func loadActivity(r table.Reader, f Family) *activity {
	b, ok := r.Get(key(spaceActivity, []byte{byte(f)}))
	if !ok {
		return nil
	}
	rd := openRecord(b)
	a := &activity{day: rd.optCounts(), month: rd.optCounts(), today: rd.counts()}
	for range rd.count() {
		a.open = append(a.open, rd.counts())
	}
	if err := rd.done(); err != nil {
		panic(&table.Fault{Err: err})
	}
	return a
}

func (m *Message) saveActivity(f Family, a *activity) {
	w := newRecord()
	w.optCounts(a.day)
	w.optCounts(a.month)
	w.counts(&a.today)
	w.uint(uint64(len(a.open)))
	for i := range a.open {
		w.counts(&a.open[i])
	}
	m.Table.Put(key(spaceActivity, []byte{byte(f)}), w.b)
}

func (w *writer) counts(c *Counts) {
	w.uint(uint64(c.Start))
	w.uint(uint64(len(c.Labels)))
	for _, l := range c.Labels {
		w.text(l.Label)
		w.uint(l.Count)
	}
}

func (r *reader) counts() Counts {
	c := Counts{Start: Time(r.uint())}
	for range r.count() {
		c.Labels = append(c.Labels, LabelCount{r.text(), r.uint()})
	}
	return c
}

func (w *writer) optCounts(c *Counts) {
	w.flag(c != nil)
	if c != nil {
		w.counts(c)
	}
}

func (r *reader) optCounts() *Counts {
	if !r.flag() {
		return nil
	}
	c := r.counts()
	return &c
}

// advance ends the windows that have passed. In windows in between there was
// nobody.
func (a *activity) advance(now Time) {
	const month = 30 * day
	passed := (now - a.today.Start) / day
	if passed == 0 {
		return
	}
	was, next := a.today, a.today.Start+passed*day
	a.today = Counts{Start: next}
	a.day = &was
	if passed > 1 {
		a.day = &Counts{Start: next - day}
	}
	// A window of thirty days ends with the new day, if it began so long ago.
	if due := next - month; next > month && due >= a.open[0].Start {
		a.month = &Counts{Start: due}
		for _, c := range a.open {
			if c.Start == due {
				a.month = &c
			}
		}
	}
	a.open = slices.DeleteFunc(a.open, func(c Counts) bool { return c.Start+month <= next })
	for ago := min(passed, 30); ago > 0; ago-- {
		a.open = append(a.open, Counts{Start: next - (ago-1)*day})
	}
}

// each calls f with every open window.
func (a *activity) each(f func(*Counts)) {
	f(&a.today)
	for i := range a.open {
		f(&a.open[i])
	}
}

// countActivity counts a device that is used, as long as the time of its last
// use is still there.
func (m *Message) countActivity(u *used) {
	d := &u.identity.Devices[u.device]
	for f := range families {
		if f != FamilyIdentities && d.domain() == DomainOther {
			// Only devices of the service's own domains are told apart.
			continue
		}
		a := loadActivity(m.Table, f)
		switch {
		case a == nil:
			a = &activity{today: Counts{Start: m.Now}, open: []Counts{{Start: m.Now}}}
		case m.Now < a.today.Start+day && d.LastUsage != nil && *d.LastUsage >= a.today.Start:
			continue // it counts in every window already
		}
		a.advance(m.Now)
		a.each(func(c *Counts) { countIn(c, f, u.identity, d) })
		m.saveActivity(f, a)
	}
}

// countIn counts a device that is used in one window.
func countIn(c *Counts, f Family, a *Identity, d *Device) {
	since := func(d *Device) bool { return d.LastUsage != nil && *d.LastUsage >= c.Start }
	switch f {
	case FamilyIdentities:
		if !slices.ContainsFunc(a.Devices, func(d Device) bool { return since(&d) }) {
			c.add("", 1)
		}
	case FamilyDevices:
		if !since(d) {
			c.add(d.kind(), 1)
		}
	case FamilyDomains:
		var before [domains]bool
		for i := range a.Devices {
			before[a.Devices[i].domain()] = before[a.Devices[i].domain()] || since(&a.Devices[i])
		}
		after := before
		after[d.domain()] = true
		if was, is := domainLabel(before), domainLabel(after); was != is {
			if was != "" {
				c.add(was, -1)
			}
			c.add(is, 1)
		}
	}
}

// domainLabel is the domain that was used, or that several were.
func domainLabel(set [domains]bool) string {
	label := ""
	for domain, name := range domainLabels {
		switch {
		case name == "" || !set[domain]:
		case label != "":
			return bothDomains
		default:
			label = name
		}
	}
	return label
}

// The kinds of devices in statistics.
const (
	kindPasskey  = "webauthn_auth"
	kindRecovery = "webauthn_recovery"
	kindPhrase   = "recovery_phrase"
	kindBrowser  = "browser_storage_key"
	kindOther    = "other"
)

func (d *Device) kind() string {
	switch {
	case d.KeyType == KeySeedPhrase:
		return kindPhrase
	case d.KeyType == KeyBrowserStorage:
		return kindBrowser
	case d.CredentialID == nil:
		return kindOther
	case d.Purpose == PurposeRecovery:
		return kindRecovery
	}
	return kindPasskey
}

// Active are the windows of a family that have passed last; nil while none
// has.
func Active(r table.Reader, f Family) (day, month *Counts) {
	a := loadActivity(r, f)
	if a == nil {
		return nil, nil
	}
	return a.day, a.month
}
