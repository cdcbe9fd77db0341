package canister

import (
	"fmt"
	"strings"

	"internetidentity/identity"
)

// Devices of the rules and authentication methods of the interface are the
// same thing in two forms: four fields of a device stand in the metadata of a
// method.

const (
	keyAlias      = "alias"
	keyOrigin     = "origin"
	keyAttachment = "authenticator_attachment"
	keyUsage      = "usage"
)

var attachments = map[string]identity.KeyType{"platform": identity.KeyPlatform, "cross_platform": identity.KeyCrossPlatform}

var usages = map[string]identity.KeyType{"recovery_phrase": identity.KeySeedPhrase, "browser_storage_key": identity.KeyBrowserStorage}

// device makes a device of a method. The error is for the client to read.
func (a *authnMethodData) device() (identity.Device, error) {
	d := identity.Device{Protected: a.SecuritySettings.Protection.Protected != nil}
	switch {
	case a.AuthnMethod.WebAuthn != nil:
		w := a.AuthnMethod.WebAuthn
		d.PublicKey, d.CredentialID = w.PublicKey, append([]byte{}, w.CredentialID...)
		if w.AAGUID != nil {
			d.AAGUID = *w.AAGUID
		}
	default:
		d.PublicKey = a.AuthnMethod.PubKey.PublicKey
	}
	if a.SecuritySettings.Purpose.Recovery != nil {
		d.Purpose = identity.PurposeRecovery
	}
	rest := metadataMap(lastOfEach(a.Metadata, metadataEntry.key))
	// take removes a key, which must have a text.
	take := func(name string) (*string, error) {
		for i, e := range rest {
			if e.Key != name {
				continue
			}
			if e.Value.String == nil {
				return nil, fmt.Errorf("Invalid metadata type for key '%s': expected string, got value %s", name, e.Value.describe())
			}
			rest = append(append(metadataMap{}, rest[:i]...), rest[i+1:]...)
			return e.Value.String, nil
		}
		return nil, nil
	}
	alias, err := take(keyAlias)
	if err != nil {
		return d, err
	}
	if alias != nil {
		d.Alias = *alias
	}
	if d.Origin, err = take(keyOrigin); err != nil {
		return d, err
	}
	attachment, err := take(keyAttachment)
	if err != nil {
		return d, err
	}
	if attachment != nil {
		d.KeyType = attachments[*attachment]
	}
	// The usage counts only when the attachment says nothing; otherwise it
	// stays and breaks the rule of reserved keys.
	if d.KeyType == identity.KeyUnknown {
		usage, err := take(keyUsage)
		if err != nil {
			return d, err
		}
		if usage != nil {
			d.KeyType = usages[*usage]
		}
	}
	d.Metadata = rest.metadata()
	return d, nil
}

// maxDescribed are the bytes of a value that an error shows.
const maxDescribed = 32

func (v *metadataValue) describe() string {
	if v.Bytes == nil {
		return "Map"
	}
	shown, more := *v.Bytes, ""
	if len(shown) > maxDescribed {
		shown, more = shown[:maxDescribed], ", ..."
	}
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(shown), "[]"), " ", ", ")
	return "Bytes([" + list + more + "])"
}

// lastOfEach keeps one entry for each key, as a map does: the last one, in the
// place of the first. Otherwise entries without any bytes would fill a record
// past every limit.
func lastOfEach[E any](entries []E, key func(E) string) []E {
	var kept []E
	places := map[string]int{}
	for _, e := range entries {
		if at, twice := places[key(e)]; twice {
			kept[at] = e
			continue
		}
		places[key(e)] = len(kept)
		kept = append(kept, e)
	}
	return kept
}

func (e metadataEntry) key() string { return e.Key }

func (m metadataMap) metadata() identity.Metadata {
	metadata := identity.Metadata{}
	for _, e := range lastOfEach(m, metadataEntry.key) {
		entry := identity.MetadataEntry{Key: e.Key, String: e.Value.String, Bytes: e.Value.Bytes}
		if e.Value.Map != nil {
			inner := e.Value.Map.metadata()
			entry.Map = &inner
		}
		metadata = append(metadata, entry)
	}
	return metadata
}

func metadataOf(metadata identity.Metadata) metadataMap {
	m := metadataMap{}
	for _, e := range metadata {
		entry := metadataEntry{Key: e.Key, Value: metadataValue{String: e.String, Bytes: e.Bytes}}
		if e.Map != nil {
			inner := metadataOf(*e.Map)
			entry.Value.Map = &inner
		}
		m = append(m, entry)
	}
	return m
}

// methodOf is the public part of a device.
func methodOf(d *identity.Device, withAAGUID bool) authnMethod {
	if d.CredentialID == nil {
		return authnMethod{PubKey: &publicKeyAuthn{d.PublicKey}}
	}
	w := &webAuthn{CredentialID: d.CredentialID, PublicKey: d.PublicKey}
	if withAAGUID && d.AAGUID != nil {
		w.AAGUID = &d.AAGUID
	}
	return authnMethod{WebAuthn: w}
}

// methodDataOf is a device as its owner sees it.
func methodDataOf(d *identity.Device) authnMethodData {
	a := authnMethodData{AuthnMethod: methodOf(d, true), Metadata: metadataOf(d.Metadata)}
	add := func(name, value string) {
		a.Metadata = append(a.Metadata, metadataEntry{Key: name, Value: metadataValue{String: &value}})
	}
	if d.Alias != "" {
		add(keyAlias, d.Alias)
	}
	if d.Origin != nil {
		add(keyOrigin, *d.Origin)
	}
	switch d.KeyType {
	case identity.KeyPlatform:
		add(keyAttachment, "platform")
	case identity.KeyCrossPlatform:
		add(keyAttachment, "cross_platform")
	case identity.KeySeedPhrase:
		add(keyUsage, "recovery_phrase")
	case identity.KeyBrowserStorage:
		add(keyUsage, "browser_storage_key")
	}
	a.SecuritySettings.Protection.Unprotected = yes()
	if d.Protected {
		a.SecuritySettings.Protection = protection{Protected: yes()}
	}
	a.SecuritySettings.Purpose.Authentication = yes()
	if d.Purpose == identity.PurposeRecovery {
		a.SecuritySettings.Purpose = purpose{Recovery: yes()}
	}
	a.LastAuthentication = (*uint64)(d.LastUsage)
	return a
}
