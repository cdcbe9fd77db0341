package canister

import (
	"internetidentity/candid"
	"internetidentity/identity"
	"internetidentity/principal"
)

// The archive of the official service is another canister, in which strangers
// can read what every identity did. There is none here: each identity reads
// its own history (identity_activity). The methods answer as those of a
// service without an archive.

type deployResult struct {
	_          candid.Variant
	Success    *principal.Principal `candid:"success"`
	InProgress *null                `candid:"creation_in_progress"`
	Failed     *string              `candid:"failed"`
}

func deployArchive(*call, *one[[]byte]) (*one[deployResult], error) {
	why := "archive deployment disabled"
	return &one[deployResult]{deployResult{Failed: &why}}, nil
}

type bufferedEntry struct {
	Number    uint64 `candid:"anchor_number"`
	Timestamp uint64 `candid:"timestamp"`
	Sequence  uint64 `candid:"sequence_number"`
	Entry     []byte `candid:"entry"`
}

var errNoArchive = &identity.Trap{Text: "no archive deployed!"}

func fetchEntries(*call, *none) (*one[[]bufferedEntry], error) { return nil, errNoArchive }

func acknowledgeEntries(*call, *one[uint64]) (*none, error) { return nil, errNoArchive }
