package ingress

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secpecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"internetidentity/certificate"
	"internetidentity/hashtree"
	"internetidentity/principal"
	"internetidentity/webauthn"
)

// scheme is a key of one kind that signs in the form of the wire.
type scheme struct {
	name string
	key  []byte // DER
	sign func(payload []byte) []byte
}

func (s scheme) PublicKey() []byte                   { return s.key }
func (s scheme) Sign(payload []byte) ([]byte, error) { return s.sign(payload), nil }
func (s scheme) principal() principal.Principal      { return principal.SelfAuthenticating(s.key) }

// seed makes 32 bytes of a number, for keys that are the same in every run.
func seed(n byte) []byte {
	hash := sha256.Sum256([]byte{n})
	return hash[:]
}

func ed25519Scheme(n byte) scheme {
	key := ed25519.NewKeyFromSeed(seed(n))
	der := append([]byte(ed25519Prefix), key.Public().(ed25519.PublicKey)...)
	return scheme{"Ed25519", der, func(payload []byte) []byte { return ed25519.Sign(key, payload) }}
}

func p256Key(n byte) *ecdsa.PrivateKey {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed(n))
	if err != nil {
		panic(err)
	}
	return key
}

func p256Point(key *ecdsa.PrivateKey) []byte {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return point
}

// signP256 is the DER form, deterministic.
func signP256(key *ecdsa.PrivateKey, message []byte) []byte {
	hash := sha256.Sum256(message)
	der, err := key.Sign(nil, hash[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	return der
}

// rawP256 takes the DER form apart.
func rawP256(der []byte) (r, s *big.Int) {
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		panic(err)
	}
	return pair.R, pair.S
}

// raw puts two numbers side by side.
func raw(r, s *big.Int) []byte {
	b := make([]byte, rawSignature)
	r.FillBytes(b[:32])
	s.FillBytes(b[32:])
	return b
}

func p256Scheme(n byte) scheme {
	key := p256Key(n)
	return scheme{"P-256", append([]byte(p256Prefix), p256Point(key)...), func(payload []byte) []byte {
		return raw(rawP256(signP256(key, payload)))
	}}
}

func secp256k1Scheme(n byte) scheme {
	key := secp256k1.PrivKeyFromBytes(seed(n))
	der := append([]byte(secp256k1Prefix), key.PubKey().SerializeUncompressed()...)
	return scheme{"secp256k1", der, func(payload []byte) []byte {
		hash := sha256.Sum256(payload)
		signature := secpecdsa.Sign(key, hash[:])
		r, s := signature.R(), signature.S()
		rBytes, sBytes := r.Bytes(), s.Bytes()
		return append(rBytes[:], sBytes[:]...)
	}}
}

// assertion signs a payload as an authenticator behind a browser does.
func assertion(payload []byte, change func(*clientData), sign func(message []byte) []byte) []byte {
	client := &clientData{Type: "webauthn.get", Challenge: base64.RawURLEncoding.EncodeToString(payload), Origin: "http://localhost:4943"}
	if change != nil {
		change(client)
	}
	encoded, err := json.Marshal(client)
	if err != nil {
		panic(err)
	}
	rpID := sha256.Sum256([]byte("localhost"))
	a := &webauthn.Assertion{
		AuthenticatorData: append(rpID[:], webauthn.FlagUserPresent, 0, 0, 0, 1),
		ClientDataJSON:    encoded,
	}
	a.Signature = sign(a.SignedBytes())
	return a.Encode()
}

type clientData struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	Origin    string `json:"origin"`
}

func es256COSE(key *ecdsa.PrivateKey) []byte {
	point := p256Point(key)
	cose := append([]byte("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"), point[1:33]...)
	return append(append(cose, "\x22\x58\x20"...), point[33:]...)
}

func es256Scheme(n byte) scheme {
	key := p256Key(n)
	return scheme{"WebAuthn ES256", webauthn.EncodeDER(es256COSE(key)), func(payload []byte) []byte {
		return assertion(payload, nil, func(message []byte) []byte { return signP256(key, message) })
	}}
}

func eddsaScheme(n byte) scheme {
	key := ed25519.NewKeyFromSeed(seed(n))
	cose := append([]byte("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20"), key.Public().(ed25519.PublicKey)...)
	return scheme{"WebAuthn EdDSA", webauthn.EncodeDER(cose), func(payload []byte) []byte {
		return assertion(payload, nil, func(message []byte) []byte { return ed25519.Sign(key, message) })
	}}
}

// rsaKeys takes a while, so the two are made once.
var rsaKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		var err error
		if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			panic(err)
		}
	}
	return keys
})

func rs256Scheme(n byte) scheme {
	key := rsaKeys()[n%2]
	cose := append([]byte("\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"), key.N.Bytes()...)
	cose = append(cose, "\x21\x43\x01\x00\x01"...)
	return scheme{"WebAuthn RS256", webauthn.EncodeDER(cose), func(payload []byte) []byte {
		return assertion(payload, nil, func(message []byte) []byte {
			hash := sha256.Sum256(message)
			signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:])
			if err != nil {
				panic(err)
			}
			return signature
		})
	}}
}

// The host of the canisters that sign.
var (
	rootKey    = certificate.DeriveSigningKey([32]byte{1})
	subnetKey  = certificate.DeriveSigningKey([32]byte{2})
	canister   = principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
	other      = principal.MustParse("ryjl3-tyaaa-aaaaa-aaaba-cai")
	delegation = func() *certificate.SubnetDelegation {
		id := subnetKey.Public().SubnetID()
		ranges := []certificate.Range{{First: other, Last: canister}}
		return certificate.NewDelegation(rootKey, certificate.DelegationTree(id, subnetKey.Public(), ranges, now), id, certificate.Flat)
	}()
)

// now is the time of the tests.
const now = 1_700_000_000_000_000_000

func verifier() Verifier {
	return Verifier{Certificates: certificate.Verifier{Root: rootKey.Public()}}
}

// canisterScheme is a key of a canister, which certifies what it signs.
func canisterScheme(n byte) scheme { return canisterSchemeOf(canister, n) }

func canisterSchemeOf(signer principal.Principal, n byte) scheme {
	key := certificate.CanisterKey{Canister: signer, Seed: seed(n)}
	return scheme{"canister", key.DER(), func(payload []byte) []byte {
		seedHash, message := sha256.Sum256(key.Seed), sha256.Sum256(payload)
		path := hashtree.Path{[]byte("sig"), seedHash[:], message[:]}
		tree := hashtree.Map{}.Put(path, nil)
		digest := tree.Digest()
		state := hashtree.Map{}.
			Put(hashtree.P("time"), certificate.EncodeTime(now)).
			Put(hashtree.Path{[]byte("canister"), signer.Bytes(), []byte("certified_data")}, digest[:])
		c := certificate.Certificate{
			Tree:       state.Tree(),
			Signature:  subnetKey.Sign(certificate.StateRootMessage(state.Digest())),
			Delegation: delegation,
		}
		return certificate.EncodeCanisterSignature(c.Encode(), tree.Witness(path))
	}}
}

// schemes are all that the Internet Computer knows, with the n-th key of each.
func schemes(n byte) []scheme {
	return []scheme{
		ed25519Scheme(n), p256Scheme(n), secp256k1Scheme(n),
		es256Scheme(n), eddsaScheme(n), rs256Scheme(n), canisterScheme(n),
	}
}

// delegate is a delegation from one key to another for an hour.
func delegate(from, to scheme, change ...func(*certificate.Delegation)) certificate.SignedDelegation {
	d := certificate.Delegation{PublicKey: to.key, Expiration: now + 3_600_000_000_000}
	for _, c := range change {
		c(&d)
	}
	return certificate.SignedDelegation{Delegation: d, Signature: from.sign(d.SignedBytes())}
}

// chain leads from the first key to the last. The changes are for the
// delegations in order.
func chain(keys []scheme, changes ...func(*certificate.Delegation)) []certificate.SignedDelegation {
	var delegations []certificate.SignedDelegation
	for i := 1; i < len(keys); i++ {
		var change []func(*certificate.Delegation)
		if i <= len(changes) && changes[i-1] != nil {
			change = changes[i-1 : i]
		}
		delegations = append(delegations, delegate(keys[i-1], keys[i], change...))
	}
	return delegations
}

// request signs a content with the last of the keys.
func request(t testing.TB, content Content, keys []scheme, changes ...func(*certificate.Delegation)) *Envelope {
	t.Helper()
	e, err := Sign(content, keys[len(keys)-1], keys[0].key, chain(keys, changes...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func callContent() Content {
	return Content{Kind: Call, Expiry: now + 60_000_000_000, Nonce: []byte("nonce"), Canister: canister, Method: "whoami", Arg: []byte("DIDL\x00\x00")}
}

func queryContent() Content {
	c := callContent()
	c.Kind = Query
	return c
}

func readContent() Content {
	return Content{Kind: ReadState, Expiry: now + 60_000_000_000, Paths: [][][]byte{{[]byte("time")}, {[]byte("request_status"), make([]byte, 32)}}}
}

// wantError compares an error with a part of its text; "" wants none.
func wantError(t testing.TB, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("refused: %v", err)
	case text != "" && err == nil:
		t.Errorf("accepted, want the refusal %q", text)
	case text != "" && !strings.Contains(err.Error(), text):
		t.Errorf("refused with %q, want %q", err, text)
	}
}

// wantRefusal is wantError for what goes out as HTTP.
func wantRefusal(t testing.TB, err error, status int, text string) {
	t.Helper()
	wantError(t, err, text)
	if err == nil {
		return
	}
	if refusal, ok := err.(*Refusal); !ok || refusal.Status != status {
		t.Errorf("refused with %#v, want status %d", err, status)
	}
}
