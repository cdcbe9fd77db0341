package internetidentity_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"internetidentity/cbor"
	"internetidentity/certificate"
	"internetidentity/principal"
)

func decodeVector(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// want turns "must it succeed" and what happened into a verdict.
func want(valid bool, err error) error {
	if valid {
		return err
	}
	if err == nil {
		return errors.New("accepted, must be refused")
	}
	return nil
}

// mainnetKey is the root key of the Internet Computer, from the vectors.
func mainnetKey(t *testing.T, readFile func(string) []byte) certificate.BLSPublicKey {
	t.Helper()
	var keys struct {
		Mainnet struct {
			DER string `json:"der_hex"`
		}
	}
	decodeVector(t, readFile("root-keys.json"), &keys)
	key, err := certificate.ParseBLSPublicKeyDER(unhex(t, keys.Mainnet.DER))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func vectorsRootKeys(r *vectorRun, data []byte) {
	var file struct {
		Mainnet struct {
			DER      string `json:"der_hex"`
			Raw      string `json:"bls_g2_hex"`
			SubnetID string `json:"root_subnet_id_text"`
		}
		Prefix string `json:"der_prefix_hex"`
	}
	decodeVector(r.t, data, &file)
	key, err := certificate.ParseBLSPublicKeyDER(unhex(r.t, file.Mainnet.DER))
	r.check("parse", func() error { return err })
	r.check("raw key", func() error {
		if hex.EncodeToString(key[:]) != file.Mainnet.Raw {
			return fmt.Errorf("%x", key)
		}
		return nil
	})
	r.check("subnet id", func() error {
		if key.SubnetID().String() != file.Mainnet.SubnetID {
			return errors.New(key.SubnetID().String())
		}
		return nil
	})
	r.check("DER prefix", func() error {
		if hex.EncodeToString(key.DER()) != file.Prefix+file.Mainnet.Raw {
			return errors.New("another encoding")
		}
		return nil
	})
}

func vectorsBLS(r *vectorRun, data []byte) {
	var file struct {
		Verify []struct {
			Signature, Message string
			PublicKey          string `json:"public_key"`
			Valid              bool
		}
		Sign []struct {
			SecretKey          string `json:"secret_key"`
			Message, Signature string
		}
	}
	decodeVector(r.t, data, &file)
	for i, c := range file.Verify {
		r.check(fmt.Sprintf("verify %d", i), func() error {
			raw := unhex(r.t, c.PublicKey)
			if len(raw) != len(certificate.BLSPublicKey{}) {
				return want(c.Valid, errors.New("key of another length"))
			}
			return want(c.Valid, certificate.VerifyBLS(certificate.BLSPublicKey(raw), unhex(r.t, c.Message), unhex(r.t, c.Signature)))
		})
	}
	for i, c := range file.Sign {
		r.check(fmt.Sprintf("sign %d", i), func() error {
			key, err := certificate.ParseSigningKey(unhex(r.t, c.SecretKey))
			if err != nil {
				return err
			}
			if got := hex.EncodeToString(key.Sign(unhex(r.t, c.Message))); got != c.Signature {
				return errors.New(got)
			}
			return nil
		})
	}
}

// vectorPrincipal is a principal as text or as hex, whichever is there.
type vectorPrincipal struct {
	Canister    string
	CanisterHex string `json:"canister_hex"`
	Subnet      string
	SubnetHex   string `json:"subnet_hex"`
}

func (v vectorPrincipal) parse(t *testing.T) (id principal.Principal, subnet bool) {
	t.Helper()
	var err error
	switch {
	case v.Canister != "":
		id, err = principal.Parse(v.Canister)
	case v.CanisterHex != "":
		id, err = principal.FromBytes(unhex(t, v.CanisterHex))
	case v.Subnet != "":
		id, err = principal.Parse(v.Subnet)
		subnet = true
	default:
		id, err = principal.FromBytes(unhex(t, v.SubnetHex))
		subnet = true
	}
	if err != nil {
		t.Fatal(err)
	}
	return id, subnet
}

func vectorsCertificates(r *vectorRun, data []byte) {
	var file []struct {
		Name, Encoding, Hex string
		RootKey             string            `json:"root_key"`
		RootKeyHex          string            `json:"root_key_der_hex"`
		Time                string            `json:"time_ns"`
		ValidFor            []vectorPrincipal `json:"valid_for"`
		InvalidFor          []vectorPrincipal `json:"invalid_for"`
		CertifiedData       string            `json:"certified_data_hex"`
	}
	decodeVector(r.t, data, &file)
	for _, c := range file {
		encoded := unhex(r.t, c.Hex)
		if c.Encoding == "read_state_response_body" {
			var body struct {
				Certificate []byte `cbor:"certificate"`
			}
			if err := cbor.Unmarshal(encoded, &body); err != nil {
				r.t.Fatal(err)
			}
			encoded = body.Certificate
		}
		root := mainnetKey(r.t, readVector(r.t))
		if c.RootKey != "mainnet" {
			der := c.RootKeyHex
			if der == "" {
				der = c.RootKey
			}
			var err error
			if root, err = certificate.ParseBLSPublicKeyDER(unhex(r.t, der)); err != nil {
				r.t.Fatal(err)
			}
		}
		parsed, err := certificate.Parse(encoded)
		r.check(c.Name+" parses", func() error { return err })
		if err != nil {
			continue
		}
		r.check(c.Name+" survives encoding", func() error {
			again, err := certificate.Parse(parsed.Encode())
			if err != nil {
				return err
			}
			if again.Tree.Digest() != parsed.Tree.Digest() || !bytes.Equal(again.Signature, parsed.Signature) {
				return errors.New("something else came back")
			}
			return nil
		})
		r.check(c.Name+" time", func() error {
			t, err := parsed.Time()
			if err == nil && strconv.FormatUint(t, 10) != c.Time {
				err = fmt.Errorf("%d, want %s", t, c.Time)
			}
			return err
		})
		for valid, list := range map[bool][]vectorPrincipal{true: c.ValidFor, false: c.InvalidFor} {
			for _, who := range list {
				id, subnet := who.parse(r.t)
				r.check(fmt.Sprintf("%s for %s: %v", c.Name, id, valid), func() error {
					if subnet {
						return want(valid, parsed.VerifyForSubnet(root, id))
					}
					return want(valid, parsed.VerifyForCanister(root, id))
				})
			}
		}
		if c.CertifiedData != "" {
			r.check(c.Name+" certified data", func() error {
				id, _ := c.ValidFor[0].parse(r.t)
				value, status := parsed.Tree.Lookup([]byte("canister"), id.Bytes(), []byte("certified_data"))
				if hex.EncodeToString(value) != c.CertifiedData {
					return fmt.Errorf("%v %x", status, value)
				}
				return nil
			})
		}
	}
}

func vectorsCanisterSignatures(r *vectorRun, data []byte) {
	var file struct {
		Chains []struct {
			Name, Canister, Expected string
			Chain                    certificate.Chain
			Time                     string `json:"cert_time_ns"`
			SubnetDelegation         bool   `json:"subnet_delegation"`
		} `json:"delegation_chains"`
		Signatures []struct {
			Name, Canister, Expected string
			Root                     string `json:"root_key_der_hex"`
			Seed                     string `json:"seed_hex"`
			Key                      string `json:"public_key_der_hex"`
			Signed                   struct {
				PublicKey  string `json:"pubkey_hex"`
				Expiration string
			} `json:"signed_delegation"`
			Signature string `json:"signature_hex"`
		}
		Encodings []struct {
			Name, Canister string
			Seed           string `json:"seed_hex"`
			DER            string `json:"der_hex"`
			Hex            string
		}
	}
	decodeVector(r.t, data, &file)
	mainnet := mainnetKey(r.t, readVector(r.t))
	for _, c := range file.Chains {
		r.check(c.Name, func() error {
			if len(c.Chain.Delegations) != 1 {
				return errors.New("want one delegation")
			}
			d := c.Chain.Delegations[0]
			return want(strings.HasPrefix(c.Expected, "valid"), certificate.VerifyCanisterSignature(mainnet, c.Chain.PublicKey, d.Delegation.SignedBytes(), d.Signature))
		})
		r.check(c.Name+" facts", func() error {
			key, err := certificate.ParseCanisterKey(c.Chain.PublicKey)
			if err != nil {
				return err
			}
			if key.Canister.String() != c.Canister || !bytes.Equal(key.DER(), c.Chain.PublicKey) {
				return fmt.Errorf("canister %s", key.Canister)
			}
			encoded, _, err := certificate.ParseCanisterSignature(c.Chain.Delegations[0].Signature)
			if err != nil {
				return err
			}
			parsed, err := certificate.Parse(encoded)
			if err != nil {
				return err
			}
			// The vectors tell no time of certificates that do not verify.
			if t, err := parsed.Time(); err != nil || c.Time != "" && strconv.FormatUint(t, 10) != c.Time {
				return fmt.Errorf("time %d: %w", t, err)
			}
			if (parsed.Delegation != nil) != c.SubnetDelegation {
				return errors.New("the delegation is not what the vector says")
			}
			return nil
		})
	}
	for _, c := range file.Signatures {
		r.check(c.Name, func() error {
			root, err := certificate.ParseBLSPublicKeyDER(unhex(r.t, c.Root))
			if err != nil {
				return err
			}
			key, err := certificate.ParseCanisterKey(unhex(r.t, c.Key))
			if err != nil {
				return err
			}
			if hex.EncodeToString(key.Seed) != c.Seed {
				return fmt.Errorf("seed %x", key.Seed)
			}
			expiration, err := strconv.ParseUint(c.Signed.Expiration, 10, 64)
			if err != nil {
				return err
			}
			d := certificate.Delegation{PublicKey: unhex(r.t, c.Signed.PublicKey), Expiration: expiration}
			return want(c.Expected == "valid", certificate.VerifyCanisterSignature(root, unhex(r.t, c.Key), d.SignedBytes(), unhex(r.t, c.Signature)))
		})
	}
	for _, c := range file.Encodings {
		r.check(c.Name, func() error {
			if c.Hex != "" {
				_, _, err := certificate.ParseCanisterSignature(unhex(r.t, c.Hex))
				return err
			}
			key := certificate.CanisterKey{Canister: principal.MustParse(c.Canister), Seed: unhex(r.t, c.Seed)}
			if hex.EncodeToString(key.DER()) != c.DER {
				return fmt.Errorf("%x", key.DER())
			}
			parsed, err := certificate.ParseCanisterKey(key.DER())
			if err == nil && parsed.Canister != key.Canister {
				err = errors.New("another canister came back")
			}
			return err
		})
	}
}
