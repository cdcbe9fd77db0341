package webauthn

// Limits of what is read.
const (
	// maxAssertionBytes of an envelope: honest ones have 300 to 1,000.
	maxAssertionBytes = 8 << 10

	// maxCOSEBytes of a key: RSA of 4096 bits has about 530.
	maxCOSEBytes = 1024

	// RSA keys: fewer bits are too weak, more take too long to verify.
	minRSABits         = 2048
	maxRSABits         = 4096
	maxRSAExponentBits = 31

	// maxCredentialID is the longest credential id in bytes (WebAuthn, 4).
	maxCredentialID = 1023
)
