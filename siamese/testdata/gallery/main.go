// Gallery measures what a gallery adds to a search on the built-in data, by its size, as MAP@R:
//
//	go run ./siamese/testdata/gallery                         # five splits, each with a seed of its own
//	go run ./siamese/testdata/gallery --splits 2 --dir FOLDER # two; what FOLDER has is not computed again
//
// Settings of expansion and re-ranking are chosen once for each size, on classes that are held out of the training
// classes (labels 4, 5, 6); label 7, 8 and 9 of both domains take no part in that.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/testdata/kept"
)

// sizes of galleries; all items, training items included, come last.
var sizes = []int{200, 500, 1000, 2000}

const (
	whole   = 20000 // all of the built-in images
	queries = 2000  // drawn test items, which are also divided into galleries of the smaller sizes
)

func main() {
	splits := flag.Int("splits", 5, "number of splits")
	dir := flag.String("dir", "", "folder that keeps features, embeddings and results; \"\" = none")
	small := flag.Bool("small", false, "leave out the gallery of all items")
	untrained := flag.Bool("untrained", false, "leave out what is trained, which takes most of the time")
	flag.Parse()
	if *untrained {
		representations = representations[:1]
	}
	if err := run(*splits, *dir, *small); err != nil {
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
	{"new items of 20 classes", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Items(f, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: seed})
	}},
	{"unseen: label 7, 8, 9", func(f *data.Frame, seed uint64) (*split.Split, error) {
		return split.Classes(f, split.ClassOptions{HeldOut: held(7, 8, 9), TestItems: queries, Val: 0.1, Seed: seed})
	}},
}

func run(splits int, dir string, small bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := kept.Open[key, float64](dir)
	if err != nil {
		return err
	}
	l := &lab{ctx: ctx, dir: dir, results: r}
	if err := l.choose(); err != nil {
		return err
	}
	for seed := uint64(1); seed <= uint64(splits); seed++ {
		for _, p := range protocols {
			if err := l.split(p, seed, small); err != nil {
				return err
			}
		}
	}
	return l.table(splits, small)
}

// lab measures.
type lab struct {
	ctx     context.Context
	dir     string // "" = nothing is kept
	results *kept.Values[key, float64]
	frame   *data.Frame // nil until it is needed
}

// open makes the features, once.
func (l *lab) open() error {
	if l.frame != nil {
		return nil
	}
	kept := filepath.Join(l.dir, "features.npz")
	if _, err := os.Stat(kept); l.dir != "" && err == nil {
		l.frame, _, err = table.Open(l.ctx, kept, table.Options{NoCache: true})
		return err
	}
	pictures, err := builtin.Images()
	if err != nil {
		return err
	}
	if l.frame, err = features.Extract(l.ctx, pictures, features.Default(), nil); err != nil || l.dir == "" {
		return err
	}
	return table.Save(kept, l.frame)
}

// held are the classes of labels in both domains.
func held(labels ...int) (names []string) {
	fashion := []string{"t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
		"ankle-boot"}
	for _, l := range labels {
		names = append(names, fmt.Sprintf("digits/%d", l), "fashion/"+fashion[l])
	}
	return names
}

// representations are what items are compared by.
var representations = []string{"whitened components", "Recommended"}

// embed returns the items of f by each representation, fitted and trained on training items. name is that under which
// what is trained is kept.
func (l *lab) embed(name string, f, train, val *data.Frame, seed uint64) ([]*embedding.Embeddings, error) {
	cfg := siamese.Recommended()
	cfg.Seed = seed
	t, err := preprocess.Fit(l.ctx, train, itemset.AllItems(train), cfg.Preprocess)
	if err != nil {
		return nil, err
	}
	plain, err := embedding.UnitRows(l.ctx, t, f)
	if err != nil || len(representations) == 1 {
		return []*embedding.Embeddings{plain}, err
	}
	backend, err := siamese.OpenBackend("")
	if err != nil {
		return nil, err
	}
	m, err := l.model(backend, name, cfg, train, val)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	trained, err := m.Embed(l.ctx, backend, f)
	return []*embedding.Embeddings{plain, trained}, err
}

// model trains, or returns the model that is kept under a name.
func (l *lab) model(backend *siamese.Backend, name string, cfg siamese.Config, train,
	val *data.Frame) (*siamese.Model, error) {
	kept := filepath.Join(l.dir, name+".safetensors")
	if _, err := os.Stat(kept); l.dir != "" && err == nil {
		return siamese.Load(kept)
	}
	result, err := siamese.Train(l.ctx, backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		return nil, err
	}
	if l.dir != "" {
		err = result.Model.Save(kept)
	}
	return result.Model, err
}
