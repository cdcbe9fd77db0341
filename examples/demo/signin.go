package demo

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"internetidentity/certificate"
	"internetidentity/ingress"
	"internetidentity/principal"
)

// domain stands in front of the challenge when a session key signs it, with
// its length in the first byte, so that such a signature can never be taken
// for a request or a delegation of the Internet Computer. Choose one of your
// own for your app.
const domain = "\x1ainternet-identity-demo-app"

// maxSignInBytes bounds a sign-in: a chain with one canister signature is
// about 4 KB of hex.
const maxSignInBytes = 64 << 10

type signIns struct {
	config     Config
	challenges *challenges
}

func (s *signIns) challenge(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]string{"challenge": s.challenges.issue()})
}

// signIn verifies a sign-in offline and says who it is. An app would begin its
// own session here, with a cookie (HttpOnly, Secure, SameSite) for this
// principal that ends no later than the delegation.
func (s *signIns) signIn(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Challenge string            `json:"challenge"`
		Chain     certificate.Chain `json:"chain"`
		Signature string            `json:"signature"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSignInBytes))
	if err := body.Decode(&request); err != nil {
		status := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, "the sign-in could not be read: "+err.Error(), status)
		return
	}
	// Used up whatever comes of it, so that nobody can try twice.
	if !s.challenges.take(request.Challenge) {
		http.Error(w, "this challenge is used or too old: try again", http.StatusUnauthorized)
		return
	}
	person, expiration, err := s.verify(request.Challenge, request.Chain, request.Signature)
	if err != nil {
		http.Error(w, "the sign-in does not verify: "+err.Error(), http.StatusUnauthorized)
		return
	}
	answer(w, map[string]string{
		"principal":  person.String(),
		"expiration": strconv.FormatUint(expiration, 10),
	})
}

// signOut has nothing to end, since this app keeps no session; an app that
// does would end it here.
func (s *signIns) signOut(w http.ResponseWriter, r *http.Request) {
	answer(w, struct{}{})
}

// verify is the whole of it, in three steps: the chain begins with the service
// that we trust, it leads from there to a session key, and the holder of that
// key is the one who talks to us.
func (s *signIns) verify(challenge string, chain certificate.Chain, signatureHex string) (principal.Principal, uint64, error) {
	refuse := func(err error) (principal.Principal, uint64, error) { return principal.Principal{}, 0, err }

	// Any canister can sign for the principals it makes up: only this one
	// signs people in. The seed in the key stands for the person and the
	// origin of the app, so nobody else's sign-in has the same principal.
	key, err := certificate.ParseCanisterKey(chain.PublicKey)
	if err != nil {
		return refuse(err)
	}
	if key.Canister != s.config.Canister {
		return refuse(fmt.Errorf("signed by canister %s, expected %s", key.Canister, s.config.Canister))
	}

	verifier := certificate.Verifier{Root: s.config.RootKey}
	authority, err := ingress.VerifyChain(verifier, chain, uint64(s.config.Now().UnixNano()))
	if err != nil {
		return refuse(err)
	}
	// A person may let others act for a few canisters, or only ask them
	// questions. That is no permission to sign in here.
	if authority.Targets != nil || authority.QueriesOnly {
		return refuse(errors.New("the chain is for certain canisters or queries only"))
	}

	nonce, err := hex.DecodeString(challenge)
	if err != nil {
		return refuse(errors.New("the challenge is not hex"))
	}
	signature, err := hex.DecodeString(signatureHex)
	if err != nil {
		return refuse(errors.New("the signature is not hex"))
	}
	session := chain.Delegations[len(chain.Delegations)-1].Delegation.PublicKey
	if err := ingress.VerifySignature(verifier, session, append([]byte(domain), nonce...), signature); err != nil {
		return refuse(fmt.Errorf("the session key did not sign the challenge: %w", err))
	}
	return key.Principal(), authority.NotAfter, nil
}
