package siamese

import (
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Positive pairs across domains come as often as is asked for at least, and from every item of the other domains alike.
func TestPairsAcrossDomains(t *testing.T) {
	f := labtest.Toy("i", 6, 30, 1, 1, 1)
	for i, label := range f.Labels { // one class is of a single domain
		if label == f.Labels[0] {
			f.Domains[i] = f.Domains[0]
		}
	}
	const n = 40_000
	natural := 0.0
	for _, share := range []float64{0, 0.5, 1} {
		cfg := DefaultConfig()
		cfg.AcrossDomains = share
		s, err := pairs.NewSampler(f, samplerOptions(cfg))
		if err != nil {
			t.Fatal(err)
		}
		p := labtest.Must(s.Draw(n, 1))
		pairstest.CheckPairs(t, f, p, n)
		across, all := 0.0, 0.0
		right := map[int32]float64{}
		for k := range n {
			if p.Label[k] == 1 && f.Labels[p.Left[k]] != f.Labels[0] {
				all++
				right[p.Right[k]]++
				if f.Domains[p.Left[k]] != f.Domains[p.Right[k]] {
					across++
				}
			}
		}
		if share == 0 {
			natural = across / all
		}
		if got, want := across/all, share+(1-share)*natural; math.Abs(got-want) > 0.02 {
			t.Errorf("%.3f of the positive pairs are of two domains, want %.3f", got, want)
		}
		want := all / (5 * 30) // every domain has half of each class
		for item, count := range right {
			if math.Abs(count-want) > 6*math.Sqrt(want) {
				t.Errorf("item %d came %v times, want about %.0f", item, count, want)
			}
		}
	}
	if natural < 0.2 || natural > 0.8 {
		t.Errorf("%.3f of the positive pairs are of two domains without asking", natural)
	}
}
