//go:build !hnswlib || !cgo

package hnsw

// Available returns nil where the program has hnswlib, else [ErrMissing].
func Available() error { return ErrMissing }

func newGraph(int, int, int, int) (graph, error) { return nil, ErrMissing }
