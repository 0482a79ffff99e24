package tables

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilled(t *testing.T) {
	header := []string{"id", "label", "domain", "x"}
	for what, c := range map[string]struct{ rows, want [][]string }{
		"no domain": {[][]string{{"a", "1", "", ""}, {"b", "", "", "2"}}, [][]string{{"id", "label", "x"}, {"a", "1", ""}, {"b", "", "2"}}},
		"neither":   {[][]string{{"a", "", "", ""}}, [][]string{{"id", "x"}, {"a", ""}}},
		"both":      {[][]string{{"a", "1", "d", ""}}, [][]string{header, {"a", "1", "d", ""}}},
		"no row":    {nil, [][]string{{"id", "x"}}},
	} {
		h, rows := Filled(header, c.rows, "label", "domain")
		if diff := cmp.Diff(c.want, append([][]string{h}, rows...)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}
