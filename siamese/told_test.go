package siamese_test

import (
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

// told returns what is told of while f runs, once each, without volatile texts.
func told(t *testing.T, f func() error) []provenance.Event {
	t.Helper()
	var got []provenance.Event
	restore := provenance.To(func(e provenance.Event) {
		if e.Kind != provenance.Changes && !slices.Contains(got, e) {
			got = append(got, e)
		}
	})
	defer restore()
	if err := f(); err != nil {
		t.Fatal(err)
	}
	return got
}

// Every kind of file that is read or written is told, with its path, and so are seeds; folders are told as one, and the
// lab's own files not at all.
func TestFilesAndSeedsAreTold(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	t.Chdir(dir)
	t.Setenv("SIAMESE_LAB_DIR", t.TempDir()) // for the cache of tables
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) provenance.Event { return provenance.Event{Kind: provenance.FileRead, Text: at(name)} }
	wrote := func(name string) provenance.Event {
		return provenance.Event{Kind: provenance.FileWritten, Text: at(name)}
	}
	seed := func(n string) provenance.Event { return provenance.Event{Kind: provenance.Fact, Name: "seed", Text: n} }
	frame, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	open := func(name string) func() error {
		return func() error {
			_, _, err := table.Open(ctx, name, table.Options{})
			return err
		}
	}
	save := func(name string) func() error { return func() error { return table.Save(name, frame) } }
	for _, name := range []string{"parts/one.parquet", "parts/two.parquet"} {
		if err := os.MkdirAll("parts", 0o755); err != nil {
			t.Fatal(err)
		}
		part := frame.Select([]int{0, 1, 2})
		if name == "parts/two.parquet" {
			part = frame.Select([]int{3, 4})
		}
		if err := table.Save(name, part); err != nil {
			t.Fatal(err)
		}
	}
	pictures(t, "pictures")
	large := &data.Frame{X: make([]float32, 600_000), Columns: []string{"a", "b", "c"}, Blocks: []data.Block{{Name: "x",
		End: 3}}}
	for i := range 200_000 {
		large.IDs = append(large.IDs, strconv.Itoa(i))
	}
	if err := table.Save("large.csv", large); err != nil {
		t.Fatal(err)
	}
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.Seed = []int{5, 3}, 1, 256, 32, 11
	cfg.ValPairs, cfg.Patience = 400, 0
	var model *siamese.Model
	var drawn *split.Split
	var compared *report.Compared
	var given pairs.Pairs
	for _, test := range []struct {
		name string
		do   func() error
		want []provenance.Event
	}{
		{"save csv", save("a.csv"), []provenance.Event{wrote("a.csv")}},
		{"save parquet", save("a.parquet"), []provenance.Event{wrote("a.parquet")}},
		{"save arrow", save("a.arrow"), []provenance.Event{wrote("a.arrow")}},
		{"save npz", save("a.npz"), []provenance.Event{wrote("a.npz")}},
		{"open csv", open("a.csv"), []provenance.Event{read("a.csv")}},
		{"open parquet", open(at("a.parquet")), []provenance.Event{read("a.parquet")}},
		{"open arrow", open("a.arrow"), []provenance.Event{read("a.arrow")}},
		{"open npz", open("a.npz"), []provenance.Event{read("a.npz")}},
		{"open and cache", open("large.csv"), []provenance.Event{read("large.csv")}},
		{"open from the cache", func() error {
			_, e, err := table.Open(ctx, "large.csv", table.Options{})
			if err == nil && !e.Cached {
				err = errors.New("it is not in the cache")
			}
			return err
		}, []provenance.Event{read("large.csv")}},
		{"open a folder of parts", open("parts"), []provenance.Event{read("parts")}},
		{"columns", func() error {
			_, err := table.Columns(ctx, "a.csv", table.Options{})
			return err
		}, []provenance.Event{read("a.csv")}},
		{"scan", func() error { return scanAll(ctx, "a.csv") }, []provenance.Event{read("a.csv")}},
		{"scan a folder", func() error { return scanAll(ctx, "parts") }, []provenance.Event{read("parts")}},
		{"labels", func() error {
			_, _, err := table.JoinLabels(ctx, frame, "a.csv", table.JoinOptions{})
			return err
		}, []provenance.Event{read("a.csv")}},
		{"draw pairs", func() (err error) {
			sampler, err := pairs.NewSampler(frame, pairs.SamplerOptions{})
			if err != nil {
				return err
			}
			given, err = sampler.Draw(40, 5)
			return err
		}, []provenance.Event{seed("5")}},
		{"save pairs", func() error { return table.SavePairs("pairs.csv", frame, table.Pairs(given)) },
			[]provenance.Event{wrote("pairs.csv")}},
		{"open pairs", func() error {
			_, _, err := table.OpenPairs(ctx, "pairs.csv", frame, table.PairOptions{})
			return err
		}, []provenance.Event{read("pairs.csv")}},
		{"draw a split", func() (err error) {
			drawn, err = split.Items(frame, split.ItemOptions{Val: .2, Test: .2, Seed: 7})
			return err
		}, []provenance.Event{seed("7")}},
		{"save a split", func() error { return drawn.Save("split.json", frame) }, []provenance.Event{wrote("split.json")}},
		{"load a split", func() error {
			_, err := split.Load("split.json", frame)
			return err
		}, []provenance.Event{read("split.json")}},
		{"pictures", func() error {
			_, _, err := images.Open(ctx, "pictures", images.DefaultFolder())
			return err
		}, []provenance.Event{read("pictures")}},
		{"one picture", func() error {
			f, err := images.ListFile("pictures/a/0.png")
			if err != nil {
				return err
			}
			return f.Close()
		}, []provenance.Event{read("pictures/a/0.png")}},
		{"features of pictures", func() error {
			_, err := extract.Folder(ctx, "pictures", at("features.parquet"), extract.DefaultOptions())
			return err
		}, []provenance.Event{read("pictures"), wrote("features.parquet")}},
		{"built-in pictures", func() error {
			_, err := builtin.Sample(2, 42)
			return err
		}, []provenance.Event{seed("42")}},
		{"train", func() error {
			log, err := history.Open("history.jsonl")
			if err != nil {
				return err
			}
			board, err := tensorboard.NewWriter("board")
			if err != nil {
				return err
			}
			result, err := siamese.Train(ctx, backend, cfg, frame, val, siamese.TrainOptions{Checkpoint: "best.safetensors",
				State: "state", Progress: history.Tee(log.Progress(), tensorboard.Progress(board))})
			if err != nil {
				return err
			}
			model = result.Model
			if err := log.Close(); err != nil {
				return err
			}
			return board.Close()
		}, []provenance.Event{wrote("board"), seed("11"), wrote("best.safetensors"),
			wrote("history.jsonl")}},
		{"go on", func() error {
			_, err := siamese.Train(ctx, backend, cfg, frame, val, siamese.TrainOptions{State: "state"})
			return err
		}, []provenance.Event{seed("11")}},
		{"history", func() error {
			_, err := history.Read("history.jsonl")
			return err
		}, []provenance.Event{read("history.jsonl")}},
		{"save a model", func() error { return model.Save("m.safetensors") }, []provenance.Event{wrote("m.safetensors")}},
		{"load a model", func() error {
			_, err := siamese.Load("m.safetensors")
			return err
		}, []provenance.Event{read("m.safetensors")}},
		{"evaluate", func() (err error) {
			compared, err = evaluate.Items(ctx, backend, evaluate.One(model), "items", frame, val,
				evaluate.Options{Bootstrap: true, Resamples: 20})
			return err
		}, []provenance.Event{seed("11")}},
		{"save a report", func() error { return compared.Save("r.json") }, []provenance.Event{wrote("r.json")}},
		{"load a report", func() error {
			_, err := report.Load("r.json")
			return err
		}, []provenance.Event{read("r.json")}},
		{"page", func() error { return show.SaveComparison("r.html", show.PageOptions{}, compared) },
			[]provenance.Event{wrote("r.html")}},
		{"sweep", func() error {
			_, err := study.RunSweep(ctx, backend, []study.Trial{{Name: "one", Config: cfg}}, frame, val,
				study.SweepOptions{})
			return err
		}, []provenance.Event{seed("11")}},
	} {
		got := told(t, test.do)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: told %v, want %v", test.name, got, test.want)
		}
	}
}

// scanAll reads a table to its end.
func scanAll(ctx context.Context, path string) error {
	for _, err := range table.Scan(ctx, path, table.Options{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// pictures makes a folder of four pictures of two classes.
func pictures(t *testing.T, folder string) {
	t.Helper()
	for i, class := range []string{"a", "a", "b", "b"} {
		m := image.NewGray(image.Rect(0, 0, 32, 32))
		for k := range m.Pix {
			m.Pix[k] = uint8(k * (i + 3))
		}
		path := filepath.Join(folder, class, strconv.Itoa(i%2)+".png")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, m); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The kind of a backend is told when it is opened.
func TestBackendIsTold(t *testing.T) {
	got := told(t, func() error {
		b, err := siamese.OpenBackend("go")
		if err == nil {
			b.Finalize()
		}
		return err
	})
	if want := (provenance.Event{Kind: provenance.Fact, Name: "backend", Text: "go"}); !slices.Equal(got,
		[]provenance.Event{want}) {
		t.Errorf("told %v, want %v", got, want)
	}
}
