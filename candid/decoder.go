package candid

// decoder reads in two passes. The first applies every rule and notes what the
// message holds as items, in the order of the expected types: a value that
// does not fit an opt is unmade by dropping its items. The second pass builds
// Values or Go values from the items and cannot fail but for memory.
type decoder struct {
	reader
	subtypes subtyping
	// Items lie in blocks, which never move. noted is how many there are, and
	// built how many the second pass has taken.
	blocks       [][]item
	first        [blockItems]item
	noted, built int
}

// blockItems is how many items are in a block, of 1 KB.
const blockItems = 64

// item is one thing found in a message. What it means follows from the
// expected type:
//
//	bool, sized numbers    n is the value, in its 64 bits
//	nat, int, principal    n bytes of the message from at
//	text, blob, service    n bytes of the message from at
//	func                   two items: the service's, and the method's as a text
//	opt                    n is 0 or 1, and 1 is followed by the value
//	vec                    n elements follow
//	variant                n is the place of the chosen field in the expected type
//	null, reserved, record no item
type item struct {
	n  uint64
	at uint32
	// nat marks an int that was sent as a nat.
	nat bool
}

func newDecoder(message []byte) *decoder {
	d := &decoder{reader: newReader(message)}
	d.subtypes.budget = &d.reader
	return d
}

func (d *decoder) add(n uint64) { d.note(item{n: n}) }

// addBytes notes the n bytes in front of the place where the decoder stands.
func (d *decoder) addBytes(n int) { d.note(item{n: uint64(n), at: uint32(d.at - n)}) }

func (d *decoder) note(i item) {
	switch {
	case d.noted == 0:
		d.blocks = append(d.blocks[:0], d.first[:])
	case d.noted == len(d.blocks)*blockItems:
		d.blocks = append(d.blocks, make([]item, blockItems))
	}
	*d.item(d.noted) = i
	d.noted++
}

func (d *decoder) item(n int) *item { return &d.blocks[n/blockItems][n%blockItems] }

func (d *decoder) next() item {
	d.built++
	return *d.item(d.built - 1)
}

func (d *decoder) bytes(i item) []byte {
	end := int(i.at) + int(i.n)
	return d.data[i.at:end:end]
}
