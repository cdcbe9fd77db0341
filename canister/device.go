package canister

import (
	"cmp"
	"slices"

	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// Registration and devices in the interface's first version. Its methods trap
// where those of the second version name an error.

type challenge struct {
	PNG string `candid:"png_base64"`
	Key string `candid:"challenge_key"`
}

func createChallenge(c *call, _ *none) (*one[challenge], error) {
	made, err := c.CreateChallenge()
	if err != nil {
		return nil, err
	}
	return &one[challenge]{challenge{made.PNG, made.Key}}, nil
}

type challengeResult struct {
	Key   string `candid:"key"`
	Chars string `candid:"chars"`
}

type registered struct {
	Number uint64 `candid:"user_number"`
}

type registerResponse struct {
	_            candid.Variant
	Registered   *registered `candid:"registered"`
	CanisterFull *null       `candid:"canister_full"`
	BadChallenge *null       `candid:"bad_challenge"`
}

func register(c *call, a *struct {
	Device    deviceData
	Challenge challengeResult
	Temporary *principal.Principal
}) (*one[registerResponse], error) {
	n, err := c.RegisterDevice(a.Device.rule(), a.Challenge.Key, a.Challenge.Chars, a.Temporary)
	r := &one[registerResponse]{}
	switch err {
	case nil:
		r.V.Registered = &registered{uint64(n)}
	case identity.ErrIdentityLimitReached:
		r.V.CanisterFull = yes()
	case identity.ErrBadChallenge:
		r.V.BadChallenge = yes()
	default:
		return nil, err
	}
	return r, nil
}

type deviceArg struct {
	N      uint64
	Device deviceData
}

type keyArg struct {
	N         uint64
	PublicKey []byte
}

type keyDeviceArg struct {
	N         uint64
	PublicKey []byte
	Device    deviceData
}

func addDevice(c *call, a *deviceArg) (*none, error) {
	return &none{}, c.AddDevice(identity.Number(a.N), a.Device.rule())
}

func updateDevice(c *call, a *keyDeviceArg) (*none, error) {
	return &none{}, c.UpdateDevice(identity.Number(a.N), a.PublicKey, a.Device.rule())
}

func replaceDevice(c *call, a *keyDeviceArg) (*none, error) {
	return &none{}, c.ReplaceDevice(identity.Number(a.N), a.PublicKey, a.Device.rule())
}

func removeDevice(c *call, a *keyArg) (*none, error) {
	return &none{}, c.RemoveDevice(identity.Number(a.N), a.PublicKey)
}

// lookup shows anybody the devices of an identity without what names them, the
// one used last first.
func lookup(c *call, a *numberArg) (*one[[]deviceData], error) {
	devices := slices.Clone(c.Devices(identity.Number(a.V)))
	slices.SortStableFunc(devices, func(a, b identity.Device) int { return cmp.Compare(usage(&b), usage(&a)) })
	r := &one[[]deviceData]{[]deviceData{}}
	for i := range devices {
		d := deviceOf(&devices[i])
		d.Alias, d.AAGUID, d.Metadata = "", nil, nil
		r.V = append(r.V, d)
	}
	return r, nil
}

func usage(d *identity.Device) identity.Time {
	if d.LastUsage == nil {
		return 0
	}
	return *d.LastUsage
}

type credential struct {
	ID        []byte `candid:"credential_id"`
	PublicKey []byte `candid:"pubkey"`
}

type credentials struct {
	Credentials []credential `candid:"credentials"`
	Recovery    []credential `candid:"recovery_credentials"`
	Phrases     [][]byte     `candid:"recovery_phrases"`
}

func credentialsOf(c *call, a *numberArg) (*one[credentials], error) {
	r := &one[credentials]{credentials{[]credential{}, []credential{}, [][]byte{}}}
	devices := c.Devices(identity.Number(a.V))
	for i := range devices {
		d := &devices[i]
		switch {
		case d.KeyType == identity.KeySeedPhrase:
			r.V.Phrases = append(r.V.Phrases, d.PublicKey)
		case d.CredentialID == nil:
		case d.Purpose == identity.PurposeRecovery:
			r.V.Recovery = append(r.V.Recovery, credential{d.CredentialID, d.PublicKey})
		default:
			r.V.Credentials = append(r.V.Credentials, credential{d.CredentialID, d.PublicKey})
		}
	}
	return r, nil
}

type anchor struct {
	Devices      []deviceWithUsage   `candid:"devices"`
	Registration *deviceRegistration `candid:"device_registration"`
	OpenID       *[]openIDCredential `candid:"openid_credentials"`
	Name         *string             `candid:"name"`
	CreatedAt    *uint64             `candid:"created_at"`
}

type deviceRegistration struct {
	Expiration uint64               `candid:"expiration"`
	Device     *deviceData          `candid:"tentative_device"`
	Session    *principal.Principal `candid:"tentative_session"`
}

func anchorInfo(c *call, a *numberArg) (*one[anchor], error) {
	found, err := c.Info(identity.Number(a.V))
	if err != nil {
		return nil, err
	}
	r := &one[anchor]{anchor{Devices: []deviceWithUsage{}, OpenID: &[]openIDCredential{}, Name: found.Name, CreatedAt: (*uint64)(found.CreatedAt)}}
	for i := range found.Devices {
		r.V.Devices = append(r.V.Devices, deviceWithUsageOf(&found.Devices[i]))
	}
	if w := c.WaitingFor(found.Number); w != nil {
		r.V.Registration = &deviceRegistration{Expiration: uint64(w.Expiration), Session: w.Session}
		if w.Device != nil {
			d := deviceOf(w.Device)
			r.V.Registration.Device = &d
		}
	}
	return r, nil
}
