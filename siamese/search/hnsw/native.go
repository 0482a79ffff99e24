//go:build hnswlib && cgo

package hnsw

// #cgo CXXFLAGS: -O3 -std=c++17
// #cgo LDFLAGS: -lstdc++
// #include <stdlib.h>
// #include "graph.h"
import "C"

import (
	"errors"
	"runtime"
	"unsafe"

	"github.com/go-siamese/lab/siamese/internal/scan"
)

// Available returns nil where the program has hnswlib, else [ErrMissing].
func Available() error { return nil }

// native is a graph of hnswlib.
type native struct {
	c       *C.graph
	cleanup runtime.Cleanup
}

func newGraph(wide, links, ef, room int) (graph, error) {
	g := &native{}
	if err := failed(C.graph_new(&g.c, C.size_t(wide), C.size_t(links), C.size_t(ef), C.size_t(room))); err != nil {
		return nil, err
	}
	g.cleanup = runtime.AddCleanup(g, func(c *C.graph) { C.graph_free(c) }, g.c)
	return g, nil
}

// failed returns what a function of graph.h says, nil = nothing.
func failed(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New("index: hnswlib: " + C.GoString(text))
}

func (g *native) free() {
	g.cleanup.Stop()
	C.graph_free(g.c)
	g.c = nil
}

func (g *native) bytes() int64 {
	defer runtime.KeepAlive(g)
	return int64(C.graph_bytes(g.c))
}

func (g *native) reserve(room int) error {
	defer runtime.KeepAlive(g)
	return failed(C.graph_reserve(g.c, C.size_t(room)))
}

// parts returns the numbers of rows for C, of which there is at least one.
func parts(t scan.CodeTile) (codes *C.int8_t, scales *C.float, sums *C.int32_t) {
	return (*C.int8_t)(&t.Codes[0]), (*C.float)(&t.Scales[0]), (*C.int32_t)(&t.Sums[0])
}

func (g *native) add(first int, rows scan.CodeTile, levels []uint8) error {
	defer runtime.KeepAlive(g)
	codes, scales, sums := parts(rows)
	return failed(C.graph_add(g.c, C.size_t(first), C.size_t(len(levels)), codes, scales, sums, (*C.uint8_t)(&levels[0])))
}

func (g *native) search(queries scan.CodeTile, n, ef int) ([][]int32, error) {
	defer runtime.KeepAlive(g)
	all, counts := make([]int32, n*ef), make([]uint32, n)
	codes, scales, sums := parts(queries)
	if err := failed(C.graph_search(g.c, C.size_t(n), codes, scales, sums, C.size_t(ef),
		(*C.uint32_t)(unsafe.Pointer(&all[0])), (*C.uint32_t)(&counts[0]))); err != nil {
		return nil, err
	}
	out := make([][]int32, n)
	for q, count := range counts {
		out[q] = all[q*ef:][:count]
	}
	return out, nil
}

func (g *native) links() (links []uint32, levels []uint8, entry int, err error) {
	defer runtime.KeepAlive(g)
	// One more of each: there is an address where there is nothing.
	links, levels = make([]uint32, C.graph_words(g.c)+1), make([]uint8, C.graph_nodes(g.c)+1)
	var at C.size_t
	err = failed(C.graph_links(g.c, (*C.uint32_t)(&links[0]), (*C.uint8_t)(&levels[0]), &at))
	return links[:len(links)-1], levels[:len(levels)-1], int(at), err
}

func (g *native) restore(rows scan.CodeTile, links []uint32, levels []uint8) error {
	defer runtime.KeepAlive(g)
	codes, scales, sums := parts(rows)
	return failed(C.graph_restore(g.c, C.size_t(len(levels)), codes, scales, sums, (*C.uint32_t)(&links[0]),
		(*C.uint8_t)(&levels[0])))
}

func (g *native) enter(entry int) {
	defer runtime.KeepAlive(g)
	C.graph_enter(g.c, C.size_t(entry))
}
