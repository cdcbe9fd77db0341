package identity

import (
	"bytes"
	"encoding/hex"
	"slices"

	"internetidentity/principal"
)

// Purpose of a device.
type Purpose uint8

// The purposes.
const (
	PurposeAuthentication Purpose = iota
	PurposeRecovery
)

// KeyType is what a device is made of.
type KeyType uint8

// The key types.
const (
	KeyUnknown KeyType = iota
	KeyPlatform
	KeyCrossPlatform
	KeySeedPhrase
	KeyBrowserStorage
)

// String is the name as it stands in error texts.
func (k KeyType) String() string {
	return [...]string{"Unknown", "Platform", "CrossPlatform", "SeedPhrase", "BrowserStorageKey"}[k]
}

// Device is an authentication method as it is stored. One with a credential id
// is a passkey, one without is a plain key.
type Device struct {
	PublicKey    []byte
	Alias        string
	CredentialID []byte // nil without
	AAGUID       []byte // nil without
	Purpose      Purpose
	KeyType      KeyType
	Protected    bool
	Origin       *string
	LastUsage    *Time
	// Metadata is nil for devices of the interface's first version that were
	// made without.
	Metadata Metadata
}

// Principal of the device's key.
func (d *Device) Principal() principal.Principal {
	return principal.SelfAuthenticating(d.PublicKey)
}

// Metadata is a map with texts, bytes and maps in it.
type Metadata []MetadataEntry

// MetadataEntry has one of Map, String and Bytes.
type MetadataEntry struct {
	Key    string
	Map    *Metadata
	String *string
	Bytes  *[]byte
}

// size is the length of all keys and values.
func (m Metadata) size() int {
	n := 0
	for _, e := range m {
		n += len(e.Key)
		switch {
		case e.Map != nil:
			n += e.Map.size()
		case e.String != nil:
			n += len(*e.String)
		case e.Bytes != nil:
			n += len(*e.Bytes)
		}
	}
	return n
}

func (m Metadata) depth() int {
	deepest := 0
	for _, e := range m {
		if e.Map != nil {
			deepest = max(deepest, e.Map.depth())
		}
	}
	return deepest + 1
}

// reservedKeys are fields of their own and not metadata.
var reservedKeys = []string{
	"pubkey", "alias", "credential_id", "purpose", "key_type", "protection", "origin",
	"last_usage_timestamp", "metadata", "usage", "authenticator_attachment",
}

// check holds the rules of one device.
func (d *Device) check() error {
	for _, e := range d.Metadata {
		if slices.Contains(reservedKeys, e.Key) {
			return trap("Metadata key '%s' is reserved and cannot be used.", e.Key)
		}
	}
	if d.Metadata.depth() > maxMetadataDepth {
		return trap("metadata limit exceeded: depth %d, limit %d", d.Metadata.depth(), maxMetadataDepth)
	}
	origin := ""
	if d.Origin != nil {
		origin = *d.Origin
	}
	for _, field := range []struct {
		name        string
		length, max int
	}{
		{"alias", len(d.Alias), maxAliasBytes},
		{"pubkey", len(d.PublicKey), maxPublicKey},
		{"credential_id", len(d.CredentialID), maxCredentialID},
		{"origin", len(origin), maxDeviceOrigin},
		{"aaguid", len(d.AAGUID), maxAAGUID},
	} {
		if field.length > field.max {
			return trap("%s limit exceeded: length %d, limit %d", field.name, field.length, field.max)
		}
	}
	if d.KeyType == KeySeedPhrase && d.CredentialID != nil {
		return trap("Devices with key type seed_phrase must not have a credential id.")
	}
	if d.Protected && d.KeyType != KeySeedPhrase {
		return trap("Only recovery phrases can be locked but key type is %s", d.KeyType)
	}
	return nil
}

func (d *Device) variableBytes() int {
	n := len(d.Alias) + len(d.PublicKey) + len(d.CredentialID) + d.Metadata.size()
	if d.Origin != nil {
		n += len(*d.Origin)
	}
	return n
}

func (w *writer) device(d *Device) {
	w.bytes(d.PublicKey)
	w.text(d.Alias)
	w.flag(d.CredentialID != nil)
	w.bytes(d.CredentialID)
	w.flag(d.AAGUID != nil)
	w.bytes(d.AAGUID)
	w.uint(uint64(d.Purpose))
	w.uint(uint64(d.KeyType))
	w.flag(d.Protected)
	w.optText(d.Origin)
	w.optTime(d.LastUsage)
	w.flag(d.Metadata != nil)
	w.metadata(d.Metadata)
}

func (r *reader) device() Device {
	var d Device
	d.PublicKey = r.bytes()
	d.Alias = r.text()
	hasCredential := r.flag()
	if id := r.bytes(); hasCredential {
		d.CredentialID = id
	}
	hasAAGUID := r.flag()
	if id := r.bytes(); hasAAGUID {
		d.AAGUID = id
	}
	d.Purpose = Purpose(r.uint())
	d.KeyType = KeyType(r.uint())
	if d.Purpose > PurposeRecovery || d.KeyType > KeyBrowserStorage {
		r.fail()
	}
	d.Protected = r.flag()
	d.Origin = r.optText()
	d.LastUsage = r.optTime()
	hasMetadata := r.flag()
	if metadata := r.metadata(0); hasMetadata {
		d.Metadata = metadata
	}
	return d
}

func (w *writer) metadata(m Metadata) {
	w.uint(uint64(len(m)))
	for _, e := range m {
		w.text(e.Key)
		switch {
		case e.Map != nil:
			w.uint(0)
			w.metadata(*e.Map)
		case e.String != nil:
			w.uint(1)
			w.text(*e.String)
		default:
			w.uint(2)
			w.bytes(*e.Bytes)
		}
	}
}

func (r *reader) metadata(depth int) Metadata {
	n := r.count()
	if depth > maxMetadataDepth {
		r.fail()
		return nil
	}
	m := Metadata{}
	for range n {
		e := MetadataEntry{Key: r.text()}
		switch r.uint() {
		case 0:
			inner := r.metadata(depth + 1)
			e.Map = &inner
		case 1:
			s := r.text()
			e.String = &s
		case 2:
			b := r.bytes()
			e.Bytes = &b
		default:
			r.fail()
		}
		if r.err != nil {
			return nil
		}
		m = append(m, e)
	}
	return m
}

// find is the index of the device with a key, or -1.
func (a *Identity) find(publicKey []byte) int {
	return slices.IndexFunc(a.Devices, func(d Device) bool { return bytes.Equal(d.PublicKey, publicKey) })
}

// add puts a new device in.
func (a *Identity) add(d Device) error {
	if a.find(d.PublicKey) >= 0 {
		return trap("Device with key %s already exists on this anchor.", hex.EncodeToString(d.PublicKey))
	}
	if err := d.check(); err != nil {
		return err
	}
	a.Devices = append(a.Devices, d)
	return a.check()
}

// modify puts another state of a device in its place.
func (a *Identity) modify(i int, d Device, caller principal.Principal) error {
	if !bytes.Equal(a.Devices[i].PublicKey, d.PublicKey) {
		return trap("Device key cannot be updated.")
	}
	if err := d.check(); err != nil {
		return err
	}
	if err := a.Devices[i].mutableBy(caller); err != nil {
		return err
	}
	a.Devices[i] = d
	return a.check()
}

// remove takes a device out. The rules of all devices together are not looked
// at, so that an identity that breaks one can be mended.
func (a *Identity) remove(publicKey []byte, caller principal.Principal) (Device, error) {
	i := a.find(publicKey)
	if i < 0 {
		// No key is longer than the limit; more is not worth writing out.
		return Device{}, trap("Device with key %s not found.", hex.EncodeToString(publicKey[:min(len(publicKey), maxPublicKey)]))
	}
	d := a.Devices[i]
	if err := d.mutableBy(caller); err != nil {
		return Device{}, err
	}
	a.Devices = slices.Delete(a.Devices, i, i+1)
	return d, nil
}

// mutableBy lets a protected device be changed only by its own key. A
// temporary key is not enough.
func (d *Device) mutableBy(caller principal.Principal) error {
	if d.Protected && d.Principal() != caller {
		return trap("Device is locked. Must be authenticated with this device to mutate: authorized principal %s, actual principal %s", d.Principal(), caller)
	}
	return nil
}
