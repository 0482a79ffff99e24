package table

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// TestIdleOptions: an option that can do nothing to the file is an error that names it, however the file is read.
func TestIdleOptions(t *testing.T) {
	f := twoOf("a", "b")
	labelled := *f
	labelled.Labels = []string{"NA", "x"}
	dir := t.TempDir()
	text := Options{Comma: ';', NoHeader: true, EscapedFormulas: true}
	words := Options{Missing: []string{"none"}}
	for _, ending := range []string{".parquet", ".arrow", ".npy", ".npz", ".csv", ".tsv.gz"} {
		plain, with := filepath.Join(dir, "plain"+ending), filepath.Join(dir, "labels"+ending)
		if err := errors.Join(Save(plain, f), Save(with, &labelled)); err != nil && ending != ".npy" {
			t.Fatal(err)
		}
		isText, archive := ending == ".csv" || ending == ".tsv.gz", ending == ".npz"
		for _, c := range []struct {
			path string
			opt  Options
			want []string
		}{
			{plain, text, []string{"Comma", "NoHeader", "EscapedFormulas"}},
			{plain, Options{X: "features"}, []string{"X"}},
			{plain, words, []string{"Missing"}}, {with, words, nil}, {plain, Options{Missing: []string{}}, nil},
		} {
			if isText && c.opt.X == "" || archive && c.opt.X != "" || ending == ".npy" && c.path == with {
				continue
			}
			c.opt.NoCache = true
			_, _, err := Open(t.Context(), c.path, c.opt)
			if got := option.Names(err); !slices.Equal(got, c.want) || (err != nil) != (c.want != nil) {
				t.Errorf("Open %s: %q, want %q: %v", c.path, got, c.want, err)
			}
			if archive {
				continue // cannot be scanned
			}
			for _, err := range Scan(t.Context(), c.path, c.opt) {
				if got := option.Names(err); !slices.Equal(got, c.want) {
					t.Errorf("Scan %s: %q, want %q: %v", c.path, got, c.want, err)
				}
			}
		}
	}
}

// TestIdleMissingOfFolder: the words for missing are those of a folder's labels and domains, also where the folders
// give them.
func TestIdleMissingOfFolder(t *testing.T) {
	dir := saveParts(t, map[string]*data.Frame{"domain=none/a.parquet": twoOf("a", "b"),
		"domain=x/b.parquet": twoOf("c", "d")})
	opt := Options{Missing: []string{"none"}}
	f, e, err := Open(t.Context(), dir, opt)
	if err != nil || !slices.Equal(f.Domains, []string{"", "", "x", "x"}) || e.UnknownDomains != 2 {
		t.Fatal(f, e, err)
	}
	if f := collect(t, dir, opt); !slices.Equal(f.Domains, []string{"", "", "x", "x"}) {
		t.Error(f.Domains)
	}
	dir = saveParts(t, map[string]*data.Frame{"a.parquet": twoOf("a", "b"), "b.parquet": twoOf("c", "d")})
	if _, _, err := Open(t.Context(), dir, opt); !slices.Equal(option.Names(err), []string{"Missing"}) {
		t.Error(err)
	}
	for _, err := range Scan(t.Context(), dir, opt) {
		if !slices.Equal(option.Names(err), []string{"Missing"}) {
			t.Error(err)
		}
	}
}
