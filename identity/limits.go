package identity

// Limits, as the official service has them, so that what is stored there can
// be stored here. Bytes are of UTF-8.
const (
	maxDevices       = 20
	maxAliasBytes    = 64
	maxPublicKey     = 300
	maxCredentialID  = 350
	maxDeviceOrigin  = 50
	maxVariableBytes = 10_000 // of all devices and metadata of an identity together
	maxNameBytes     = 128
	maxAAGUID        = 16

	// maxAccounts that an identity has at all origins together, and the length
	// of their names.
	maxAccounts         = 500
	maxAccountNameBytes = 255
	// maxOrigins of an identity of which nothing is stored but the last
	// sign-in; the one that was used longest ago gives way. forgottenAtOnce
	// keeps that from being work of every sign-in.
	maxOrigins      = 500
	forgottenAtOnce = 50

	// maxActivityEntries are shown at once.
	maxActivityEntries = 100

	// maxOriginBytes of an app: its length is hashed in one byte.
	maxOriginBytes = 255
	// maxMetadataDepth of nested maps; they are small but not bounded by
	// their bytes alone.
	maxMetadataDepth = 16
)

const (
	second = 1_000_000_000
	minute = 60 * second
	day    = 24 * 60 * minute

	// defaultDelegation and maxDelegation are the lifetimes of delegations.
	defaultDelegation = 30 * minute
	maxDelegation     = 30 * day

	// signatureLife is how long a prepared signature can be fetched at least.
	signatureLife = 60 * second
	// maxPruned bounds the work of pruning in one message.
	maxPruned = 50

	// flowLife is how long a registration may take.
	flowLife = 5 * minute
	// maxChallengesPruned bounds the same for captchas.
	maxChallengesPruned = 1000
	// maxFlowsPruned bounds the work of pruning in one message.
	maxFlowsPruned = 100
	// tempKeyLife is how long the session of a registration acts as its
	// method.
	tempKeyLife = 10 * minute

	// maxEventsPruned are the events that leave each window with a new one.
	maxEventsPruned = 100

	// modeLife is how long an identity waits for another device, and maxModes
	// how many identities may at a time.
	modeLife = 15 * minute
	maxModes = 10_000
	// codeAttempts to type the code of the other device, which has codeDigits.
	codeAttempts = 3
	codeDigits   = 6
	// modeIDLength of the id by which the other device finds the identity.
	modeIDLength = 5

	// challengeLife of a captcha of the v1 registration.
	challengeLife = 5 * minute

	// sessionLife of a browser's session, if nothing shorter is asked for.
	sessionLife = 30 * day
)

// The range of identity numbers of a new service.
const (
	DefaultLowest = 10_000
	maxIdentities = 67_106_816
)
