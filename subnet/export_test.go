package subnet

// KeepAtMost makes the subnet full with fewer outcomes.
func (s *Subnet) KeepAtMost(bytes int) { s.maxKept = bytes }

// Kept is the count of the outcomes' bytes.
func (s *Subnet) Kept() int { return s.kept }

// Bounded is what is kept of an outcome.
var Bounded = bounded
