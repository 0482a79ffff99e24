package show

import (
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
)

func TestDescribe(t *testing.T) {
	f := &data.Frame{
		X: []float32{1, 2, 3, 4, 1, 2}, Columns: []string{"a" + nasty, "b"},
		Blocks: []data.Block{{Name: nasty, Start: 0, End: 2}},
		IDs:    []string{"x" + nasty, "y", "z"}, Labels: []string{nasty, "other", nasty},
		Domains: []string{nasty, "", ""},
	}
	d, err := describe.Frame(t.Context(), f, describe.Options{Duplicates: duplicates.Default()})
	if err != nil {
		t.Fatal(err)
	}
	shown := content(DescribeOutputs(d))
	wellFormed(t, shown)
	selfContained(t, shown)
	has(t, shown, "3 items × 2 features", "Duplicate items", "&lt;script&gt;alert")
	Describe(d) // outside of a notebook it does nothing
}
