// Nested measures on the built-in images what shorter embeddings and smaller numbers cost, as MAP@R:
//
//	go run ./siamese/testdata/nested --dir FOLDER             # two splits, each with a seed of its own
//	go run ./siamese/testdata/nested --dir FOLDER --table     # what FOLDER has by now, without computing
//
// It trains Recommended and Default with and without Config.Nested, and prints tables as Markdown. FOLDER keeps the
// features and every result, and a later call goes on from there.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
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
	dir := flag.String("dir", "", "folder that keeps features and results")
	onlyTable := flag.Bool("table", false, "compute nothing")
	preset := flag.String("preset", "", "compute this preset alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l := &lab{dir: *dir, seeds: *seeds}
	err := l.read()
	if err == nil && !*onlyTable {
		err = l.run(ctx, *preset)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l.table()
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
}{{"Recommended", siamese.Recommended}, {"Default", siamese.DefaultConfig}}

// result is what one training came to.
type result struct {
	Protocol, Preset string
	Seed             int
	Nested           bool
	MAP              []float64 // by width, and of each by type
}

// lab measures.
type lab struct {
	dir     string
	seeds   int
	results []result
}

func (l *lab) file() string { return filepath.Join(l.dir, "results.jsonl") }

// read reads the results of earlier calls.
func (l *lab) read() error {
	text, err := os.ReadFile(l.file())
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(l.dir, 0o750)
	}
	for line := range strings.Lines(string(text)) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return fmt.Errorf("%s: %w", l.file(), err)
		}
		l.results = append(l.results, r)
	}
	return err
}

// find returns MAP@R of a training; nil = it was not measured.
func (l *lab) find(protocol, preset string, seed int, nested bool) []float64 {
	for _, r := range l.results {
		if r.Protocol == protocol && r.Preset == preset && r.Seed == seed && r.Nested == nested {
			return r.MAP
		}
	}
	return nil
}

// keep appends a result to the file.
func (l *lab) keep(r result) error {
	l.results = append(l.results, r)
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(l.file(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	return errors.Join(err, file.Close())
}

// features returns the built-in images as features, which are computed once.
func (l *lab) features(ctx context.Context) (*data.Frame, error) {
	kept := filepath.Join(l.dir, "features.npz")
	if _, err := os.Stat(kept); err == nil {
		frame, _, err := table.Open(ctx, kept, table.Options{NoCache: true})
		return frame, err
	}
	pictures, err := builtin.Images()
	if err != nil {
		return nil, err
	}
	frame, err := features.Extract(ctx, pictures, features.Default(), nil)
	if err != nil {
		return nil, err
	}
	return frame, table.Save(kept, frame)
}

// run measures what is not known yet, of one preset, or of all where only is "".
func (l *lab) run(ctx context.Context, only string) error {
	frame, err := l.features(ctx)
	if err != nil {
		return err
	}
	backend, err := siamese.OpenBackend("")
	if err != nil {
		return err
	}
	for _, preset := range presets {
		if only != "" && only != preset.name {
			continue
		}
		for seed := 1; seed <= l.seeds; seed++ {
			for _, p := range protocols {
				s, err := p.draw(frame, uint64(seed))
				if err != nil {
					return err
				}
				for _, nested := range []bool{false, true} {
					if l.find(p.name, preset.name, seed, nested) != nil {
						continue
					}
					cfg := preset.cfg()
					cfg.Seed = uint64(seed)
					if nested {
						cfg.Nested = widths[:len(widths)-1]
					}
					values, err := measure(ctx, backend, cfg, frame.Select(s.Train), frame.Select(s.Val), frame.Select(s.Test))
					if err != nil {
						return err
					}
					if err := l.keep(result{p.name, preset.name, seed, nested, values}); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// table prints what is known.
func (l *lab) table() {
	for _, preset := range presets {
		for _, p := range protocols {
			fmt.Printf("\n%s, %s:\n\n", preset.name, p.name)
			head := "| numbers of the encoder |"
			for _, training := range []string{"plain", "nested"} {
				for _, as := range types {
					head += fmt.Sprintf(" %s, %s |", training, as)
				}
			}
			fmt.Println(head)
			fmt.Println("|" + strings.Repeat(" --- |", 1+2*len(types)))
			for i, width := range widths {
				line := fmt.Sprintf("| %d |", width)
				for _, nested := range []bool{false, true} {
					for k := range types {
						var values []float64
						for seed := 1; seed <= l.seeds; seed++ {
							if found := l.find(p.name, preset.name, seed, nested); found != nil {
								values = append(values, found[i*len(types)+k])
							}
						}
						line += " " + cell(values) + " |"
					}
				}
				fmt.Println(line)
			}
		}
	}
}

// cell returns the mean, and in brackets the values of all seeds.
func cell(values []float64) string {
	if len(values) == 0 {
		return "not measured"
	}
	var sum float64
	var each []string
	for _, v := range values {
		sum += v / float64(len(values))
		each = append(each, short(v))
	}
	return fmt.Sprintf("%s (%s)", short(sum), strings.Join(each, ", "))
}

// short returns a share with three digits, such as ".796".
func short(v float64) string { return strings.TrimPrefix(decimal.Fixed(v, 3), "0") }

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
