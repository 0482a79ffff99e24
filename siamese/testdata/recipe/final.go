package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// extracted returns the features of the pictures, which a folder keeps.
func extracted(ctx context.Context, pictures *images.Images, c features.Config, dir string) (*data.Frame, error) {
	kept := filepath.Join(dir, fmt.Sprintf("features-%d.npz", c.Shift))
	if _, err := os.Stat(kept); dir != "" && err == nil {
		f, _, err := table.Open(ctx, kept, table.Options{NoCache: true})
		return f, err
	}
	f, err := features.Extract(ctx, pictures, c, nil)
	if err != nil || dir == "" {
		return f, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return f, table.Save(kept, f)
}

// protocol is a way to divide the items of which some are a test that nothing is chosen on.
type protocol struct {
	name string
	draw func(f *data.Frame, seed uint64) (*split.Split, error)
}

var protocols = []protocol{
	{"new items of 20 classes", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	}},
	{"3,000 items of label 7, 8, 9", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOut: held(7, 8, 9), TestItems: 3000, Val: 0.1, Seed: seed})
	}},
	{"3,000 items of 6 classes drawn", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOutCount: 6, TestItems: 3000, Val: 0.1, Seed: seed})
	}},
}

// row is a way to compare the items of one training, and what it gave.
type row struct {
	Name   string
	MAPAtR float64
}

// final prints a configuration on test items of several splits, each with a seed of its own, beside features. Splits of
// all protocols come one after the other, so that a folder that has some of them has them of each.
func (l *lab) final(a attempt) error {
	measured := map[string]map[string][]float64{}
	var names []string
	for seed := uint64(1); seed <= uint64(l.runs); seed++ {
		for k, p := range protocols {
			if !l.only.MatchString(p.name) {
				continue
			}
			var rows []row
			kept := filepath.Join(l.dir, fmt.Sprintf("%s, shift %d, protocol %d, split %d.json", a.name, l.shift, k+1, seed))
			if _, err := os.Stat(kept); l.dir != "" && err == nil {
				if err := jsonfile.Read(kept, &rows); err != nil {
					return err
				}
			} else {
				if rows, err = l.rows(a, p, seed); err != nil {
					return fmt.Errorf("%s, split %d: %w", p.name, seed, err)
				}
				if l.dir != "" {
					if err := jsonfile.Write(kept, rows); err != nil {
						return err
					}
				}
				fmt.Fprintf(os.Stderr, "%s, split %d: %v\n", p.name, seed, rows)
			}
			if measured[p.name] == nil {
				measured[p.name] = map[string][]float64{}
			}
			names = names[:0] // those of all protocols are the same
			for _, r := range rows {
				names = append(names, r.Name)
				measured[p.name][r.Name] = append(measured[p.name][r.Name], r.MAPAtR)
			}
		}
	}
	return l.print(names, measured)
}

// print prints the mean and its interval, or the value of the only split, of every row.
func (l *lab) print(names []string, measured map[string]map[string][]float64) error {
	for _, p := range protocols {
		if measured[p.name] == nil {
			continue
		}
		fmt.Println(p.name)
		for _, name := range names {
			values := measured[p.name][name]
			if len(values) < 2 {
				fmt.Printf("  %-42s %.3f\n", name, values)
				continue
			}
			spread, err := stats.Seeds(values, 0)
			if err != nil {
				return err
			}
			fmt.Printf("  %-42s %s of %.3f\n", name, spread, spread.Values)
		}
	}
	return nil
}

// rows trains once and measures features, the encoder by feature share and with a gate, and some of them with a
// gallery: the test items themselves.
func (l *lab) rows(a attempt, p protocol, seed uint64) ([]row, error) {
	parts, err := p.draw(l.frame, seed)
	if err != nil {
		return nil, err
	}
	cfg, err := config.RecommendedFor(config.NextBoth)
	if err != nil {
		return nil, err
	}
	a.change(&cfg)
	cfg.Seed = seed
	test := l.frame.Select(parts.Test)
	result, err := siamese.Train(l.ctx, l.backend, cfg, l.frame.Select(parts.Train), l.frame.Select(parts.Val),
		siamese.TrainOptions{Views: l.views})
	if err != nil {
		return nil, err
	}
	m := result.Model
	defer m.Close()
	var rows []row
	add := func(name string, z *embedding.Embeddings, err error, withGallery bool) error {
		if err != nil {
			return err
		}
		value, err := mapAtR(l.ctx, z.Values, test)
		rows = append(rows, row{name, value})
		if err != nil || !withGallery {
			return err
		}
		expanded, err := gallery.Expand(l.ctx, z, gallery.Options{Neighbours: 30})
		if err != nil {
			return err
		}
		if value, err = mapAtR(l.ctx, expanded.Values, test); err != nil {
			return err
		}
		rows = append(rows, row{name + ", expansion, k 30", value})
		for _, k1 := range []int{paperK1, gallery.DefaultK1(test.N())} {
			if value, err = reranked(l.ctx, z, k1, test); err != nil {
				return err
			}
			rows = append(rows, row{fmt.Sprintf("%s, re-ranked, K1 %d", name, k1), value})
		}
		return nil
	}
	z, err := embedding.UnitRows(l.ctx, m.Standard, test)
	if err := add("standardised features", z, err, false); err != nil {
		return nil, err
	}
	z, err = embedding.UnitRows(l.ctx, m.Transform, test)
	if err := add("whitened within classes", z, err, true); err != nil {
		return nil, err
	}
	for _, share := range shares {
		other := m.EncoderAlone()
		other.Config.FeatureShare = share
		z, err := other.Embed(l.ctx, l.backend, test)
		err = add(fmt.Sprintf("feature share %g", share), z, err, share == 0 || share == 0.5 || share == 0.7)
		if err := errors.Join(err, other.Close()); err != nil {
			return nil, fmt.Errorf("feature share %g: %w", share, err)
		}
	}
	z, err = m.Embed(l.ctx, l.backend, test)
	return rows, add(fmt.Sprintf("feature share %g, unknown share %g", cfg.FeatureShare, cfg.UnknownShare), z, err, true)
}

// paperK1 is the K1 of the paper on re-ranking, whose Lambda is .3.
const paperK1 = 20

// reranked returns MAP@R of items that are re-ranked by each other.
func reranked(ctx context.Context, z *embedding.Embeddings, k1 int, f *data.Frame) (float64, error) {
	opt := gallery.RerankOptions{K1: k1}
	if k1 == paperK1 {
		opt.Lambda = 0.3
	}
	r, err := gallery.NewReranker(ctx, z, opt)
	if err != nil {
		return 0, err
	}
	all, err := r.Overlaps(ctx)
	if err != nil {
		return 0, err
	}
	got, err := metric.AllPairs(ctx, z.Values, classNumbers(f),
		metric.Options{Ks: []int{1}, Mixture: all, Verification: metric.VerificationOptions{FPRs: []float64{}}})
	return got.Retrieval.MAPAtR, err
}
