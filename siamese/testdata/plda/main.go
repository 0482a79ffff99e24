// Plda measures PLDA and gallery expansion on the built-in data, as MAP@R on test items, without any encoder:
//
//	go run ./siamese/testdata/plda --dir FOLDER            # five splits, each with a seed of its own
//	go run ./siamese/testdata/plda --splits 2 --dir FOLDER # two; what FOLDER has is not computed again
//	go run ./siamese/testdata/plda --components DIR        # writes components for adapt.py
//
// It prints a table with a row for every method and a column for every protocol, and the processor time of fitting and
// of comparing all test items. Components are those of [siamese.Recommended], 128 of them. What is fitted sees training
// items only, and nothing is chosen on test items; rows with "gallery" use the test items, without their labels, as
// their own gallery, and the row "transductive" adapts PLDA to them. The row "adapted" uses other items of the test
// classes or, of new items, the validation items, without their labels.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/testdata/kept"
)

func main() {
	splits := flag.Int("splits", 5, "number of splits")
	dir := flag.String("dir", "", "folder that keeps the results; \"\" = none")
	components := flag.String("components", "", "folder for the components that adapt.py reads")
	flag.Parse()
	if err := run(*splits, *dir, *components); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// protocol is a way to divide the items.
type protocol struct {
	name string
	draw func(f *data.Frame, seed uint64) (*split.Split, error)
}

var protocols = []protocol{
	{"label 7, 8, 9", func(f *data.Frame, seed uint64) (*split.Split, error) {
		held := []string{"digits/7", "digits/8", "digits/9", "fashion/sneaker", "fashion/bag", "fashion/ankle-boot"}
		return split.Classes(f, split.ClassOptions{HeldOut: held, TestItems: 3000, Val: 0.1, Seed: seed})
	}},
	{"six drawn classes", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOutCount: 6, TestItems: 3000, Val: 0.1, Seed: seed})
	}},
	{"new items of 20 classes", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	}},
}

func run(splits int, dir, components string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if components != "" {
		frame, err := items(ctx)
		if err != nil {
			return err
		}
		return write(frame, components)
	}
	r, err := kept.Open[key, []row](dir)
	if err != nil {
		return err
	}
	var frame *data.Frame // nil until it is needed
	// All protocols of a split before the next split: what is cut has as many splits of each.
	for seed := uint64(1); seed <= uint64(splits); seed++ {
		for _, p := range protocols {
			if r.Has(key{p.name, seed}) {
				continue
			}
			if frame == nil {
				if frame, err = items(ctx); err != nil {
					return err
				}
			}
			parts, err := p.draw(frame, seed)
			if err != nil {
				return err
			}
			rows, err := measure(ctx, frame.Select(parts.Train), frame.Select(parts.Test), frame.Select(others(frame, parts)))
			if err != nil {
				return fmt.Errorf("%s, split %d: %w", p.name, seed, err)
			}
			if err := r.Add(key{p.name, seed}, rows); err != nil {
				return err
			}
		}
	}
	return table(r, uint64(splits))
}

// items returns the built-in images with the default features.
func items(ctx context.Context) (*data.Frame, error) {
	pictures, err := builtin.Images()
	if err != nil {
		return nil, err
	}
	return features.Extract(ctx, pictures, features.Default(), nil)
}

// others returns the items of test classes that no side of the split has; the validation items where there are none.
func others(frame *data.Frame, parts *split.Split) (unused []int) {
	used, tested := map[int]bool{}, map[string]bool{}
	for _, side := range [][]int{parts.Train, parts.Val, parts.Test} {
		for _, i := range side {
			used[i] = true
		}
	}
	for _, i := range parts.Test {
		tested[frame.Labels[i]] = true
	}
	for i, label := range frame.Labels {
		if tested[label] && !used[i] {
			unused = append(unused, i)
		}
	}
	if unused == nil {
		return parts.Val
	}
	return unused
}

// row is what was measured of a method on a split.
type row struct {
	Name    string
	MAPAtR  float64
	Fit     float64 // seconds of processor time of all cores, of fitting on top of the components
	Compare float64 // likewise, of comparing all test items by it, as MAP@R needs it
}

// measure returns the rows of a split. unlabelled are what PLDA is adapted to.
func measure(ctx context.Context, train, test, unlabelled *data.Frame) (rows []row, err error) {
	spec := siamese.Recommended().Preprocess
	spec.Components = 128
	t, err := preprocess.Fit(ctx, train, itemset.AllItems(train), spec)
	if err != nil {
		return nil, err
	}
	onTrain, err := embedding.UnitRows(ctx, t, train)
	if err != nil {
		return nil, err
	}
	z, err := embedding.UnitRows(ctx, t, test)
	if err != nil {
		return nil, err
	}
	var fit float64
	add := func(name string, value func() (float64, error)) {
		if err != nil {
			return
		}
		began := processorTime()
		var v float64
		if v, err = value(); err == nil {
			rows = append(rows, row{name, v, fit, processorTime() - began})
		}
	}
	add("components", func() (float64, error) { return cosines(ctx, z, test) })
	began := processorTime()
	m, err := plda.Fit(ctx, onTrain, train.Labels, plda.Options{})
	if err != nil {
		return nil, err
	}
	fit = processorTime() - began
	add("PLDA, log-likelihood ratio (`plda.Model.Scores`)", func() (float64, error) { return scored(ctx, m, z, test) })
	var unit *embedding.Embeddings
	add("PLDA, unit vectors (`plda.Model.Embed`)", func() (float64, error) {
		if unit, err = m.Embed(z); err != nil {
			return 0, err
		}
		return cosines(ctx, unit, test)
	})
	add("PLDA, moved to one length (`plda.Model.Project`)", func() (float64, error) {
		moved, err := m.Project(z)
		if err != nil {
			return 0, err
		}
		return cosines(ctx, moved, test)
	})
	u, err := embedding.UnitRows(ctx, t, unlabelled)
	if err != nil {
		return nil, err
	}
	for _, to := range []struct {
		name string
		z    *embedding.Embeddings
	}{{"adapted to others", u}, {"adapted to test items (transductive)", z}} {
		add("PLDA, "+to.name+" (`plda.Model.Adapt`)", func() (float64, error) {
			adapted, err := m.Adapt(ctx, to.z)
			if err != nil {
				return 0, err
			}
			moved, err := adapted.Project(z)
			if err != nil {
				return 0, err
			}
			return cosines(ctx, moved, test)
		})
	}
	for _, one := range []struct {
		name string
		fit  float64
		of   func() *embedding.Embeddings
	}{
		{"components", 0, func() *embedding.Embeddings { return z }},
		{"PLDA's unit vectors", fit, func() *embedding.Embeddings { return unit }},
	} {
		fit = one.fit
		for _, k := range []int{10, gallery.DefaultNeighbours, 60} {
			add(fmt.Sprintf("%s, gallery: %d nearest", one.name, k), func() (float64, error) {
				expanded, err := gallery.Expand(ctx, one.of(), gallery.Options{Neighbours: k})
				if err != nil {
					return 0, err
				}
				return cosines(ctx, expanded, test)
			})
		}
	}
	return rows, err
}

// classes returns the class number of every item.
func classes(f *data.Frame) []int32 {
	_, labels := itemset.ClassNumbers(f)
	return labels
}

// cosines returns MAP@R by cosines.
func cosines(ctx context.Context, z *embedding.Embeddings, f *data.Frame) (float64, error) {
	r, err := metric.AllPairs(ctx, z.Values, classes(f),
		metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	return r.Retrieval.MAPAtR, err
}

// scored returns MAP@R by log-likelihood ratios: the precisions at the R best of every item.
func scored(ctx context.Context, m *plda.Model, z *embedding.Embeddings, f *data.Frame) (float64, error) {
	label := classes(f)
	others := map[int32]int{}
	for _, c := range label {
		others[c]++
	}
	all, err := m.Scores(z, z)
	if err != nil {
		return 0, err
	}
	var sum float64
	for i := range z.N {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		scores := all[i*z.N : (i+1)*z.N]
		r := others[label[i]] - 1
		var best []embedding.Neighbour
		for j, s := range scores {
			if j != i {
				best = embedding.Insert(best, embedding.Neighbour{Item: j, Cosine: float32(s)}, r)
			}
		}
		hits := 0
		for place, n := range best {
			if label[n.Item] == label[i] {
				hits++
				sum += float64(hits) / float64(place+1) / float64(r) / float64(z.N)
			}
		}
	}
	return sum, nil
}
