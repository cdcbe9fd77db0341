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
	// maxFlowsPruned bounds the work of pruning in one message.
	maxFlowsPruned = 100
	// tempKeyLife is how long the session of a registration acts as its
	// method.
	tempKeyLife = 10 * minute
)

// The range of identity numbers of a new service.
const (
	DefaultLowest = 10_000
	maxIdentities = 67_106_816
)
