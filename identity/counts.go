package identity

import "internetidentity/table"

// DelegationCount is the number of delegations prepared since the last
// upgrade.
func DelegationCount(r table.Reader) uint64 { return counter(r, spaceVolatile, nameDelegations) }

// OperationCount is the number of recorded changes since the last upgrade.
func OperationCount(r table.Reader) uint64 { return counter(r, spaceVolatile, nameOperations) }

// TempKeyCount is the number of temporary keys that are kept.
func TempKeyCount(r table.Reader) uint64 { return counter(r, spaceVolatile, nameTempKeys) }
