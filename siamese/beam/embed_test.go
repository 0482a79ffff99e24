package beam_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/beam"
)

func TestMain(m *testing.M) { ptest.MainWithDefault(m, "prism") }

// toy returns items of some classes of normal numbers, and the ids begin with prefix.
func toy(prefix string, n, columns int, seed float64) *data.Frame {
	f := &data.Frame{X: make([]float32, n*columns), Blocks: []data.Block{{Name: "a", Start: 0, End: columns}}}
	for j := range columns {
		f.Columns = append(f.Columns, fmt.Sprintf("a/%d", j))
	}
	for i := range n {
		class := i % 4
		f.IDs, f.Labels = append(f.IDs, fmt.Sprint(prefix, i)), append(f.Labels, fmt.Sprint("class ", class))
		for j := range columns {
			f.X[i*columns+j] = float32(math.Sin(seed+float64(i*columns+j)*12.9898)*0.3 + math.Cos(float64(class*columns+j)))
		}
	}
	return f
}

// fixture returns a folder with a model, the model, its backend and tables of items.
func fixture(t *testing.T) (dir string, m *siamese.Model, items map[string]*data.Frame) {
	t.Helper()
	dir = t.TempDir()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{8, 4}, 1, 64, 16, 40
	result, err := siamese.Train(t.Context(), backend, cfg, toy("t", 80, 6, 1), toy("v", 40, 6, 2), siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := result.Model.Save(filepath.Join(dir, "m.safetensors")); err != nil {
		t.Fatal(err)
	}
	items = map[string]*data.Frame{"one.parquet": toy("a", 300, 6, 3), "two.csv": toy("b", 50, 6, 4)}
	for name, f := range items {
		if err := table.Save(filepath.Join(dir, name), f); err != nil {
			t.Fatal(err)
		}
	}
	return dir, result.Model, items
}

// embed runs the pipeline and returns its manifest.
func embed(t *testing.T, dir string, opt beam.Options, names ...string) (*beam.Manifest, error) {
	t.Helper()
	opt.Model = filepath.Join(dir, "m.safetensors")
	opt.Backend = map[string]string{"": "go", "-": ""}[opt.Backend]
	if opt.Out == "" {
		opt.Out = filepath.Join(dir, "out")
	}
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(dir, name)
	}
	p, scope := apache.NewPipelineWithRoot()
	if err := beam.Embed(t.Context(), scope, opt, paths...); err != nil {
		return nil, err
	}
	if err := ptest.Run(p); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(opt.Out, beam.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	m := &beam.Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	return m, nil
}

// Shards together are what the model makes of the tables, row by row, to the bit.
func TestEmbed(t *testing.T) {
	dir, m, items := fixture(t)
	got, err := embed(t, dir, beam.Options{}, "one.parquet", "two.csv")
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows != 350 || got.Bad != 0 || len(got.Shards) != 2 {
		t.Fatalf("%+v", got)
	}
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	for k, name := range []string{"one.parquet", "two.csv"} {
		z, err := m.Embed(t.Context(), backend, items[name])
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := table.Open(t.Context(), filepath.Join(dir, "out", got.Shards[k].Name), table.Options{NoCache: true})
		if err != nil || !slices.Equal(f.X, z.Values) || !slices.Equal(f.IDs, items[name].IDs) ||
			!slices.Equal(f.Labels, items[name].Labels) {
			t.Errorf("%s: other embeddings or items: %v", name, err)
		}
	}
	// The same command again computes nothing, and removes what killed workers left; a shard that was damaged, and one
	// that is not there, are made again.
	before := files(t, filepath.Join(dir, "out"))
	if err := os.MkdirAll(filepath.Join(dir, "out", ".group-17"), 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := embed(t, dir, beam.Options{}, "one.parquet", "two.csv")
	if err != nil || !again.Shards[0].Kept || !again.Shards[1].Kept {
		t.Errorf("%+v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "out", got.Shards[0].Name), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "out", got.Shards[1].Name)); err != nil {
		t.Fatal(err)
	}
	mended, err := embed(t, dir, beam.Options{}, "one.parquet", "two.csv")
	if err != nil || mended.Shards[0].Kept || mended.Shards[1].Kept {
		t.Errorf("%+v, %v", mended, err)
	}
	if after := files(t, filepath.Join(dir, "out")); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("files made again are others")
	}
}

// files returns the contents of a folder's files.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Rows that cannot be embedded go to a file with their reason, and more of them than may be left out are an error.
func TestBadRows(t *testing.T) {
	dir, _, items := fixture(t)
	f := items["two.csv"]
	f.X[7*6+2], f.X[9*6] = float32(math.NaN()), float32(math.Inf(1))
	f.IDs[20] = f.IDs[3]
	if err := table.Save(filepath.Join(dir, "bad.npy"), f); err == nil {
		t.Fatal("a format without ids was taken")
	}
	lines := []string{"id,label," + strings.Join(f.Columns, ",")}
	for i := range f.N() {
		row := []string{f.IDs[i], f.Labels[i]}
		for _, v := range f.Row(i) {
			row = append(row, strings.Replace(fmt.Sprint(v), "NaN", "", 1))
		}
		lines = append(lines, strings.Join(row, ","))
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.csv"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := embed(t, dir, beam.Options{MaxBad: 2}, "bad.csv")
	if err == nil || !strings.Contains(err.Error(), "--max-bad") {
		t.Errorf("3 bad rows of 2: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out", beam.ManifestName)); err == nil {
		t.Error("there is a manifest all the same")
	}
	m, err := embed(t, dir, beam.Options{MaxBad: 3}, "bad.csv")
	if err != nil || m.Rows != 47 || m.Bad != 3 {
		t.Fatalf("%+v, %v", m, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out", strings.TrimSuffix(m.Shards[0].Name, ".parquet")+".bad.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"row":8,"id":"b7","reason":"a/2 is missing, not finite or no number"`,
		`"row":10,"id":"b9","reason":"a/0 is missing, not finite or no number"`,
		`"row":21,"id":"b3","reason":"its id was there before`} {
		if got := strings.Split(string(text), "\n")[i]; !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What cannot work is refused before workers begin.
func TestRefused(t *testing.T) {
	dir, _, _ := fixture(t)
	if err := table.Save(filepath.Join(dir, "narrow.parquet"), toy("n", 5, 3, 1)); err != nil {
		t.Fatal(err)
	}
	for want, names := range map[string][]string{
		"no such file":                 {"none.parquet"},
		"is named twice":               {"one.parquet", "one.parquet"},
		"narrow.parquet has no column": {"narrow.parquet"},
	} {
		if _, err := embed(t, dir, beam.Options{}, names...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, scope := apache.NewPipelineWithRoot()
	opt := beam.Options{Model: "none", Out: dir}
	if err := beam.Embed(t.Context(), scope, opt, filepath.Join(dir, "one.parquet")); err == nil {
		t.Error("a model that is not there was taken")
	}
}
