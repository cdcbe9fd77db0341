package canister

import (
	"internetidentity/candid"
	"internetidentity/identity"
)

// The form of devices in the interface's first version.

type deviceMetadataValue struct {
	_      candid.Variant
	Map    *deviceMetadata `candid:"map"`
	String *string         `candid:"string"`
	Bytes  *[]byte         `candid:"bytes"`
}

type deviceMetadataEntry struct {
	Key   string              `candid:"0"`
	Value deviceMetadataValue `candid:"1"`
}

type deviceMetadata []deviceMetadataEntry

type devicePurpose struct {
	_              candid.Variant
	Recovery       *null `candid:"recovery"`
	Authentication *null `candid:"authentication"`
}

type deviceKeyType struct {
	_              candid.Variant
	Unknown        *null `candid:"unknown"`
	Platform       *null `candid:"platform"`
	CrossPlatform  *null `candid:"cross_platform"`
	SeedPhrase     *null `candid:"seed_phrase"`
	BrowserStorage *null `candid:"browser_storage_key"`
}

type deviceProtection struct {
	_           candid.Variant
	Protected   *null `candid:"protected"`
	Unprotected *null `candid:"unprotected"`
}

type deviceData struct {
	PublicKey    []byte           `candid:"pubkey"`
	Alias        string           `candid:"alias"`
	CredentialID *[]byte          `candid:"credential_id"`
	AAGUID       *[]byte          `candid:"aaguid"`
	Purpose      devicePurpose    `candid:"purpose"`
	KeyType      deviceKeyType    `candid:"key_type"`
	Protection   deviceProtection `candid:"protection"`
	Origin       *string          `candid:"origin"`
	Metadata     *deviceMetadata  `candid:"metadata"`
}

// deviceWithUsage is a device with its stamp: a type of its own, since clients
// cannot set the stamp.
type deviceWithUsage struct {
	PublicKey    []byte           `candid:"pubkey"`
	Alias        string           `candid:"alias"`
	CredentialID *[]byte          `candid:"credential_id"`
	AAGUID       *[]byte          `candid:"aaguid"`
	Purpose      devicePurpose    `candid:"purpose"`
	KeyType      deviceKeyType    `candid:"key_type"`
	Protection   deviceProtection `candid:"protection"`
	Origin       *string          `candid:"origin"`
	LastUsage    *uint64          `candid:"last_usage"`
	Metadata     *deviceMetadata  `candid:"metadata"`
}

func (p devicePurpose) rule() identity.Purpose {
	if p.Recovery != nil {
		return identity.PurposeRecovery
	}
	return identity.PurposeAuthentication
}

func purposeOf(p identity.Purpose) devicePurpose {
	if p == identity.PurposeRecovery {
		return devicePurpose{Recovery: yes()}
	}
	return devicePurpose{Authentication: yes()}
}

func (k deviceKeyType) rule() identity.KeyType {
	switch {
	case k.Platform != nil:
		return identity.KeyPlatform
	case k.CrossPlatform != nil:
		return identity.KeyCrossPlatform
	case k.SeedPhrase != nil:
		return identity.KeySeedPhrase
	case k.BrowserStorage != nil:
		return identity.KeyBrowserStorage
	}
	return identity.KeyUnknown
}

func keyTypeOf(k identity.KeyType) deviceKeyType {
	switch k {
	case identity.KeyPlatform:
		return deviceKeyType{Platform: yes()}
	case identity.KeyCrossPlatform:
		return deviceKeyType{CrossPlatform: yes()}
	case identity.KeySeedPhrase:
		return deviceKeyType{SeedPhrase: yes()}
	case identity.KeyBrowserStorage:
		return deviceKeyType{BrowserStorage: yes()}
	}
	return deviceKeyType{Unknown: yes()}
}

func protectionOf(on bool) deviceProtection {
	if on {
		return deviceProtection{Protected: yes()}
	}
	return deviceProtection{Unprotected: yes()}
}

func (e deviceMetadataEntry) key() string { return e.Key }

func (m deviceMetadata) rule() identity.Metadata {
	metadata := identity.Metadata{}
	for _, e := range lastOfEach(m, deviceMetadataEntry.key) {
		entry := identity.MetadataEntry{Key: e.Key, String: e.Value.String, Bytes: e.Value.Bytes}
		if e.Value.Map != nil {
			inner := e.Value.Map.rule()
			entry.Map = &inner
		}
		metadata = append(metadata, entry)
	}
	return metadata
}

func deviceMetadataOf(metadata identity.Metadata) *deviceMetadata {
	if metadata == nil {
		return nil
	}
	m := deviceMetadata{}
	for _, e := range metadata {
		entry := deviceMetadataEntry{Key: e.Key, Value: deviceMetadataValue{String: e.String, Bytes: e.Bytes}}
		if e.Map != nil {
			entry.Value.Map = deviceMetadataOf(*e.Map)
		}
		m = append(m, entry)
	}
	return &m
}

func (d *deviceData) rule() identity.Device {
	device := identity.Device{
		PublicKey: d.PublicKey, Alias: d.Alias, Purpose: d.Purpose.rule(), KeyType: d.KeyType.rule(),
		Protected: d.Protection.Protected != nil, Origin: d.Origin,
	}
	if d.CredentialID != nil {
		device.CredentialID = append([]byte{}, *d.CredentialID...)
	}
	if d.AAGUID != nil {
		device.AAGUID = append([]byte{}, *d.AAGUID...)
	}
	if d.Metadata != nil {
		device.Metadata = d.Metadata.rule()
	}
	return device
}

func deviceOf(d *identity.Device) deviceData {
	data := deviceData{
		PublicKey: d.PublicKey, Alias: d.Alias, Purpose: purposeOf(d.Purpose), KeyType: keyTypeOf(d.KeyType),
		Protection: protectionOf(d.Protected), Origin: d.Origin, Metadata: deviceMetadataOf(d.Metadata),
	}
	if d.CredentialID != nil {
		data.CredentialID = &d.CredentialID
	}
	if d.AAGUID != nil {
		data.AAGUID = &d.AAGUID
	}
	return data
}

func deviceWithUsageOf(d *identity.Device) deviceWithUsage {
	data := deviceOf(d)
	return deviceWithUsage{
		data.PublicKey, data.Alias, data.CredentialID, data.AAGUID, data.Purpose, data.KeyType, data.Protection, data.Origin,
		(*uint64)(d.LastUsage), data.Metadata,
	}
}
