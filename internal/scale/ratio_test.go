package scale

import (
	"crypto/ed25519"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rounds of the comparison, each of as many operations on either service.
const (
	rounds     = 40
	operations = 500
)

var (
	node        = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	requestHash = make([]byte, 43)
)

// BenchmarkRatio compares the smallest size with the largest, in turns: what
// else happens on the machine, and above all on its disk, hits both. It reports
// the ratios of the medians; its own time means nothing.
func BenchmarkRatio(b *testing.B) {
	list := strings.Split(*sizes, ",")
	small, large := filled(b, list[0]), filled(b, list[len(list)-1])
	defer small.close()
	defer large.close()
	syscall.Sync()
	for range b.N {
		for _, of := range []struct {
			name string
			do   func(s *sized, i int)
		}{
			{"register", func(s *sized, _ int) { s.register(s.arg, s.at) }},
			{"sign-in", func(s *sized, i int) {
				n := s.random.IntN(s.size)
				s.update(key(n), "prepare_delegation", s.signIn(n, i))
			}},
			{"look-up", func(s *sized, _ int) { s.lookUp(s.random.IntN(s.size)) }},
			// With the signature of the node, which every answer carries.
			{"answer", func(s *sized, _ int) {
				s.lookUp(s.random.IntN(s.size))
				ed25519.Sign(node, requestHash)
			}},
		} {
			var took [2][]time.Duration
			for round := range rounds {
				for i, s := range []*sized{small, large} {
					begin := time.Now()
					for j := range operations {
						of.do(s, round*operations+j)
					}
					s.commit()
					took[i] = append(took[i], time.Since(begin))
				}
			}
			b.ReportMetric(float64(median(took[1]))/float64(median(took[0])), of.name+"-ratio")
			b.ReportMetric(float64(median(took[0]).Microseconds())/operations, of.name+"-small-µs")
		}
	}
	b.ReportMetric(0, "ns/op")
}

func median(list []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}

// sized is a service of a size that has come to rest and answered for a while.
type sized struct {
	*service
	size   int
	arg    []byte
	at     []int
	random *rand.Rand
}

func filled(b *testing.B, text string) *sized {
	b.Helper()
	size, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	s := &sized{service: open(b), size: size, random: rand.New(rand.NewPCG(1, uint64(size)))}
	s.arg, s.at = s.registration()
	for s.numbers < size {
		s.register(s.arg, s.at)
	}
	s.commit()
	if err := s.store.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	for range warmUp {
		s.lookUp(s.random.IntN(size))
		s.authnInfo(s.random.IntN(size))
	}
	return s
}
