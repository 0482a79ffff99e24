// Nested measures on the built-in images what shorter embeddings and smaller numbers cost, as MAP@R:
//
//	go run ./siamese/testdata/nested --seeds 2
//
// It trains Default and Recommended with and without Config.Nested, and prints a table as Markdown.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
)

// widths of embeddings; all but the last, which is the whole, are Config.Nested.
var widths = []int{16, 32, 64, 128, 256}

// types of numbers; every width is measured by each.
var types = []string{embedding.Float32, embedding.Float16, embedding.Int8}

func main() {
	seeds := flag.Int("seeds", 2, "number of splits, each with a seed of its own")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *seeds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// held are the classes of label 7, 8 and 9 of both domains.
var held = []string{"digits/7", "digits/8", "digits/9", "fashion/sneaker", "fashion/bag", "fashion/ankle-boot"}

var protocols = []struct {
	name string
	draw func(f *data.Frame, seed uint64) (*split.Split, error)
}{
	{"2,000 new items of all 20 classes", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	}},
	{"unseen classes: 3,000 items of label 7, 8, 9", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOut: held, TestItems: 3000, Val: 0.1, Seed: seed})
	}},
}

var presets = []struct {
	name string
	cfg  func() siamese.Config
}{{"Default", siamese.DefaultConfig}, {"Recommended", siamese.Recommended}}

func run(ctx context.Context, seeds int) error {
	pictures, err := builtin.Images()
	if err != nil {
		return err
	}
	frame, err := features.Extract(ctx, pictures, features.Default(), nil)
	if err != nil {
		return err
	}
	backend, err := siamese.OpenBackend("")
	if err != nil {
		return err
	}
	for _, p := range protocols {
		for _, preset := range presets {
			fmt.Printf("\n%s, %s:\n\n", preset.name, p.name)
			head := "| numbers of the encoder |"
			for _, training := range []string{"plain", "nested"} {
				for _, as := range types {
					head += fmt.Sprintf(" %s, %s |", training, as)
				}
			}
			fmt.Println(head)
			fmt.Println("|" + strings.Repeat(" --- |", 1+2*len(types)))
			found := make([][]float64, len(widths)*2*len(types)) // of every seed
			for seed := range seeds {
				s, err := p.draw(frame, uint64(seed+1))
				if err != nil {
					return err
				}
				for training := range 2 {
					cfg := preset.cfg()
					cfg.Seed = uint64(seed + 1)
					if training == 1 {
						cfg.Nested = widths[:len(widths)-1]
					}
					values, err := measure(ctx, backend, cfg, frame.Select(s.Train), frame.Select(s.Val), frame.Select(s.Test))
					if err != nil {
						return err
					}
					for k, v := range values {
						at := k/len(types)*2*len(types) + training*len(types) + k%len(types)
						found[at] = append(found[at], v)
					}
				}
			}
			for i, width := range widths {
				line := fmt.Sprintf("| %d |", width)
				for k := range 2 * len(types) {
					line += " " + cell(found[i*2*len(types)+k]) + " |"
				}
				fmt.Println(line)
			}
		}
	}
	return nil
}

// cell returns the mean, and in brackets the values of all seeds.
func cell(values []float64) string {
	var sum float64
	var each []string
	for _, v := range values {
		sum += v / float64(len(values))
		each = append(each, decimal.Fixed(v, 3))
	}
	return fmt.Sprintf("%s (%s)", decimal.Fixed(sum, 3), strings.Join(each, ", "))
}

// measure trains and returns MAP@R of the test items at every width, by every type.
func measure(ctx context.Context, backend *siamese.Backend, cfg siamese.Config, train, val,
	test *data.Frame) ([]float64, error) {
	result, err := siamese.Train(ctx, backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		return nil, err
	}
	defer result.Model.Close()
	_, labels := itemset.ClassNumbers(test)
	var out []float64
	for _, width := range widths {
		m, err := result.Model.Narrow(width, true)
		if err != nil {
			return nil, err
		}
		z, err := m.Embed(ctx, backend, test)
		if err != nil {
			return nil, err
		}
		if err := m.Close(); err != nil {
			return nil, err
		}
		for _, as := range types {
			rounded, err := z.Rounded(as)
			if err != nil {
				return nil, err
			}
			rounded.ToUnit()
			all, err := metric.AllPairs(ctx, rounded.Values, labels, metric.Options{})
			if err != nil {
				return nil, err
			}
			out = append(out, all.Retrieval.MAPAtR)
		}
	}
	return out, nil
}
