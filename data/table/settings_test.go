package table

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/data"
)

// Settings of the features are kept by all formats with room for them, and come back from the cache and in parts.
func TestSettingsRoundTrip(t *testing.T) {
	const settings = `{"Definition":1,"HOG":{"Norm":"L2-Hys","Cell":[8,8]},"Name":"é🙂"}`
	const n, width = 3000, 100 // enough to be cached
	f := &data.Frame{X: make([]float32, n*width), IDs: make([]string, n), Settings: settings,
		Blocks: []data.Block{{Name: "f", Start: 0, End: width}}}
	for i := range f.X {
		f.X[i] = float32(i%977) * 1.37
	}
	for i := range f.IDs {
		f.IDs[i] = "item" + string(rune('a'+i%26)) + string(rune('0'+i/26))
	}
	for j := range width {
		f.Columns = append(f.Columns, "f/"+string(rune('0'+j)))
	}
	dir := t.TempDir()
	for _, c := range []struct {
		ending string
		want   data.Settings
	}{{".parquet", settings}, {".arrow", settings}, {".arrows", settings}, {".npz", settings}, {".csv", ""}} {
		path := filepath.Join(dir, "x"+c.ending)
		if err := Save(path, f); err != nil {
			t.Fatal(err)
		}
		for range 2 { // from the file, and from the cache
			got, how, err := Open(t.Context(), path, Options{CacheDir: filepath.Join(dir, "cache")})
			if err != nil {
				t.Fatal(err)
			}
			if got.Settings != c.want {
				t.Errorf("%s, cached %v: settings %q, want %q", c.ending, how.Cached, got.Settings, c.want)
			}
			if got.Hash() != f.Hash() {
				t.Errorf("%s: another frame", c.ending)
			}
		}
		if c.ending == ".npz" {
			continue // such archives cannot be read in parts
		}
		for part, err := range Scan(t.Context(), path, Options{}) {
			if err != nil {
				t.Fatalf("%s: %v", c.ending, err)
			}
			if part.Settings != c.want {
				t.Errorf("%s: settings of a part %q, want %q", c.ending, part.Settings, c.want)
			}
		}
	}
	// Without settings a file has the bytes that it always had: no entry.
	f.Settings = ""
	if err := Save(filepath.Join(dir, "none.npz"), f); err != nil {
		t.Fatal(err)
	}
	small, err := os.Stat(filepath.Join(dir, "none.npz"))
	if err != nil {
		t.Fatal(err)
	}
	large, err := os.Stat(filepath.Join(dir, "x.npz"))
	if err != nil || small.Size() >= large.Size() {
		t.Errorf("%d bytes without settings, %d with them, %v", small.Size(), large.Size(), err)
	}
}
