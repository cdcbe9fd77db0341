package candid

import "slices"

// Equal reports whether two types are the same, whatever their names and
// wherever their recursion is tied.
func Equal(a, b *Type) bool {
	ok, _ := (&subtyping{equal: true}).check(a, b)
	return ok
}

// IsSubtype reports whether every value of a can be read as a b.
func IsSubtype(a, b *Type) bool {
	ok, _ := (&subtyping{}).check(a, b)
	return ok
}

// subtyping compares types (Candid specification, Upgrading and Subtyping).
//
// The relation is the largest one that the rules allow, and every rule is a
// conjunction. So a pair of types holds if a set of pairs around it can be
// found in which each pair needs only pairs of the set. The check grows that set
// from the first pair: no recursion, and no pair is looked at twice.
type subtyping struct {
	equal bool
	// budget pays for the work on types of a message; nil is unbounded.
	budget *reader
	// known has what is decided, and while a check runs what it assumes.
	known map[typePair]bool
	// open are the pairs of the running check, in the order of their finding.
	open []typePair
}

type typePair struct{ a, b *Type }

func (s *subtyping) check(a, b *Type) (bool, error) {
	if a == b {
		return true, nil
	}
	first := typePair{a, b}
	if known, ok := s.known[first]; ok {
		return known, nil
	}
	if s.known == nil {
		s.known = map[typePair]bool{}
	}
	s.open = s.open[:0]
	ok := s.require(a, b)
	var err error
	for i := 0; ok && err == nil && i < len(s.open); i++ {
		ok, err = s.compare(s.open[i].a, s.open[i].b)
	}
	if !ok || err != nil {
		// What was assumed on the way may hold or not. Only the question is
		// answered.
		for _, pair := range s.open {
			delete(s.known, pair)
		}
		if err == nil {
			s.known[first] = false
		}
	}
	return ok && err == nil, err
}

// require adds a pair to the running check. It is false for a pair that is
// known not to hold.
func (s *subtyping) require(a, b *Type) bool {
	if a == b {
		return true
	}
	pair := typePair{a, b}
	if known, ok := s.known[pair]; ok {
		return known
	}
	s.known[pair] = true
	s.open = append(s.open, pair)
	return true
}

// pairCost is the work of one pair: a place in a map and in a list.
const pairCost = 8

// pay for looking at n pairs.
func (s *subtyping) pay(n int) error {
	if s.budget == nil {
		return nil
	}
	return s.budget.spend(n * pairCost)
}

// compare applies the one rule for a pair of types and requires the pairs that
// the rule needs.
func (s *subtyping) compare(a, b *Type) (bool, error) {
	if err := s.pay(1); err != nil {
		return false, err
	}
	if !s.equal {
		switch {
		case b.Kind == KindReserved, a.Kind == KindEmpty, a.Kind == KindNat && b.Kind == KindInt:
			return true, nil
		case b.Kind == KindOpt:
			// Whatever does not fit becomes null.
			return true, nil
		case a.Kind == KindService && b.Kind == KindPrincipal:
			return true, nil
		}
	}
	if a.Kind != b.Kind {
		return false, nil
	}
	switch a.Kind {
	case KindOpt, KindVec:
		return s.require(a.Elem, b.Elem), nil
	case KindRecord:
		return s.records(a, b)
	case KindVariant:
		return s.variants(a, b)
	case KindFunc:
		return s.functions(a.Func, b.Func)
	case KindService:
		return s.services(a, b)
	}
	// Nothing is known of two types of the future.
	return a.Kind != kindFuture, nil
}

func (s *subtyping) records(a, b *Type) (bool, error) {
	if s.equal && len(a.Fields) != len(b.Fields) {
		return false, nil
	}
	if err := s.pay(len(b.Fields)); err != nil {
		return false, err
	}
	for _, want := range b.Fields {
		i, ok := findField(a.Fields, want.ID)
		switch {
		case ok && !s.require(a.Fields[i].Type, want.Type):
			return false, nil
		case !ok && (s.equal || !want.Type.mayBeMissing()):
			return false, nil
		}
	}
	return true, nil
}

func (s *subtyping) variants(a, b *Type) (bool, error) {
	if s.equal && len(a.Fields) != len(b.Fields) {
		return false, nil
	}
	if err := s.pay(len(a.Fields)); err != nil {
		return false, err
	}
	for _, have := range a.Fields {
		i, ok := findField(b.Fields, have.ID)
		if !ok || !s.require(have.Type, b.Fields[i].Type) {
			return false, nil
		}
	}
	return true, nil
}

// functions take at least what they must and give at least what they should.
func (s *subtyping) functions(a, b *FuncType) (bool, error) {
	if !slices.Equal(a.Modes, b.Modes) {
		return false, nil
	}
	if ok, err := s.sequences(b.Args, a.Args); !ok || err != nil {
		return false, err
	}
	return s.sequences(a.Results, b.Results)
}

// sequences compares argument lists, where missing ones at the end may be null
// and extra ones are dropped.
func (s *subtyping) sequences(a, b []*Type) (bool, error) {
	if s.equal && len(a) != len(b) {
		return false, nil
	}
	if err := s.pay(len(b)); err != nil {
		return false, err
	}
	for i, want := range b {
		switch {
		case i < len(a) && !s.require(a[i], want):
			return false, nil
		case i >= len(a) && !want.mayBeMissing():
			return false, nil
		}
	}
	return true, nil
}

func (s *subtyping) services(a, b *Type) (bool, error) {
	if s.equal && len(a.Methods) != len(b.Methods) {
		return false, nil
	}
	if err := s.pay(len(b.Methods)); err != nil {
		return false, err
	}
	for _, want := range b.Methods {
		i, ok := findMethod(a.Methods, want.Name)
		if !ok || !s.require(a.Methods[i].Type, want.Type) {
			return false, nil
		}
	}
	return true, nil
}
