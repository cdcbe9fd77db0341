package identity

import "internetidentity/table"

// The accounts that an identity has at an origin. Without a record it has the
// default one alone, which is kept nowhere until it is used.

// accountRef is one account in the order of the list.
type accountRef struct {
	number   *AccountNumber // nil is the unnumbered default
	lastUsed *Time
	// fromIdentity marks a numbered account that was the default before it
	// had a number, and keeps the default's seed.
	fromIdentity bool
}

func accountsKey(n Number, origin Origin) []byte {
	return key(spaceAccounts, u64(uint64(n)), []byte(origin))
}

func (m *Message) accounts(n Number, origin Origin) []accountRef {
	b, ok := m.Table.Get(accountsKey(n, origin))
	if !ok {
		return []accountRef{{}}
	}
	r := openRecord(b)
	var refs []accountRef
	for range r.count() {
		var ref accountRef
		if r.flag() {
			number := AccountNumber(r.uint())
			ref.number = &number
		}
		ref.lastUsed = r.optTime()
		ref.fromIdentity = r.flag()
		refs = append(refs, ref)
	}
	if err := r.done(); err != nil {
		panic(&table.Fault{Err: err})
	}
	return refs
}

func (m *Message) saveAccounts(n Number, origin Origin, refs []accountRef) {
	w := newRecord()
	w.uint(uint64(len(refs)))
	for _, ref := range refs {
		w.flag(ref.number != nil)
		if ref.number != nil {
			w.uint(uint64(*ref.number))
		}
		w.optTime(ref.lastUsed)
		w.flag(ref.fromIdentity)
	}
	m.Table.Put(accountsKey(n, origin), w.b)
}

// ownAccount finds a numbered account in the identity's list at the origin,
// which is all that owning one means.
func (m *Message) ownAccount(n Number, origin Origin, number AccountNumber) (accountRef, bool) {
	for _, ref := range m.accounts(n, origin) {
		if ref.number != nil && *ref.number == number {
			return ref, true
		}
	}
	return accountRef{}, false
}

// stampAccount records a sign-in with an account.
func (m *Message) stampAccount(n Number, origin Origin, number *AccountNumber) {
	refs := m.accounts(n, origin)
	for i, ref := range refs {
		if number == nil && ref.number == nil || number != nil && ref.number != nil && *number == *ref.number {
			now := m.Now
			refs[i].lastUsed = &now
		}
	}
	m.saveAccounts(n, origin, refs)
}
