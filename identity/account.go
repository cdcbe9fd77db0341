package identity

import (
	"bytes"
	"slices"

	"internetidentity/table"
)

// The accounts that an identity has at an origin stand in one list. Without a
// list the identity has its default account alone, which has no number and is
// kept nowhere until it is used.

// Account is one of the accounts of an identity at an origin.
type Account struct {
	// Number is nil for the default account, unless that was given a name.
	Number   *AccountNumber
	Name     *string
	LastUsed *Time

	// seedOfIdentity marks a numbered account that was the default one before
	// it had a number. It keeps its principal.
	seedOfIdentity bool
}

// accountList is what is kept of an identity at an origin.
type accountList struct {
	number   Number
	origin   Origin
	accounts []Account
	// standard is the account that the person wants to be asked for first;
	// nil is the default account.
	standard *AccountNumber
	// stored is the list as it stands in the table; nil when it does not.
	stored []byte
}

func accountsKey(n Number, origin Origin) []byte {
	return key(spaceAccounts, u64(uint64(n)), []byte(origin))
}

func loadAccounts(r table.Reader, n Number, origin Origin) *accountList {
	b, ok := r.Get(accountsKey(n, origin))
	if !ok {
		return &accountList{number: n, origin: origin, accounts: []Account{{}}}
	}
	return decodeAccounts(n, origin, b)
}

func decodeAccounts(n Number, origin Origin, b []byte) *accountList {
	l := &accountList{number: n, origin: origin, stored: b}
	r := openRecord(b)
	l.standard = r.optAccount()
	for range r.count() {
		l.accounts = append(l.accounts, Account{
			Number: r.optAccount(), Name: r.optText(), LastUsed: r.optTime(), seedOfIdentity: r.flag(),
		})
	}
	if err := r.done(); err != nil {
		panic(&table.Fault{Err: err})
	}
	return l
}

func (l *accountList) encode() []byte {
	w := newRecord()
	w.optAccount(l.standard)
	w.uint(uint64(len(l.accounts)))
	for _, a := range l.accounts {
		w.optAccount(a.Number)
		w.optText(a.Name)
		w.optTime(a.LastUsed)
		w.flag(a.seedOfIdentity)
	}
	return w.b
}

func (w *writer) optAccount(n *AccountNumber) {
	w.flag(n != nil)
	if n != nil {
		w.uint(uint64(*n))
	}
}

func (r *reader) optAccount() *AccountNumber {
	if !r.flag() {
		return nil
	}
	n := AccountNumber(r.uint())
	return &n
}

// find is the place of an account in the list, or -1. Being in the list is all
// that owning an account means.
func (l *accountList) find(number *AccountNumber) int {
	return slices.IndexFunc(l.accounts, func(a Account) bool {
		return number == nil && a.Number == nil || number != nil && a.Number != nil && *number == *a.Number
	})
}

// numbered counts the accounts that have a number.
func (l *accountList) numbered() int {
	n := 0
	for _, a := range l.accounts {
		if a.Number != nil {
			n++
		}
	}
	return n
}

// lastUsed is the last sign-in with any of the accounts; 0 is never.
func (l *accountList) lastUsed() Time {
	var last Time
	for _, a := range l.accounts {
		if a.LastUsed != nil {
			last = max(last, *a.LastUsed)
		}
	}
	return last
}

// accountCounts of one identity over all origins.
type accountCounts struct {
	numbered int
	// bare are the origins where nothing but the default account is stored.
	bare int
}

func (m *Message) accountCounts(n Number) accountCounts {
	b, ok := m.Table.Get(key(spaceAccountCounts, u64(uint64(n))))
	if !ok {
		return accountCounts{}
	}
	r := openRecord(b)
	c := accountCounts{numbered: int(r.uint()), bare: int(r.uint())}
	if err := r.done(); err != nil {
		panic(&table.Fault{Err: err})
	}
	return c
}

func (m *Message) setAccountCounts(n Number, c accountCounts) {
	w := newRecord()
	w.uint(uint64(c.numbered))
	w.uint(uint64(c.bare))
	m.Table.Put(key(spaceAccountCounts, u64(uint64(n))), w.b)
}

// isBare reports whether a list says nothing but when the person was there.
func (l *accountList) isBare() bool {
	return len(l.accounts) == 1 && l.accounts[0].Number == nil && l.standard == nil
}

// saveAccounts writes a list and keeps all counts. A new origin of an identity
// that has very many makes room first.
func (m *Message) saveAccounts(l *accountList) {
	encoded := l.encode()
	if bytes.Equal(encoded, l.stored) {
		return
	}
	counts := m.accountCounts(l.number)
	if l.stored == nil {
		if l.isBare() && counts.bare >= maxOrigins {
			counts.bare -= m.forgetOrigins(l.number)
		}
		m.countOrigin(l.origin, 1)
	} else {
		before := decodeAccounts(l.number, l.origin, l.stored)
		counts.numbered -= before.numbered()
		if before.isBare() {
			counts.bare--
		}
		adjust(m.Table, spaceMeta, nameAccounts, -before.numbered())
		adjust(m.Table, spaceMeta, nameReferences, -len(before.accounts))
	}
	counts.numbered += l.numbered()
	if l.isBare() {
		counts.bare++
	}
	adjust(m.Table, spaceMeta, nameAccounts, l.numbered())
	adjust(m.Table, spaceMeta, nameReferences, len(l.accounts))
	m.setAccountCounts(l.number, counts)
	m.Table.Put(accountsKey(l.number, l.origin), encoded)
	l.stored = encoded
}

// forgetOrigins forgets the bare origins that were used longest ago, and says
// how many. There the identity is as if it had never been, with the same
// principal as before.
func (m *Message) forgetOrigins(n Number) int {
	type origin struct {
		name Origin
		last Time
	}
	var bare []origin
	for k, value := range m.Table.Ascend(key(spaceAccounts, u64(uint64(n))), key(spaceAccounts, u64(uint64(n)+1))) {
		name := Origin(k[9:])
		if l := decodeAccounts(n, name, value); l.isBare() {
			bare = append(bare, origin{name, l.lastUsed()})
		}
	}
	slices.SortStableFunc(bare, func(a, b origin) int {
		switch {
		case a.last < b.last:
			return -1
		case a.last > b.last:
			return 1
		}
		return 0
	})
	old := bare[:min(len(bare), forgottenAtOnce)]
	for _, o := range old {
		m.Table.Delete(accountsKey(n, o.name))
		m.countOrigin(o.name, -1)
	}
	adjust(m.Table, spaceMeta, nameReferences, -len(old))
	return len(old)
}

// countOrigin keeps how many identities have a list at an origin; an origin
// that nobody has is no application any more.
func (m *Message) countOrigin(origin Origin, by int) {
	k := key(spaceApplication, []byte(origin))
	users := 0
	if b, ok := m.Table.Get(k); ok {
		users = int(uint64FromKey(b))
	} else {
		adjust(m.Table, spaceMeta, nameOrigins, 1)
	}
	users += by
	if users == 0 {
		m.Table.Delete(k)
		adjust(m.Table, spaceMeta, nameOrigins, -1)
		return
	}
	m.Table.Put(k, u64(uint64(users)))
}

// stampAccount records a sign-in with an account.
func (m *Message) stampAccount(l *accountList, at int) {
	now := m.Now
	l.accounts[at].LastUsed = &now
	m.saveAccounts(l)
}
