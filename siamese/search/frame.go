package search

import (
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Embeddings implements [Index]. Files that cannot be read are errors; it panics if there is no such number.
func (x *Exact) Embeddings(numbers []int) (*embedding.Embeddings, error) {
	out := &embedding.Embeddings{Values: make([]float32, len(numbers)*x.width), N: len(numbers), E: x.width}
	for i, n := range numbers {
		row, err := x.read(n, out.Row(i))
		if err != nil {
			return nil, err
		}
		if copy(out.Row(i), row); embedding.Magnitude(row) == 0 {
			out.Zero = append(out.Zero, i)
		}
	}
	return out, nil
}

// Frame returns all items as a table with the columns embedding/0, embedding/1, …, for package data/table, which writes
// Parquet, NPY and others. Files that cannot be read are errors.
func (x *Exact) Frame() (*data.Frame, error) {
	like, numbers := &data.Frame{}, x.live()
	for _, n := range numbers {
		item := x.Item(n)
		like.IDs, like.Labels, like.Domains = append(like.IDs, item.ID), append(like.Labels, item.Label),
			append(like.Domains, item.Domain)
	}
	if !slices.ContainsFunc(like.Labels, func(s string) bool { return s != "" }) {
		like.Labels = nil
	}
	if !slices.ContainsFunc(like.Domains, func(s string) bool { return s != "" }) {
		like.Domains = nil
	}
	z, err := x.Embeddings(numbers)
	if err != nil {
		return nil, err
	}
	return z.Frame(like), nil
}
