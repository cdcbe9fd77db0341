//go:build !solo

package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"internetidentity/client"
)

// BenchmarkCluster measures from a call until its certificate, with one client
// and with many, on clusters of several sizes that share this machine.
func BenchmarkCluster(b *testing.B) {
	for _, n := range []int{1, 4, 7} {
		b.Run(fmt.Sprintf("machines=%d", n), func(b *testing.B) {
			c := newCluster(b, n)
			p := c.signIn(0, n-1)
			for _, clients := range []int{1, 32} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { c.load(b, p, clients) })
			}
		})
	}
}

// load has clients sign somebody in again and again.
func (c *machines) load(b *testing.B, p *person, clients int) {
	as, err := c.visitor(0).Unlock(p.passkey)
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	took := make([][]time.Duration, clients)
	begin := time.Now()
	for i := range clients {
		v := c.visitor(i % len(c.list))
		all.Go(func() {
			for range (b.N + clients - 1) / clients {
				start := time.Now()
				if _, err := v.prepare(context.Background(), as, p.number, client.GenerateEd25519().PublicKey()); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	all.Wait()
	list := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(list) == 0 {
		return
	}
	b.ReportMetric(float64(len(list))/time.Since(begin).Seconds(), "calls/s")
	b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(list[len(list)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}
