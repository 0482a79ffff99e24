package table

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
)

// fixture is what testdata/make_fixtures.py says of a file that pandas, polars, pyarrow or
// NumPy wrote.
type fixture struct {
	File    string
	Options struct {
		X, ID        string
		AllowMissing bool
	}
	IDs     []string
	Labels  []string
	Domains []string
	Columns []string
	Blocks  [][2]any
	X       [][]*float32
}

func (x fixture) path() string { return filepath.Join("testdata", "fixtures", x.File) }

func (x fixture) options() Options {
	return Options{X: x.Options.X, Schema: data.Schema{ID: x.Options.ID}, AllowMissing: x.Options.AllowMissing,
		NoCache: true}
}

func (x fixture) frame() *data.Frame {
	f := &data.Frame{IDs: x.IDs, Labels: x.Labels, Domains: x.Domains, Columns: x.Columns}
	f.Numbered = len(x.IDs) > 0 && x.IDs[0] == "1" // no tool that wrote a fixture gave an id of 1
	at := 0
	for _, b := range x.Blocks {
		width := int(b[1].(float64))
		f.Blocks = append(f.Blocks, data.Block{Name: b[0].(string), Start: at, End: at + width})
		at += width
	}
	for _, row := range x.X {
		for _, v := range row {
			if v == nil {
				f.X = append(f.X, float32(math.NaN()))
				continue
			}
			f.X = append(f.X, *v)
		}
	}
	return f
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []fixture
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d fixtures", len(all))
	}
	return all
}

func TestOpenFixtures(t *testing.T) {
	for _, x := range fixtures(t) {
		t.Run(x.File, func(t *testing.T) {
			f, e, err := Open(context.Background(), x.path(), x.options())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(x.frame(), f, cmpopts.EquateNaNs()); diff != "" {
				t.Error(diff)
			}
			if e.Rows != 7 || e.Features != len(x.Columns) || e.Cached || len(e.Notes) < 4 {
				t.Errorf("%+v", e)
			}
			if missing := strings.Contains(x.File, "nulls"); missing != (e.Missing == 3) {
				t.Errorf("%d missing values are counted", e.Missing)
			}
			if strings.Contains(e.String(), "Options.") || strings.Contains(e.String(), "Schema.") {
				t.Errorf("spells options as Go code:\n%s", e)
			}
		})
	}
}

func TestScanFixtures(t *testing.T) {
	for _, x := range fixtures(t) {
		if strings.HasSuffix(x.File, ".npz") || strings.HasSuffix(x.File, "-F.npy") {
			continue // refused: see TestScanRefuses
		}
		for _, rows := range []int{0, 1, 2, 5, 100} {
			opt := x.options()
			opt.BatchRows = rows
			got := collect(t, x.path(), opt)
			if diff := cmp.Diff(x.frame(), got, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("%s by %d rows: %s", x.File, rows, diff)
			}
		}
	}
}

// collect joins the frames of a scan.
func collect(t *testing.T, path string, opt Options) *data.Frame {
	t.Helper()
	var all *data.Frame
	for f, err := range Scan(context.Background(), path, opt) {
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if opt.BatchRows > 0 && f.N() > opt.BatchRows {
			t.Fatalf("%s: a frame of %d rows", path, f.N())
		}
		if all == nil {
			all = f
			continue
		}
		all.X = append(all.X, f.X...)
		all.IDs = append(all.IDs, f.IDs...)
		all.Labels = append(all.Labels, f.Labels...)
		all.Domains = append(all.Domains, f.Domains...)
	}
	return all
}
