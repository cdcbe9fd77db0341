package identity

import (
	"cmp"
	"fmt"
	"slices"
)

// What an identity does with its accounts. Making and naming them is recorded
// and stamps nothing.

// checkOrigin ends a message about an origin whose length cannot be hashed.
func checkOrigin(origin Origin) error {
	if len(origin) > maxOriginBytes {
		return trap("frontend hostname %d exceeds the limit of %d bytes", len(origin), maxOriginBytes)
	}
	return nil
}

// Accounts are those of an identity at an origin, for itself and for its
// browsers' sessions.
func (m *Message) Accounts(n Number, origin Origin) ([]Account, error) {
	if err := m.authorizeReader(n); err != nil {
		return nil, err
	}
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	return loadAccounts(m.Table, n, origin).accounts, nil
}

// newAccountNumber is shared by all identities and origins, from 1.
func (m *Message) newAccountNumber() *AccountNumber {
	n := AccountNumber(counter(m.Table, spaceMeta, nameAccount) + 1)
	setCounter(m.Table, spaceMeta, nameAccount, uint64(n))
	return &n
}

// forAccounts authorizes a change of accounts and takes the list.
func (m *Message) forAccounts(n Number, origin Origin) (*accountList, error) {
	if _, err := m.authorize(n); err != nil {
		return nil, err
	}
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	return loadAccounts(m.Table, n, origin), nil
}

// CreateAccount adds an account with a name.
func (m *Message) CreateAccount(n Number, origin Origin, name string) (*Account, error) {
	l, err := m.forAccounts(n, origin)
	if err != nil {
		return nil, err
	}
	if len(name) > maxAccountNameBytes {
		return nil, ErrNameTooLong
	}
	if m.accountCounts(n).numbered >= maxAccounts {
		return nil, ErrAccountLimitReached
	}
	a := Account{Number: m.newAccountNumber(), Name: &name}
	l.accounts = append(l.accounts, a)
	m.saveAccounts(l)
	m.audit(n, &Change{Kind: ChangeCreateAccount, Named: true})
	return &a, nil
}

// UpdateAccount names an account. The default one is given a number by that,
// stays what it was, and becomes the one that is asked for first.
func (m *Message) UpdateAccount(n Number, origin Origin, number *AccountNumber, name *string) (*Account, error) {
	l, err := m.forAccounts(n, origin)
	switch {
	case err != nil:
		return nil, err
	case name == nil:
		return nil, &InternalError{"No name was provided."}
	case len(*name) > maxAccountNameBytes:
		return nil, ErrNameTooLong
	}
	at := l.find(number)
	if number == nil {
		switch {
		case at < 0:
			return nil, &InternalError{"The default account has a number already."}
		case m.accountCounts(n).numbered >= maxAccounts:
			return nil, ErrAccountLimitReached
		}
		l.accounts[at].Number, l.accounts[at].seedOfIdentity = m.newAccountNumber(), true
		l.standard = l.accounts[at].Number
		m.audit(n, &Change{Kind: ChangeCreateAccount, Named: true})
	} else if at < 0 {
		return nil, &InternalError{fmt.Sprintf("Account not found for account number %d", *number)}
	}
	a := &l.accounts[at]
	changed := number == nil || a.Name == nil || *a.Name != *name
	a.Name = name
	m.saveAccounts(l)
	m.audit(n, &Change{Kind: ChangeUpdateAccount, Named: changed})
	return a, nil
}

// DefaultAccount is the one that is asked for first.
func (m *Message) DefaultAccount(n Number, origin Origin) (*Account, error) {
	if err := m.authorizeReader(n); err != nil {
		return nil, err
	}
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	l := loadAccounts(m.Table, n, origin)
	if l.standard == nil {
		if at := l.find(nil); at >= 0 {
			return &l.accounts[at], nil
		}
		return &Account{}, nil
	}
	at := l.find(l.standard)
	if at < 0 {
		return nil, &InternalError{fmt.Sprintf("Account #%d does not exist for anchor %d and origin %s.", *l.standard, n, origin)}
	}
	return &l.accounts[at], nil
}

// SetDefaultAccount chooses the account that is asked for first; nil is the
// default one.
func (m *Message) SetDefaultAccount(n Number, origin Origin, number *AccountNumber) (*Account, error) {
	if _, err := m.activity(n); err != nil {
		return nil, err
	}
	if err := checkOrigin(origin); err != nil {
		return nil, err
	}
	l := loadAccounts(m.Table, n, origin)
	at := l.find(number)
	if number != nil && at < 0 {
		return nil, ErrNoSuchAccount
	}
	l.standard = number
	m.saveAccounts(l)
	m.audit(n, &Change{Kind: ChangeSetDefaultAccount})
	if at < 0 {
		return &Account{}, nil
	}
	return &l.accounts[at], nil
}

// Application is an origin at which an identity has signed in.
type Application struct {
	Origin   Origin
	LastUsed Time
}

// Applications are those of an identity, the last one used first.
func (m *Message) Applications(n Number) ([]Application, error) {
	if _, err := m.authorize(n); err != nil {
		return nil, err
	}
	var all []Application
	for k, value := range m.Table.Ascend(key(spaceAccounts, u64(uint64(n))), key(spaceAccounts, u64(uint64(n)+1))) {
		origin := Origin(k[9:])
		if last := decodeAccounts(n, origin, value).lastUsed(); last > 0 {
			all = append(all, Application{origin, last})
		}
	}
	slices.SortStableFunc(all, func(a, b Application) int { return cmp.Compare(b.LastUsed, a.LastUsed) })
	return all, nil
}
