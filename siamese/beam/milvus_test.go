package beam_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/beam"
	"github.com/go-siamese/lab/siamese/milvus"
	"github.com/go-siamese/lab/siamese/milvus/litetest"
)

// The collection has each item once, with its embedding, label and domain: after a run, after the same again, which
// sends nothing, after a changed table, and anew when the collection was dropped.
func TestMilvus(t *testing.T) {
	dir, m, items := fixture(t)
	f := items["two.csv"]
	if err := table.Save(filepath.Join(dir, "two.parquet"), f); err != nil {
		t.Fatal(err)
	}
	config := milvus.Config{Address: litetest.New(t).Address(), Collection: "items", Timeout: 20 * time.Second}
	opt := beam.Options{Milvus: config}
	run := func(names ...string) (*beam.Manifest, error) {
		t.Helper()
		got, err := embed(t, dir, opt, names...)
		if err == nil && got.Collection != "items" {
			t.Errorf("%+v", got)
		}
		return got, err
	}
	if got, err := run("one.parquet", "two.parquet"); err != nil || got.Rows != 350 {
		t.Fatalf("%+v, %v", got, err)
	}
	x, err := milvus.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	count := func(want int) {
		t.Helper()
		if stats, err := x.Stats(t.Context()); err != nil || stats.Items != want {
			t.Errorf("%d items, want %d, %v", stats.Items, want, err)
		}
	}
	count(350)
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Embeddings(t.Context(), f.IDs...)
	if err != nil || !slices.Equal(got.Values, z.Values) {
		t.Errorf("other embeddings: %v", err)
	}
	there, err := x.Items(t.Context(), "b4", "a1")
	if err != nil || there[0].Label != f.Labels[4] || there[1].Label != "class 1" {
		t.Errorf("%+v, %v", there, err)
	}
	// What the notes say is not sent again: an item that was deleted stays so, and is missed.
	if err := x.Delete(t.Context(), "b4"); err != nil {
		t.Fatal(err)
	}
	if _, err := run("one.parquet", "two.parquet"); err == nil || !strings.Contains(err.Error(), "349 items of 350 rows") {
		t.Errorf("an item less: %v", err)
	}
	// A shard that was made anew is, and replaces its items.
	note := filepath.Join(dir, "out", "part-000001-000000.milvus.json")
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	if _, err := run("one.parquet", "two.parquet"); err != nil {
		t.Error(err)
	}
	count(350)
	// Another collection of that name gets all of them, of shards that are kept.
	if err := errors.Join(x.Drop(t.Context()), x.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := run("one.parquet", "two.parquet"); err != nil || !got.Shards[0].Kept {
		t.Errorf("%+v, %v", got, err)
	}
	if x, err = milvus.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	count(350)
	// Embeddings of another model do not belong there.
	m.Config.Seed++
	if err := m.Save(filepath.Join(dir, "m.safetensors")); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*beam.Options){
		"of another model":        func(*beam.Options) {},
		"SIAMESE_MILVUS_TOKEN":    func(o *beam.Options) { o.Milvus.Token = "t" },
		"a name has up to 255":    func(o *beam.Options) { o.Milvus.Collection = "1" },
		"features are no embeddi": func(o *beam.Options) { o.Model = "-" },
	} {
		changed := opt
		change(&changed)
		err := error(nil)
		if changed.Model == "-" {
			changed.Model, changed.Out = "", filepath.Join(dir, "f")
			_, err = featuresOf(t, changed, beam.Pictures{Config: features.Default()}, photos(t, t.TempDir()))
		} else {
			_, err = embed(t, dir, changed, "one.parquet", "two.parquet")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
