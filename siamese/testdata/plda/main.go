// Plda measures PLDA and gallery expansion on the built-in data, as MAP@R on test items, without any encoder:
//
//	go run ./siamese/testdata/plda            # five splits, each with a seed of its own
//	go run ./siamese/testdata/plda --splits 1 # one
//	go run ./siamese/testdata/plda --components DIR # writes components for adapt.py
//
// Components are those of [siamese.Recommended], 128 of them. What is fitted sees training items only, and nothing is
// chosen on test items; rows with "gallery" use the test items, without their labels, as their own gallery, and the row
// "transductive" adapts PLDA to them. The row "adapted" uses other items of the test classes or, of new items, the
// validation items, without their labels.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

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
)

func main() {
	splits := flag.Int("splits", 5, "number of splits")
	components := flag.String("components", "", "folder for the components that adapt.py reads")
	flag.Parse()
	if err := run(*splits, *components); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(splits int, components string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	pictures, err := builtin.Images()
	if err != nil {
		return err
	}
	frame, err := features.Extract(ctx, pictures, features.Default(), nil)
	if err != nil {
		return err
	}
	if components != "" {
		return write(frame, components)
	}
	held := []string{"digits/7", "digits/8", "digits/9", "fashion/sneaker", "fashion/bag", "fashion/ankle-boot"}
	for _, p := range []struct {
		name string
		draw func(seed uint64) (*split.Split, error)
	}{
		{"3,000 items of label 7, 8, 9", func(seed uint64) (*split.Split, error) {
			return split.Classes(frame, split.ClassOptions{HeldOut: held, TestItems: 3000, Val: 0.1, Seed: seed})
		}},
		{"3,000 items of 6 classes drawn", func(seed uint64) (*split.Split, error) {
			return split.Classes(frame, split.ClassOptions{HeldOutCount: 6, TestItems: 3000, Val: 0.1, Seed: seed})
		}},
		{"new items of 20 classes", func(seed uint64) (*split.Split, error) {
			return split.Items(frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
		}},
	} {
		for seed := uint64(1); seed <= uint64(splits); seed++ {
			parts, err := p.draw(seed)
			if err != nil {
				return err
			}
			if err := measure(ctx, fmt.Sprintf("%s, split %d", p.name, seed), frame.Select(parts.Train),
				frame.Select(parts.Test), frame.Select(others(frame, parts))); err != nil {
				return err
			}
		}
	}
	return nil
}

// others returns the items of test classes that no side of the split has; the validation items where there are none.
func others(frame *data.Frame, parts *split.Split) (items []int) {
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
			items = append(items, i)
		}
	}
	if items == nil {
		return parts.Val
	}
	return items
}

// measure prints a line for every method. unlabelled are what PLDA is adapted to.
func measure(ctx context.Context, name string, train, test, unlabelled *data.Frame) error {
	spec := siamese.Recommended().Preprocess
	spec.Components = 128
	t, err := preprocess.Fit(ctx, train, itemset.AllItems(train), spec)
	if err != nil {
		return err
	}
	onTrain, err := embedding.UnitRows(ctx, t, train)
	if err != nil {
		return err
	}
	z, err := embedding.UnitRows(ctx, t, test)
	if err != nil {
		return err
	}
	began := time.Now()
	m, err := plda.Fit(ctx, onTrain, train.Labels, plda.Options{})
	if err != nil {
		return err
	}
	fmt.Printf("%s: %v in %v; %v\n", name, m, time.Since(began).Round(time.Millisecond), m.Tried)
	e, err := m.Embed(z)
	if err != nil {
		return err
	}
	moved, err := m.Project(z)
	if err != nil {
		return err
	}
	value, err := cosines(ctx, moved, test)
	if err != nil {
		return err
	}
	fmt.Printf("  PLDA, unit vectors of moved items: %.3f\n", value)
	u, err := embedding.UnitRows(ctx, t, unlabelled)
	if err != nil {
		return err
	}
	for name, to := range map[string]*embedding.Embeddings{"adapted": u, "transductive": z} {
		adapted, err := m.Adapt(to)
		if err != nil {
			return err
		}
		of, err := adapted.Project(z)
		if err != nil {
			return err
		}
		if value, err = cosines(ctx, of, test); err != nil {
			return err
		}
		fmt.Printf("  PLDA, %s to %d items: %.3f\n", name, to.N, value)
	}
	llr, err := scored(ctx, m, z, test)
	if err != nil {
		return err
	}
	fmt.Printf("  PLDA, log-likelihood ratio: %.3f\n", llr)
	for _, one := range []struct {
		name string
		z    *embedding.Embeddings
	}{{"whitened components", z}, {"PLDA, unit vectors", e}} {
		value, err = cosines(ctx, one.z, test)
		if err != nil {
			return err
		}
		fmt.Printf("  %s: %.3f\n", one.name, value)
		for _, opt := range []gallery.Options{{}, {Neighbours: 10}, {Power: 3}, {Neighbours: 60}} {
			expanded, err := gallery.Expand(ctx, one.z, opt)
			if err != nil {
				return err
			}
			if value, err = cosines(ctx, expanded, test); err != nil {
				return err
			}
			fmt.Printf("  %s, gallery %+v: %.3f\n", one.name, opt, value)
		}
	}
	return nil
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
