package show

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/split"
)

func TestLeakage(t *testing.T) {
	f := frame()
	copy(f.Row(2), f.Row(0))
	parts := &split.Split{Train: []int{0}, Test: []int{2}}
	l, err := parts.Leakage(t.Context(), f, split.LeakageOptions{Groups: []string{"", "", nasty}})
	if err != nil {
		t.Fatal(err)
	}
	shown := content(LeakageOutputs(l))
	wellFormed(t, shown)
	selfContained(t, shown)
	has(t, shown, "the split leaks: exact-duplicates (1 train, 0 validation, 1 test items", ">LEAK<",
		"&lt;script&gt;", ">not looked for<", ">none<")
	if n := strings.Count(shown, "<tr>"); n != 8 {
		t.Errorf("%d lines, want a header and one a kind of leak", n)
	}
	Leakage(l) // outside of a notebook it does nothing
}
