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
// for a request or a delegation of the Internet Computer.
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

// signIn verifies a sign-in offline and says who it is. An app would begin
// its own session here, with a cookie for this principal.
func (s *signIns) signIn(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Challenge string            `json:"challenge"`
		Chain     certificate.Chain `json:"chain"`
		Signature string            `json:"signature"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSignInBytes))
	if err := body.Decode(&request); err != nil {
		http.Error(w, "the sign-in could not be read: "+err.Error(), http.StatusBadRequest)
		return
	}
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

// verify is the whole of it, in three steps: the chain leads from the service
// to a session key, the holder of that key is the one who talks to us, and the
// service is the one we trust.
func (s *signIns) verify(challenge string, chain certificate.Chain, signatureHex string) (principal.Principal, uint64, error) {
	verifier := certificate.Verifier{Root: s.config.RootKey}
	authority, err := ingress.VerifyChain(verifier, chain, uint64(s.config.Now().UnixNano()))
	if err != nil {
		return principal.Principal{}, 0, err
	}
	if len(chain.Delegations) == 0 {
		return principal.Principal{}, 0, errors.New("the chain has no delegation")
	}
	nonce, err := hex.DecodeString(challenge)
	if err != nil {
		return principal.Principal{}, 0, errors.New("the challenge is not hex")
	}
	signature, err := hex.DecodeString(signatureHex)
	if err != nil {
		return principal.Principal{}, 0, errors.New("the signature is not hex")
	}
	session := chain.Delegations[len(chain.Delegations)-1].Delegation.PublicKey
	if err := ingress.VerifySignature(verifier, session, append([]byte(domain), nonce...), signature); err != nil {
		return principal.Principal{}, 0, fmt.Errorf("the session key did not sign the challenge: %w", err)
	}
	key, err := certificate.ParseCanisterKey(chain.PublicKey)
	if err != nil {
		return principal.Principal{}, 0, err
	}
	// Any canister can sign for the principals it makes up: only this one
	// signs people in.
	if key.Canister != s.config.Canister {
		return principal.Principal{}, 0, fmt.Errorf("signed by canister %s, expected %s", key.Canister, s.config.Canister)
	}
	return key.Principal(), authority.NotAfter, nil
}
