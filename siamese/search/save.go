package search

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// Files of indexes are in the safetensors format, which holds no code and which other programs read: an 8-byte
// little-endian length, a JSON header, then the tensors
//
//	items    U8  [bytes] the texts below as JSON
//	labels   I32 [N]     of the items, places in the list of labels
//	domains  I32 [N]
//	rowsums  U32 [N]     CRC-32C of the bytes of every row
//	vectors  F32 [N, E]  the embeddings
//
// and, where another engine keeps a [Graph] in the file, version 2,
//
//	links    U32 [any]
//	levels   U8  [N]
//
// The header's metadata has [fileKey] with a fileInfo. What is scanned (float16, int8) is made again from the vectors.
const (
	fileKey     = "siamese-index"
	fileVersion = 1
	withGraph   = 2
	maxHeader   = 1 << 20
)

// fileInfo describes a file.
type fileInfo struct {
	Version int     `json:"version"`
	Storage Storage `json:"storage"`
	Items   int     `json:"items"`
	Width   int     `json:"width"`
	Of      string  `json:"of,omitempty"`
	SHA256  string  `json:"sha256"` // of all tensors but the vectors, which have sums of their own

	Engine   string          `json:"engine,omitempty"` // of the graph
	Settings json.RawMessage `json:"settings,omitempty"`
}

// Graph is what another engine keeps in the file of an index, behind the rows: what the numbers mean is its own.
type Graph struct {
	Engine   string
	Settings json.RawMessage
	Links    []uint32
	Levels   []uint8 // [N]
}

// fileTexts are the texts of a file.
type fileTexts struct {
	IDs     []string `json:"ids"`
	Labels  []string `json:"labels"`
	Domains []string `json:"domains"`
}

// Save implements [Index]. Items that were deleted are left out, and those after them get lower numbers in the file.
func (x *Exact) Save(path string) error { return x.SaveGraph(path, nil) }

// SaveGraph is [Exact.Save] with a graph of the items that are not deleted; nil = none.
func (x *Exact) SaveGraph(path string, graph *Graph) error {
	numbers := x.live()
	ids, sums := make([]string, len(numbers)), make([]byte, 0, 4*len(numbers))
	var label, domain texts // of the items that are left
	for i, n := range numbers {
		item := x.Item(n)
		ids[i] = item.ID
		label.add(item.Label)
		domain.add(item.Domain)
		sums = binary.LittleEndian.AppendUint32(sums, x.sums[n])
	}
	items, err := json.Marshal(fileTexts{ids, label.names, domain.names})
	if err != nil {
		return err
	}
	for len(items)%4 != 0 { // readers want numbers at multiples of their size
		items = append(items, ' ')
	}
	sum := sha256.New()
	parts := [][]byte{items, label.bytes(), domain.bytes(), sums}
	header := make(map[string]any)
	var offset int64
	put := func(name, dtype string, shape []int, size int64) {
		header[name] = safetensors.TensorInfo{DType: dtype, Shape: shape, Offsets: [2]int64{offset, offset + size}}
		offset += size
	}
	for i, p := range parts {
		sum.Write(p)
		t := fileTensors[i]
		put(t.name, t.dtype, []int{len(p) / t.size}, int64(len(p)))
	}
	put("vectors", "F32", []int{len(numbers), x.width}, int64(len(numbers))*int64(4*x.width))
	facts := fileInfo{Version: fileVersion, Storage: x.storage, Items: len(numbers), Width: x.width, Of: x.of}
	var behind [][]byte
	if graph != nil {
		if len(graph.Levels) != len(numbers) {
			return fmt.Errorf("index: a graph of %d items is not that of %d", len(graph.Levels), len(numbers))
		}
		facts.Version, facts.Engine, facts.Settings = withGraph, graph.Engine, graph.Settings
		links := make([]byte, 0, 4*len(graph.Links))
		for _, v := range graph.Links {
			links = binary.LittleEndian.AppendUint32(links, v)
		}
		behind = [][]byte{links, graph.Levels}
		put("links", "U32", []int{len(graph.Links)}, int64(len(links)))
		put("levels", "U8", []int{len(numbers)}, int64(len(numbers)))
		sum.Write(links)
		sum.Write(graph.Levels)
	}
	facts.SHA256 = hex.EncodeToString(sum.Sum(nil))
	info, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	header[safetensors.MetadataKey] = map[string]string{fileKey: string(info)}
	head, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		for _, p := range append([][]byte{binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head}, parts...) {
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		row, b := make([]float32, x.width), make([]byte, 4*x.width)
		for _, n := range numbers {
			values, err := x.read(n, row)
			if err != nil {
				return err
			}
			encode(b, values)
			if rowSum(b) != x.sums[n] {
				return fmt.Errorf("index: row %d was changed in memory after it was added", n)
			}
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		for _, p := range behind {
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// fileTensors are the tensors before the vectors, in order.
var fileTensors = []struct {
	name, dtype string
	size        int // of an element
}{{"items", "U8", 1}, {"labels", "I32", 4}, {"domains", "I32", 4}, {"rowsums", "U32", 4}}

// bytes returns the numbers of the texts, little-endian.
func (t *texts) bytes() []byte {
	out := make([]byte, 0, 4*len(t.of))
	for _, n := range t.of {
		out = binary.LittleEndian.AppendUint32(out, uint32(n)) //nolint:gosec // not negative
	}
	return out
}
