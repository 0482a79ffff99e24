package table

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

func TestJoinLabels(t *testing.T) {
	f := &data.Frame{X: []float32{1, 2, 3}, Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}},
		IDs: []string{"a", "b", "c"}}
	tests := []struct {
		name, text      string
		opt             JoinOptions
		labels, domains []string
		want            string // error
	}{
		{"another order", "id,label,note\nc,z,?\na,x,!\nb,y,\n", JoinOptions{}, []string{"x", "y", "z"}, nil, ""},
		{"by name", "file;kind;where\nc;z;1\na;x;2\nb;y;3\n",
			JoinOptions{Options: Options{Schema: data.Schema{ID: "file", Label: "kind", Domain: "where"}}},
			[]string{"x", "y", "z"}, []string{"2", "3", "1"}, ""},
		{"missing", "id,label\na,x\n", JoinOptions{}, nil, nil, `2 of 3 ids: "b", "c"`},
		{"missing is allowed", "id,label\nb,x\n", JoinOptions{AllowMissingIDs: true}, []string{"", "x", ""}, nil, ""},
		{"others", "id,label\na,x\nb,x\nc,x\nd,x\n", JoinOptions{}, nil, nil, `: "d"`},
		{"others are allowed", "id,label\na,x\nb,x\nc,y\nd,x\n", JoinOptions{AllowOthers: true},
			[]string{"x", "x", "y"}, nil, ""},
		{"twice", "id,label\na,x\nb,x\na,y\nc,x\n", JoinOptions{}, nil, nil, `"a" is also the id of line 2`},
		{"no ids", "name,label\nd,x\n", JoinOptions{}, nil, nil, "option ID"},
		{"no labels", "id,kind,sort\na,x,y\n", JoinOptions{}, nil, nil,
			"option Label"},
		{"one is unknown", "id,label\na,NA\nb,x\nc,\n", JoinOptions{}, []string{"", "x", ""}, nil, ""},
		{"one may not be", "id,label\na,NA\nb,x\nc,\n", JoinOptions{NoEmpty: true}, nil, nil, `2 of 3 items: "a", "c"`},
		{"one may be", "id,label\na,NA\nb,x\nc,\n", JoinOptions{NoEmpty: true, AllowMissingIDs: true},
			[]string{"", "x", ""}, nil, ""},
		{"empty labels", "id,label\na,\nb,\nc,\n", JoinOptions{}, nil, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "labels.csv")
			if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, _, err := JoinLabels(context.Background(), f, path, test.opt)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal(test.labels, got.Labels) || !cmp.Equal(test.domains, got.Domains) || f.Labels != nil {
				t.Errorf("%q %q", got.Labels, got.Domains)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestJoinLabelsFormats takes the labels out of every format, whatever else is in the file.
func TestJoinLabelsFormats(t *testing.T) {
	for _, x := range fixtures(t) {
		if strings.HasSuffix(x.File, ".npy") || x.Labels == nil || x.Options.ID != "" {
			continue
		}
		f := x.frame()
		f.Labels, f.Domains = nil, nil
		got, _, err := JoinLabels(context.Background(), f, x.path(), JoinOptions{})
		if err != nil {
			t.Errorf("%s: %v", x.File, err)
			continue
		}
		if !cmp.Equal(x.Labels, got.Labels) || got.Domains != nil {
			t.Errorf("%s: %q", x.File, got.Labels)
		}
	}
}
