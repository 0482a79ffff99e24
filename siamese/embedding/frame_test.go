package embedding

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
)

// A table of embeddings has the ids, labels and domains of their items, or numbers.
func TestFrame(t *testing.T) {
	z := &Embeddings{Values: []float32{1, 0, 0, 1}, N: 2, E: 2}
	like := &data.Frame{IDs: []string{"a", "b"}, Labels: []string{"x", ""}, Domains: []string{"d", "e"}}
	for _, of := range []*data.Frame{like, nil} {
		f := z.Frame(of)
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		ids := []string{"0", "1"}
		if of != nil {
			ids = of.IDs
		}
		if !slices.Equal(f.IDs, ids) || f.Numbered != (of == nil) || !slices.Equal(f.X, z.Values) ||
			!slices.Equal(f.Columns, []string{"embedding/0", "embedding/1"}) || (of != nil) != (f.Labels != nil) {
			t.Errorf("%+v", f)
		}
	}
}
