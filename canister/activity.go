package canister

import (
	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// The history of an identity, with the operations as the official archive
// names them.

type auditDevice struct {
	PublicKey    []byte           `candid:"pubkey"`
	CredentialID *[]byte          `candid:"credential_id"`
	Purpose      devicePurpose    `candid:"purpose"`
	KeyType      deviceKeyType    `candid:"key_type"`
	Protection   deviceProtection `candid:"protection"`
	Origin       *string          `candid:"origin"`
	MetadataKeys *[]string        `candid:"metadata_keys"`
}

type private struct {
	_        candid.Variant
	Redacted *null `candid:"redacted"`
}

func hidden() private { return private{Redacted: yes()} }

type auditUpdate struct {
	Alias        *private          `candid:"alias"`
	CredentialID *[]byte           `candid:"credential_id"`
	Purpose      *devicePurpose    `candid:"purpose"`
	KeyType      *deviceKeyType    `candid:"key_type"`
	Protection   *deviceProtection `candid:"protection"`
	Origin       *string           `candid:"origin"`
	MetadataKeys *[]string         `candid:"metadata_keys"`
}

type deviceAdded struct {
	Device auditDevice `candid:"device"`
}

type deviceUpdated struct {
	Device []byte      `candid:"device"`
	New    auditUpdate `candid:"new_values"`
}

type deviceReplaced struct {
	Old []byte      `candid:"old_device"`
	New auditDevice `candid:"new_device"`
}

type deviceRemoved struct {
	Device []byte `candid:"device"`
}

type metadataReplaced struct {
	Keys []string `candid:"metadata_keys"`
}

type accountCreated struct {
	Name private `candid:"name"`
}

type accountUpdated struct {
	Name *private `candid:"name"`
}

type operation struct {
	_                 candid.Variant
	Register          *deviceAdded      `candid:"register_anchor"`
	AddDevice         *deviceAdded      `candid:"add_device"`
	UpdateDevice      *deviceUpdated    `candid:"update_device"`
	ReplaceDevice     *deviceReplaced   `candid:"replace_device"`
	RemoveDevice      *deviceRemoved    `candid:"remove_device"`
	Metadata          *metadataReplaced `candid:"identity_metadata_replace"`
	AddName           *null             `candid:"add_name"`
	UpdateName        *null             `candid:"update_name"`
	RemoveName        *null             `candid:"remove_name"`
	CreateAccount     *accountCreated   `candid:"create_account"`
	UpdateAccount     *accountUpdated   `candid:"update_account"`
	SetDefaultAccount *null             `candid:"set_default_account"`
}

type activityEntry struct {
	Sequence  uint64              `candid:"sequence_number"`
	Timestamp uint64              `candid:"timestamp"`
	Caller    principal.Principal `candid:"caller"`
	Operation operation           `candid:"operation"`
}

type activityPage struct {
	Entries []activityEntry `candid:"entries"`
	Next    *uint64         `candid:"next_before"`
}

type activityArg struct {
	Before *uint64 `candid:"before"`
	Limit  *uint16 `candid:"limit"`
}

func activityOf(c *call, a *struct {
	N    uint64
	Page activityArg
}) (*outcome[activityPage, infoError], error) {
	limit := int(^uint16(0))
	if a.Page.Limit != nil {
		limit = int(*a.Page.Limit)
	}
	entries, more, err := c.Activity(identity.Number(a.N), a.Page.Before, limit)
	if err != nil {
		e, err := refused(err)
		return failed[activityPage](e), err
	}
	page := &activityPage{Entries: []activityEntry{}}
	for i := range entries {
		e := &entries[i]
		page.Entries = append(page.Entries, activityEntry{e.Sequence, uint64(e.Time), e.Caller, operationOf(&e.Change)})
		if more {
			page.Next = &e.Sequence
		}
	}
	return ok[activityPage, infoError](page), nil
}

func operationOf(c *identity.Change) operation {
	switch c.Kind {
	case identity.ChangeRegister:
		return operation{Register: &deviceAdded{auditDeviceOf(c.Device)}}
	case identity.ChangeAddDevice:
		return operation{AddDevice: &deviceAdded{auditDeviceOf(c.Device)}}
	case identity.ChangeUpdateDevice:
		return operation{UpdateDevice: &deviceUpdated{c.Key, auditUpdateOf(c.Fields)}}
	case identity.ChangeReplaceDevice:
		return operation{ReplaceDevice: &deviceReplaced{c.Key, auditDeviceOf(c.Device)}}
	case identity.ChangeRemoveDevice:
		return operation{RemoveDevice: &deviceRemoved{c.Key}}
	case identity.ChangeMetadata:
		return operation{Metadata: &metadataReplaced{c.Keys}}
	case identity.ChangeAddName:
		return operation{AddName: yes()}
	case identity.ChangeUpdateName:
		return operation{UpdateName: yes()}
	case identity.ChangeRemoveName:
		return operation{RemoveName: yes()}
	case identity.ChangeCreateAccount:
		return operation{CreateAccount: &accountCreated{hidden()}}
	case identity.ChangeUpdateAccount:
		updated := &accountUpdated{}
		if c.Named {
			name := hidden()
			updated.Name = &name
		}
		return operation{UpdateAccount: updated}
	}
	return operation{SetDefaultAccount: yes()}
}

func auditDeviceOf(d *identity.Device) auditDevice {
	data := deviceOf(d)
	a := auditDevice{
		PublicKey: data.PublicKey, CredentialID: data.CredentialID, Purpose: data.Purpose, KeyType: data.KeyType,
		Protection: data.Protection, Origin: data.Origin,
	}
	if d.Metadata != nil {
		keys := []string{}
		for _, e := range d.Metadata {
			keys = append(keys, e.Key)
		}
		a.MetadataKeys = &keys
	}
	return a
}

func auditUpdateOf(c *identity.DeviceChange) auditUpdate {
	u := auditUpdate{CredentialID: c.CredentialID, Origin: c.Origin, MetadataKeys: c.Metadata}
	if c.Alias {
		alias := hidden()
		u.Alias = &alias
	}
	if c.Purpose != nil {
		purpose := purposeOf(*c.Purpose)
		u.Purpose = &purpose
	}
	if c.KeyType != nil {
		kind := keyTypeOf(*c.KeyType)
		u.KeyType = &kind
	}
	if c.Protected != nil {
		protection := protectionOf(*c.Protected)
		u.Protection = &protection
	}
	return u
}
