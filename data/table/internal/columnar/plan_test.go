package columnar

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// TestPlan: levels of an index and empty columns are never features, whatever else there is.
func TestPlan(t *testing.T) {
	const one, two = `{"index_columns": ["key"]}`, `{"index_columns": ["key", "label", "other"]}`
	for _, test := range []struct {
		name    string
		columns string
		pandas  string
		empty   string
		schema  data.Schema
		missing bool
		id      string
		ignored []string
		note    string
	}{
		{"one level", "f key", one, "", data.Schema{}, false, "key", nil, `"key", the index`},
		{"beside ids", "f key id", one, "", data.Schema{}, false, "id", []string{"key"}, `"key", a level`},
		{"given otherwise", "f key g", one, "", data.Schema{ID: "g"}, false, "g", []string{"key"}, `"key", a level`},
		{"given as the label", "f key", one, "", data.Schema{Label: "key"}, false, "", nil, `label: column "key"`},
		{"no ids wanted", "f key", one, "", data.Schema{ID: data.NoColumn}, false, "", []string{"key"},
			`"key", a level`},
		{"left out", "f key", one, "", data.Schema{Ignore: []string{"key"}}, false, "", []string{"key"}, ""},
		{"levels with a role", "f key label other", two, "", data.Schema{}, false, "", []string{"key", "other"},
			`"other", a level`},
		{"not there", "f g", one, "", data.Schema{}, false, "", nil, ""},
		{"Dask's", "f __null_dask_index__", `{"index_columns": ["__null_dask_index__"]}`, "", data.Schema{}, false, "",
			[]string{"__null_dask_index__"}, "a level"},
		{"a range", "f", `{"index_columns": [{"kind": "range", "start": 0, "step": 1}]}`, "", data.Schema{}, false, "",
			nil, ""},
		{"a part of a range", "f", `{"index_columns": [{"kind": "range", "start": 7, "step": 2}]}`, "", data.Schema{},
			false, "", nil, "from 7 in steps of 2"},
		{"no JSON", "f key", `{"index_columns"`, "", data.Schema{}, false, "", nil, ""},
		{"empty", "f g h", "", "g", data.Schema{}, false, "", []string{"g"}, `without any value are left out: "g"`},
		{"empty and allowed", "f g h", "", "g", data.Schema{}, true, "", nil, ""},
		{"empty labels", "f label", "", "label", data.Schema{}, false, "", nil, `label: column "label"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var columns []reading.Column
			known := Known{Pandas: test.pandas}
			for _, name := range strings.Fields(test.columns) {
				columns = append(columns, reading.Column{Name: name, Kind: reading.Numbers, Width: 1, Text: true})
				known.Empty = append(known.Empty, name == test.empty)
			}
			opt := &reading.Options{Schema: test.schema, AllowMissing: test.missing}
			p, err := Plan("t", columns, opt, known)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.NameOf(data.RoleID); got != test.id {
				t.Errorf("the id is %q, want %q", got, test.id)
			}
			if diff := cmp.Diff(test.ignored, p.All(data.RoleIgnore)); diff != "" {
				t.Error(diff)
			}
			if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, test.note) {
				t.Errorf("lacks %q:\n%s", test.note, notes)
			}
			if diff := cmp.Diff(test.schema, opt.Schema); diff != "" {
				t.Error("the caller's options changed:", diff)
			}
		})
	}
}
