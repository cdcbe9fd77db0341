package client_test

import (
	"fmt"

	"internetidentity/certificate"
	"internetidentity/client"
	"internetidentity/principal"
)

// How the back end of an app finds out who signed in: with the root key that
// it trusts, the canister that signs people in, the chain that its page sent
// it, and the time in nanoseconds since 1970.
func ExampleVerifySignIn() {
	verify := func(rootKey certificate.BLSPublicKey, canister principal.Principal, chain certificate.Chain, now uint64) error {
		who, err := client.VerifySignIn(rootKey, canister, chain, now)
		if err != nil {
			return fmt.Errorf("this is no sign-in: %w", err)
		}
		fmt.Println("signed in:", who.Principal)
		return nil
	}
	canister := principal.MustParse("rdmx6-jaaaa-aaaaa-aaadq-cai")
	err := verify(certificate.BLSPublicKey{}, canister, certificate.Chain{}, 0)
	fmt.Println(err)
	// Output: this is no sign-in: the chain has no delegation
}
