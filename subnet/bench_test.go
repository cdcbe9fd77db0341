package subnet_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"internetidentity/store"
	"internetidentity/subnet"
)

// BenchmarkP256 is the measure for the others: one bare verification.
func BenchmarkP256(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	hash := sha256.Sum256(nil)
	signature, err := ecdsa.SignASN1(rand.Reader, key, hash[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, hash[:], signature) {
			b.Fatal("the signature does not verify")
		}
	}
}

// BenchmarkApply applies blocks of sign-ins over a database. The commit is not
// measured: it is the disk's.
func BenchmarkApply(b *testing.B) {
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("calls=%d", size), func(b *testing.B) {
			disk, err := store.Open("data", store.Options{FS: vfs.NewMem()})
			if err != nil {
				b.Fatal(err)
			}
			defer disk.Close()
			r := newRig(b)
			people := make([]string, 100)
			for i := range people {
				people[i] = fmt.Sprint("person ", i)
				r.register(people[i])
			}
			if err := disk.Commit(copyOf(r.table)); err != nil {
				b.Fatal(err)
			}
			sessions := 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				calls := make([]subnet.Call, size)
				for i := range calls {
					sessions++
					who := sessions % len(people)
					calls[i] = r.signIn(people[who], 10_000+uint64(who), fmt.Sprint("session ", sessions))
				}
				block := r.next(second/1000, calls...)
				snapshot := disk.Snapshot()
				b.StartTimer()
				applied, err := r.subnet.Apply(snapshot, block)
				b.StopTimer()
				if err != nil {
					b.Fatal(err)
				}
				r.state = applied.State
				for _, receipt := range applied.Receipts {
					if o := r.outcome(receipt.ID); o["status"] != "replied" {
						b.Fatal(o)
					}
				}
				if err := disk.Commit(applied.Changes); err != nil {
					b.Fatal(err)
				}
				if err := snapshot.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/call")
		})
	}
}
