package pairs

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

// Pairs drawn as the same share a class, those drawn as different share none, and no item is of unknown classes; where
// such pairs exist they are drawn.
func TestPairsOfSeveralLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	drawn, none := 0, 0
	for range 400 {
		f := labtest.RandomLabels(rng)
		l := itemset.LabelsOf(f, "|")
		var possible [2]bool
		for i := range f.N() {
			for j := range i {
				if same, known := l.Relation(i, j); known && same {
					possible[1] = true
				} else if known {
					possible[0] = true
				}
			}
		}
		s, err := NewSampler(f, SamplerOptions{LabelSeparator: "|", WithinDomain: rng.Float64()})
		if (err == nil) != (possible[0] && possible[1]) {
			t.Fatalf("labels %q: possible %v, error %v", f.Labels, possible, err)
		}
		if err != nil {
			none++
			continue
		}
		drawn++
		s.acrossDomains = rng.Float64()
		n := 60
		for _, p := range []Pairs{labtest.Must(s.Draw(n, rng.Uint64())),
			labtest.Must(s.Mine(rng, embeddingtest.RandomEmbeddings(rng, f.N(), 3), n))} {
			positive := 0
			for k := range p.Label {
				same, known := l.Relation(int(p.Left[k]), int(p.Right[k]))
				if !known || p.Left[k] == p.Right[k] || same != (p.Label[k] == 1) {
					t.Fatalf("%q and %q with label %v", f.Labels[p.Left[k]], f.Labels[p.Right[k]], p.Label[k])
				}
				positive += int(p.Label[k])
			}
			if positive != n/2 {
				t.Fatalf("%d of %d pairs are positive", positive, n)
			}
		}
	}
	if drawn < 100 || none < 10 {
		t.Errorf("%d random frames had pairs to draw and %d none: the test looks at too few", drawn, none)
	}
}

// Negative pairs keep to the share of domains also where many items of a domain have a class in common.
func TestPairsOfSeveralLabelsWithinDomain(t *testing.T) {
	f := labtest.Tagged("i", 300, 3, 1, 1)
	const n = 20_000
	for _, share := range []float64{0, 0.25, 1} {
		s, err := NewSampler(f, SamplerOptions{LabelSeparator: "|", WithinDomain: share})
		if err != nil {
			t.Fatal(err)
		}
		p, within := labtest.Must(s.Draw(n, 1)), 0.0
		for k := range n {
			if p.Label[k] == 0 && f.Domains[p.Left[k]] == f.Domains[p.Right[k]] {
				within++
			}
		}
		labtest.WantShare(t, fmt.Sprintf("negative pairs within a domain, asked for %v", share), within, n/2, share)
	}
}

func TestFromLabels(t *testing.T) {
	f := labtest.Tagged("i", 40, 3, 1, 1)
	l := itemset.LabelsOf(f, "|")
	all, err := FromLabels(f, "|", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	const known = 36
	if all.Len() != known*(known-1)/2 {
		t.Errorf("%d pairs of %d items", all.Len(), known)
	}
	some, err := FromLabels(f, "|", 100, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Pairs{all, some} {
		if warnings, err := p.Validate(f.N()); err != nil || len(warnings) > 0 {
			t.Errorf("%v, %q", err, warnings)
		}
		for k := range p.Label {
			if same, ok := l.Relation(int(p.Left[k]), int(p.Right[k])); !ok || same != p.Same(k) {
				t.Fatalf("%q and %q have label %v", f.Labels[p.Left[k]], f.Labels[p.Right[k]], p.Label[k])
			}
		}
	}
	again, _ := FromLabels(f, "|", 100, 1)
	other, _ := FromLabels(f, "|", 100, 2)
	if some.Len() != 100 || !cmp.Equal(some, again) || cmp.Equal(some, other) {
		t.Error("the same seed must draw the same pairs, another one others")
	}
	count := make([]float64, all.Len()) // every pair is as likely as any other
	place := map[[2]int32]int{}
	for k := range all.Left {
		place[[2]int32{all.Left[k], all.Right[k]}] = k
	}
	const draws = 2000
	for seed := range uint64(draws) {
		p, err := FromLabels(f, "|", 63, seed)
		if err != nil {
			t.Fatal(err)
		}
		for k := range p.Left {
			count[place[[2]int32{p.Left[k], p.Right[k]}]]++
		}
	}
	for k, n := range count {
		labtest.WantShare(t, fmt.Sprintf("pair %d", k), n, draws, 0.1)
	}
	for name, test := range map[string]struct {
		frame *data.Frame
		most  int
		want  string
	}{
		"nil":       {nil, 0, "no labels"},
		"no labels": {&data.Frame{}, 0, "no labels"},
		"all same":  {labtest.Labelled([]string{"a|b", "a", "a|c"}, nil), 0, "0 different"},
		"unknown":   {labtest.Labelled([]string{"a|b", "", "c"}, nil), 0, "0 are the same"},
		"negative":  {f, -1, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := FromLabels(test.frame, "|", test.most, 1)
			labtest.WantError(t, err, test.want)
		})
	}
}
