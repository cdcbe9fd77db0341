package table

import "iter"

// Prefix is the part of a table whose keys begin with a prefix, seen without
// it.
func Prefix(t Table, prefix []byte) Table {
	return &prefixTable{prefixReader{t, prefix}, t}
}

// PrefixReader is Prefix for reading.
func PrefixReader(r Reader, prefix []byte) Reader { return prefixReader{r, prefix} }

type prefixReader struct {
	base   Reader
	prefix []byte
}

type prefixTable struct {
	prefixReader
	table Table
}

func (p prefixReader) key(key []byte) []byte {
	return append(p.prefix[:len(p.prefix):len(p.prefix)], key...)
}

// end is the first key behind all keys with the prefix.
func (p prefixReader) end(to []byte) []byte {
	if to != nil {
		return p.key(to)
	}
	return After(p.prefix)
}

// After is the first key behind all keys that begin with a prefix; nil if
// there is none.
func After(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			return append(append([]byte{}, prefix[:i]...), prefix[i]+1)
		}
	}
	return nil
}

func (p prefixReader) Get(key []byte) ([]byte, bool) { return p.base.Get(p.key(key)) }

func (p prefixReader) Ascend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return p.strip(p.base.Ascend(p.key(from), p.end(to)))
}

func (p prefixReader) Descend(from, to []byte) iter.Seq2[[]byte, []byte] {
	return p.strip(p.base.Descend(p.key(from), p.end(to)))
}

func (p prefixReader) strip(all iter.Seq2[[]byte, []byte]) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for key, value := range all {
			if !yield(key[len(p.prefix):], value) {
				return
			}
		}
	}
}

func (p *prefixTable) Put(key, value []byte) { p.table.Put(p.key(key), value) }

func (p *prefixTable) Delete(key []byte) { p.table.Delete(p.key(key)) }
