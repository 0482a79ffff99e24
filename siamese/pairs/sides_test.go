package pairs

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// From frame to pairs: whatever the kind of split, pairs drawn from one side hold items of that side only, by id,
// and of the whole frame's groups none is in pairs of two sides.
func TestPairsStayOnTheirSide(t *testing.T) {
	f := labtest.Toy("i", 6, 30, 4, .3, 1)
	groups := make([]string, f.N())
	for i := range groups {
		groups[i] = f.IDs[i-i%3] // three pictures of one thing; the last of a class may share with the next
	}
	f.Domains = nil
	for i := range f.IDs {
		f.Domains = append(f.Domains, []string{"a", "b", "c"}[i/3%3])
	}
	splits := map[string]func(seed uint64) (*split.Split, error){
		"items": func(seed uint64) (*split.Split, error) {
			return split.Items(f, split.ItemOptions{Val: .2, Test: .2, Stratify: true, Seed: seed, Groups: groups})
		},
		"classes": func(seed uint64) (*split.Split, error) {
			return split.Classes(f, split.ClassOptions{HeldOutCount: 2, ValClasses: 2, Seed: seed, Groups: groups})
		},
		"domains": func(seed uint64) (*split.Split, error) {
			return split.Domains(f, split.DomainOptions{HeldOutCount: 1, ValDomains: 1, Seed: seed, Groups: groups})
		},
	}
	for kind, draw := range splits {
		for seed := range uint64(5) {
			s, err := draw(seed)
			if err != nil {
				t.Fatal(err)
			}
			sideOfID, sideOfGroup := make(map[string]int), make(map[string]int)
			for side, items := range [][]int{s.Train, s.Val, s.Test} {
				frame := f.Select(items)
				sampler, err := NewSampler(frame, SamplerOptions{WithinDomain: .5})
				if err != nil {
					t.Fatal(err)
				}
				pairs := labtest.Must(sampler.Draw(2000, seed))
				for _, i := range slices.Concat(pairs.Left, pairs.Right) {
					id := frame.IDs[i]
					group := groups[slices.Index(f.IDs, id)]
					if other, ok := sideOfID[id]; ok && other != side {
						t.Fatalf("split by %s, seed %d: item %s is in pairs of sides %d and %d", kind, seed, id, other,
							side)
					}
					if other, ok := sideOfGroup[group]; ok && other != side {
						t.Fatalf("split by %s, seed %d: group %s is in pairs of sides %d and %d", kind, seed, group,
							other, side)
					}
					sideOfID[id], sideOfGroup[group] = side, side
				}
			}
			if len(sideOfID) < f.N()/2 {
				t.Errorf("split by %s, seed %d: pairs are of %d of %d items only", kind, seed, len(sideOfID), f.N())
			}
		}
	}
}
