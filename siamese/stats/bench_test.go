package stats

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkIntervals(b *testing.B) {
	for _, c := range []struct {
		n      int
		by     Unit
		method Method
	}{{600, ByItem, BCa}, {2000, ByItem, BCa}, {2000, ByClass, BCa}, {2000, ByItem, Delta}, {20000, ByItem, Delta}} {
		emb, labels := simulated(c.n/20, 20, 256, 1.5, 1, 1)
		b.Run(fmt.Sprintf("N=%d/E=256/%s/%s", c.n, c.by, c.method), func(b *testing.B) {
			for b.Loop() {
				if _, err := Intervals(context.Background(), One("", emb, .3), labels,
					Options{By: c.by, Method: c.method}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
