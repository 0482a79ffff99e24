package batch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

// domainSamplerOf returns a sampler of batches of size items, four of a class.
func domainSamplerOf(t *testing.T, f *data.Frame, separator string, size int, within, across float64) *domainSampler {
	t.Helper()
	s, err := NewClassSampler(f, separator, 4, size)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Options{DomainBatches: within, SamplerOptions: pairs.SamplerOptions{AcrossDomains: across}}
	d, err := newDomainSampler(cfg, f, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Batches of one domain come as often as is asked for, the domains that can fill one as often as each other; in the
// others domains take turns as often as is asked for. The items of a class and a domain all come before one comes
// again.
func TestDomainSampler(t *testing.T) {
	f := labtest.Toy("i", 6, 60, 1, 1, 1)
	for i := range f.Domains { // a third domain is too small to fill a batch
		if i%20 == 0 {
			f.Domains[i] = "sketch"
		}
	}
	f.Labels[1] = ""
	const size, draws, batches = 32, 4, 1000
	_, class := f.Classes()
	for _, test := range []struct{ within, across float64 }{{0.3, 0}, {0, 1}, {0.25, 0.5}, {1, 0}} {
		s, again := domainSamplerOf(t, f, "", size, test.within, test.across),
			domainSamplerOf(t, f, "", size, test.within, test.across)
		one, byDomain, even, turns := 0.0, map[string]float64{}, 0.0, 0.0
		came := make([]int, f.N())
		for epoch := range uint64(draws) {
			drawn, err := s.Draw(batches, streams.Rand(epoch, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			if epoch < draws-1 { // another skips the same batches, to the same state
				if err := again.Skip(batches, streams.Rand(epoch, 1)); err != nil {
					t.Fatal(err)
				}
			} else if other, err := again.Draw(batches, streams.Rand(epoch, 1), nil); err != nil ||
				!cmp.Equal(other.Items, drawn.Items) {
				t.Errorf("%v: the same seeds gave other batches", err)
			}
			for b := range batches {
				items := drawn.Items[b*size : (b+1)*size]
				domains, of := map[string]int{}, map[int]map[string]int{}
				for k, item := range items {
					if class[item] < 0 || slices.Contains(items[:k], item) {
						t.Fatalf("batch %d has item %d twice, or it has no label", b, item)
					}
					if of[class[item]] == nil {
						of[class[item]] = map[string]int{}
					}
					came[item]++
					domains[f.Domains[item]]++
					of[class[item]][f.Domains[item]]++
				}
				if len(domains) == 1 {
					one++
					byDomain[f.Domains[items[0]]]++
					continue
				}
				for _, counts := range of { // four items of a class, of three domains
					if n := counts["photo"] + counts["scan"] + counts["sketch"]; n == 4 {
						turns++
						if len(counts) == 3 {
							even++
						}
					}
				}
			}
		}
		labtest.WantShare(t, "batches of one domain", one, draws*batches, test.within)
		labtest.WantShare(t, "those of photos", byDomain["photo"], one, 0.5)
		switch {
		case byDomain["sketch"] > 0:
			t.Error("a domain that cannot fill a batch has batches of its own")
		case test.across == 1 && even < turns:
			t.Errorf("%v of %v times a class has items of all its domains, want always", even, turns)
		case test.across == 0 && even > turns/3:
			t.Errorf("%v of %v times a class has items of all its domains without asking", even, turns)
		}
		for c := range 6 {
			for _, domain := range []string{"photo", "scan", "sketch"} {
				low, high := 1<<30, 0
				for i, n := range came {
					if class[i] == c && f.Domains[i] == domain {
						low, high = min(low, n), max(high, n)
					}
				}
				if high-low > draws || high == 0 && test.within < 1 {
					t.Errorf("class %d, %s: items came %d to %d times", c, domain, low, high)
				}
			}
		}
	}
}

// Of any items, of one label each or of several, batches are full, of labelled items, and have none twice.
func TestDomainSamplerProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	made := 0
	for range 300 {
		f := labtest.RandomLabels(rng)
		size := 2 * (1 + rng.IntN(6))
		s, err := NewClassSampler(f, "|", 2+rng.IntN(3), size)
		if err != nil {
			continue
		}
		var cfg Options
		cfg.DomainBatches, cfg.AcrossDomains = float64(rng.IntN(3))/2, float64(rng.IntN(3))/2
		d, err := newDomainSampler(cfg, f, s)
		if err != nil {
			labtest.WantOptions(t, err, "domain_batches")
			if cfg.DomainBatches == 0 {
				t.Fatal(err)
			}
			continue
		}
		made++
		drawn, err := d.Draw(30, rng, nil)
		if err != nil || len(drawn.Items) != 30*size || !cmp.Equal(drawn.Labels, s.labels.Numbers(drawn.Items)) {
			t.Fatalf("%v: %d items", err, len(drawn.Items))
		}
		for k, item := range drawn.Items {
			if batch := drawn.Items[k/size*size : k]; len(s.labels.Of[item]) == 0 || slices.Contains(batch, item) {
				t.Fatalf("item %d (%q) is twice in a batch, or has no label", item, f.Labels[item])
			}
			if first := drawn.Items[k/size*size]; cfg.DomainBatches == 1 && f.Domains[item] != f.Domains[first] {
				t.Fatalf("a batch has the domains %q and %q", f.Domains[item], f.Domains[first])
			}
		}
	}
	if made < 100 {
		t.Errorf("only %d of 300 random frames had batches", made)
	}
}
