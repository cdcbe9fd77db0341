package canister

import (
	"errors"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// Accounts of an identity at an origin.

type accountInfo struct {
	Number   *uint64 `candid:"account_number"`
	Origin   string  `candid:"origin"`
	LastUsed *uint64 `candid:"last_used"`
	Name     *string `candid:"name"`
}

func accountInfoOf(origin string, a *identity.Account) *accountInfo {
	return &accountInfo{(*uint64)(a.Number), origin, (*uint64)(a.LastUsed), a.Name}
}

type originArg struct {
	N      uint64
	Origin string
}

func accountsOf(c *call, a *originArg) (*outcome[[]accountInfo, infoError], error) {
	accounts, err := c.Accounts(identity.Number(a.N), identity.Origin(a.Origin))
	if err != nil {
		e, err := refused(err)
		return failed[[]accountInfo](e), err
	}
	list := []accountInfo{}
	for i := range accounts {
		list = append(list, *accountInfoOf(a.Origin, &accounts[i]))
	}
	return ok[[]accountInfo, infoError](&list), nil
}

type accountError struct {
	_                     candid.Variant
	InternalCanisterError *string              `candid:"InternalCanisterError"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	LimitReached          *null                `candid:"AccountLimitReached"`
	NameTooLong           *null                `candid:"NameTooLong"`
}

func changedAccount(origin string, account *identity.Account, err error) (*outcome[accountInfo, accountError], error) {
	switch err {
	case nil:
		return ok[accountInfo, accountError](accountInfoOf(origin, account)), nil
	case identity.ErrAccountLimitReached:
		return failed[accountInfo](&accountError{LimitReached: yes()}), nil
	case identity.ErrNameTooLong:
		return failed[accountInfo](&accountError{NameTooLong: yes()}), nil
	}
	return refusedAs[accountInfo](err, func(e *infoError) *accountError {
		return &accountError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

func createAccount(c *call, a *struct {
	N      uint64
	Origin string
	Name   string
}) (*outcome[accountInfo, accountError], error) {
	made, err := c.CreateAccount(identity.Number(a.N), identity.Origin(a.Origin), a.Name)
	return changedAccount(a.Origin, made, err)
}

func updateAccount(c *call, a *struct {
	N      uint64
	Origin string
	Number *uint64
	Update properties
}) (*outcome[accountInfo, accountError], error) {
	updated, err := c.UpdateAccount(identity.Number(a.N), identity.Origin(a.Origin), (*identity.AccountNumber)(a.Number), a.Update.Name)
	return changedAccount(a.Origin, updated, err)
}

type noSuchOrigin struct {
	Number uint64 `candid:"anchor_number"`
}

type noSuchAccount struct {
	Number uint64 `candid:"anchor_number"`
	Origin string `candid:"origin"`
}

type getDefaultError struct {
	_                     candid.Variant
	InternalCanisterError *string              `candid:"InternalCanisterError"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	NoSuchAnchor          *null                `candid:"NoSuchAnchor"`
	NoSuchOrigin          *noSuchOrigin        `candid:"NoSuchOrigin"`
}

func defaultAccount(c *call, a *originArg) (*outcome[accountInfo, getDefaultError], error) {
	account, err := c.DefaultAccount(identity.Number(a.N), identity.Origin(a.Origin))
	if err == nil {
		return ok[accountInfo, getDefaultError](accountInfoOf(a.Origin, account)), nil
	}
	return refusedAs[accountInfo](err, func(e *infoError) *getDefaultError {
		return &getDefaultError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

type setDefaultError struct {
	_                     candid.Variant
	InternalCanisterError *string              `candid:"InternalCanisterError"`
	Unauthorized          *principal.Principal `candid:"Unauthorized"`
	NoSuchAnchor          *null                `candid:"NoSuchAnchor"`
	NoSuchOrigin          *noSuchOrigin        `candid:"NoSuchOrigin"`
	NoSuchAccount         *noSuchAccount       `candid:"NoSuchAccount"`
}

func setDefaultAccount(c *call, a *struct {
	N      uint64
	Origin string
	Number *uint64
}) (*outcome[accountInfo, setDefaultError], error) {
	account, err := c.SetDefaultAccount(identity.Number(a.N), identity.Origin(a.Origin), (*identity.AccountNumber)(a.Number))
	switch {
	case err == nil:
		return ok[accountInfo, setDefaultError](accountInfoOf(a.Origin, account)), nil
	case errors.Is(err, identity.ErrNoSuchAccount):
		return failed[accountInfo](&setDefaultError{NoSuchAccount: &noSuchAccount{a.N, a.Origin}}), nil
	}
	return refusedAs[accountInfo](err, func(e *infoError) *setDefaultError {
		return &setDefaultError{Unauthorized: e.Unauthorized, InternalCanisterError: e.InternalCanisterError}
	})
}

type applicationInfo struct {
	Origin        string `candid:"origin"`
	LastUsed      uint64 `candid:"last_used"`
	Notifications bool   `candid:"notifications_allowed"`
}

type applicationsError struct {
	_            candid.Variant
	Unauthorized *principal.Principal `candid:"Unauthorized"`
}

func applicationsOf(c *call, a *numberArg) (*outcome[[]applicationInfo, applicationsError], error) {
	all, err := c.Applications(identity.Number(a.V))
	if err != nil {
		return refusedAs[[]applicationInfo](err, func(e *infoError) *applicationsError {
			return &applicationsError{Unauthorized: e.Unauthorized}
		})
	}
	list := []applicationInfo{}
	for _, app := range all {
		list = append(list, applicationInfo{Origin: string(app.Origin), LastUsed: uint64(app.LastUsed)})
	}
	return ok[[]applicationInfo, applicationsError](&list), nil
}
