package tensorboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// goldenCall is a call of golden.json. Numbers are strings, because JSON has no NaN.
type goldenCall struct {
	Kind, Tag, Text, Value string
	Step                   int64
	Values                 []string
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// clock returns a clock that starts at the given seconds and advances by a quarter of a second at every call.
func clock(seconds int64) func() time.Time {
	at := time.Unix(seconds, 0)
	return func() time.Time {
		now := at
		at = at.Add(250 * time.Millisecond)
		return now
	}
}

// writeGolden writes the sessions of golden.json into dir.
func writeGolden(t *testing.T, dir string) {
	t.Helper()
	var golden struct {
		Sessions []struct {
			At    int64
			Calls []goldenCall
		}
	}
	readJSON(t, "testdata/golden.json", &golden)
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, session := range golden.Sessions {
		w, err := newWriter(dir, "golden.1.0", clock(session.At))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range session.Calls {
			switch c.Kind {
			case "scalar":
				err = w.Scalar(c.Tag, c.Step, number(c.Value))
			case "histogram":
				var values []float32
				for _, v := range c.Values {
					values = append(values, float32(number(v)))
				}
				err = w.Histogram(c.Tag, c.Step, values)
			case "text":
				err = w.Text(c.Tag, c.Step, c.Text)
			default:
				t.Fatalf("golden.json: kind %q", c.Kind)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGolden compares what is written with files that TensorBoard was seen to read as golden.json says:
// testdata/check.py wrote their checksums and its version into checked.json.
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		dir = "testdata/golden"
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	writeGolden(t, dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, e := range entries {
		got, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(got)
		sums[e.Name()] = hex.EncodeToString(sum[:])
		want, err := os.ReadFile(filepath.Join("testdata/golden", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-golden +written):\n%s", e.Name(), diff)
		}
	}
	var checked struct {
		SHA256 map[string]string
	}
	readJSON(t, "testdata/checked.json", &checked)
	if diff := cmp.Diff(checked.SHA256, sums); diff != "" {
		t.Errorf("these bytes were not read by TensorBoard: run testdata/check.py (-checked +written):\n%s", diff)
	}
}
