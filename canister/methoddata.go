package canister

import "internetidentity/candid"

// The form of authentication methods in the interface's second version. A test
// compares all types with internet_identity.did, in both directions.

type null = candid.Null

// yes is what a variant's choice without a value is set to.
func yes() *null { return &null{} }

type metadataValue struct {
	_      candid.Variant
	Map    *metadataMap `candid:"Map"`
	String *string      `candid:"String"`
	Bytes  *[]byte      `candid:"Bytes"`
}

type metadataEntry struct {
	Key   string        `candid:"0"`
	Value metadataValue `candid:"1"`
}

type metadataMap []metadataEntry

type webAuthn struct {
	CredentialID []byte  `candid:"credential_id"`
	PublicKey    []byte  `candid:"pubkey"`
	AAGUID       *[]byte `candid:"aaguid"`
}

type publicKeyAuthn struct {
	PublicKey []byte `candid:"pubkey"`
}

type authnMethod struct {
	_        candid.Variant
	WebAuthn *webAuthn       `candid:"WebAuthn"`
	PubKey   *publicKeyAuthn `candid:"PubKey"`
}

type protection struct {
	_           candid.Variant
	Protected   *null `candid:"Protected"`
	Unprotected *null `candid:"Unprotected"`
}

type purpose struct {
	_              candid.Variant
	Recovery       *null `candid:"Recovery"`
	Authentication *null `candid:"Authentication"`
}

type securitySettings struct {
	Protection protection `candid:"protection"`
	Purpose    purpose    `candid:"purpose"`
}

type authnMethodData struct {
	AuthnMethod        authnMethod      `candid:"authn_method"`
	SecuritySettings   securitySettings `candid:"security_settings"`
	Metadata           metadataMap      `candid:"metadata"`
	LastAuthentication *uint64          `candid:"last_authentication"`
}
