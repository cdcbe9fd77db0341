package identity

import (
	"encoding/binary"
	"fmt"
	"slices"

	"internetidentity/table"
)

// Examination is what a walk over everything that is kept has found.
type Examination struct {
	Identities, Methods, Accounts, Entries uint64
	// Unlisted are entries of indices that methods could have and have not.
	// Somebody can bring that about who registers another's credential id or key
	// and removes it again, so it is no damage by itself.
	Unlisted uint64
	// Problems in sentences for an operator: the first ones, and how many there
	// are in all.
	Problems []string
	Found    int
}

// maxProblems that are told one by one.
const maxProblems = 100

// examiner walks over a table that nobody writes meanwhile.
type examiner struct {
	table.Reader
	Examination
	numbered, references uint64
	apps                 map[string]uint64 // identities by origin
}

// Examine reads every lasting record, and compares the indices and the counters
// with what they are about. It needs memory for the origins of apps only.
func Examine(r table.Reader) Examination {
	e := &examiner{Reader: r, apps: map[string]uint64{}}
	e.identities()
	e.index(spaceCredential, "credential")
	e.index(spacePasskey, "passkey")
	e.index(spaceRecovery, "key")
	e.accounts()
	e.applications()
	e.entries()
	e.events()
	if kept, ok := salt(r); ok && len(kept) != saltBytes {
		e.problem("the salt has %d bytes, want %d", len(kept), saltBytes)
	}
	return e.Examination
}

func (e *examiner) problem(format string, args ...any) {
	if e.Found++; len(e.Problems) < maxProblems {
		e.Problems = append(e.Problems, fmt.Sprintf(format, args...))
	}
}

// counts compares a counter with what was counted.
func (e *examiner) counts(what, name string, n uint64) {
	if kept := counter(e, spaceMeta, name); kept != n {
		e.problem("there are %d %s, and the counter says %d", n, what, kept)
	}
}

// attempt reads records whose reader stops at damage.
func attempt(read func()) (err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case *table.Fault:
			err = fault
		default:
			panic(fault)
		}
	}()
	read()
	return nil
}

// records are all of a space whose keys have at least so many bytes behind the
// first.
func (e *examiner) records(space byte, length int, what string, each func(k, value []byte)) {
	for k, value := range e.Ascend([]byte{space}, []byte{space + 1}) {
		if len(k) < 1+length {
			e.problem("the key %x of a %s is too short", k, what)
			continue
		}
		each(k[1:], value)
	}
}

func (e *examiner) identities() {
	var last Number
	e.records(spaceIdentity, 8, "record of an identity", func(k, value []byte) {
		n := Number(binary.BigEndian.Uint64(k))
		a, err := decodeIdentity(n, value)
		if err != nil {
			e.problem("identity %d is damaged: %v", n, err)
			return
		}
		if e.Identities > 0 && n != last+1 {
			e.problem("identity %d follows identity %d", n, last)
		}
		last = n
		e.Identities++
		e.Methods += uint64(len(a.Devices))
		if err := a.check(); err != nil {
			e.problem("identity %d breaks a rule: %v", n, err)
		}
		for i := range a.Devices {
			for _, entry := range indexKeys(&a.Devices[i]) {
				if _, ok := e.Get(entry); !ok {
					e.Unlisted++
				}
			}
		}
	})
	e.counts("identities", nameIdentities, e.Identities)
}

// index checks that every entry leads to an identity that has what it says.
func (e *examiner) index(space byte, what string) {
	e.records(space, 1, "entry of an index", func(k, value []byte) {
		if len(value) < 8 {
			e.problem("the %s %x leads nowhere", what, k)
			return
		}
		n, publicKey := Number(binary.BigEndian.Uint64(value)), string(value[8:])
		var a *Identity
		if err := attempt(func() { a = load(e, n) }); err != nil {
			return // told already
		}
		if a == nil {
			e.problem("the %s %x leads to identity %d, which does not exist", what, k, n)
			return
		}
		entry := string(key(space, k))
		has := slices.ContainsFunc(a.Devices, func(d Device) bool {
			return string(d.PublicKey) == publicKey &&
				slices.ContainsFunc(indexKeys(&d), func(k []byte) bool { return string(k) == entry })
		})
		if !has {
			e.problem("the %s %x leads to identity %d, which does not have it", what, k, n)
		}
	})
}

// accounts compares the lists of each identity with its counts.
func (e *examiner) accounts() {
	var at Number
	var sums accountCounts
	seen := false
	// compare ends an identity's lists.
	compare := func() {
		if !seen {
			return
		}
		var kept accountCounts
		if err := attempt(func() { kept = (&Message{Table: table.NewOverlay(e)}).accountCounts(at) }); err != nil {
			e.problem("the counts of identity %d's accounts are damaged: %v", at, err)
		} else if kept != sums {
			e.problem("identity %d has %d accounts with a number and %d apps without any, and its counts say %d and %d", at, sums.numbered, sums.bare, kept.numbered, kept.bare)
		}
	}
	e.records(spaceAccounts, 8, "list of accounts", func(k, value []byte) {
		n, origin := Number(binary.BigEndian.Uint64(k)), Origin(k[8:])
		if n != at {
			compare()
			at, sums, seen = n, accountCounts{}, true
			if _, ok := e.Get(key(spaceIdentity, u64(uint64(n)))); !ok {
				e.problem("there are accounts of identity %d, which does not exist", n)
			}
		}
		seen = true
		var l *accountList
		if err := attempt(func() { l = decodeAccounts(n, origin, value) }); err != nil {
			e.problem("the accounts of identity %d at %q are damaged: %v", n, origin, err)
			return
		}
		sums.numbered += l.numbered()
		if l.isBare() {
			sums.bare++
		}
		e.numbered += uint64(l.numbered())
		e.references += uint64(len(l.accounts))
		e.apps[string(origin)]++
	})
	compare()
	e.Accounts = e.numbered
	e.counts("accounts with a number", nameAccounts, e.numbered)
	e.counts("accounts in lists", nameReferences, e.references)
}

func (e *examiner) applications() {
	listed := uint64(0)
	e.records(spaceApplication, 0, "app", func(k, value []byte) {
		listed++
		if len(value) != 8 || binary.BigEndian.Uint64(value) != e.apps[string(k)] {
			e.problem("%d identities have accounts at %q, and its counter says %x", e.apps[string(k)], k, value)
		}
	})
	if listed != uint64(len(e.apps)) {
		e.problem("there are accounts at %d apps, and %d are listed", len(e.apps), listed)
	}
	e.counts("apps", nameOrigins, listed)
}

// entries are the histories, which together have no gap.
func (e *examiner) entries() {
	e.records(spaceAudit, 16, "entry of a history", func(k, value []byte) {
		e.Entries++
		if _, err := decodeEntry(value); err != nil {
			e.problem("entry %d in the history of identity %d is damaged: %v", binary.BigEndian.Uint64(k[8:]), binary.BigEndian.Uint64(k), err)
		}
	})
	e.counts("entries in histories", nameAudit, e.Entries)
}

func (e *examiner) events() {
	n := uint64(0)
	e.records(spaceEvent, 16, "sign-in for statistics", func(k, value []byte) {
		n++
		if err := attempt(func() { decodeEvent(value) }); err != nil {
			e.problem("a sign-in at %d for statistics is damaged: %v", binary.BigEndian.Uint64(k), err)
		}
	})
	e.counts("sign-ins for statistics", nameEvents, n)
}
