package search

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// Exact is an [Index] that compares every query with all items: O(N E) each. [New] and [Load] make it.
type Exact struct {
	width   int
	storage Storage
	of      string
	originals
	halves  []uint16      // rows, with Float16
	codes   scan.CodeTile // rows, with Int8
	off     float64       // the largest length of a row minus what is kept of it
	ids     []string
	byID    map[string]int32 // items that are not deleted
	labels  texts
	domains texts
	dead    []bool // deleted
}

var _ Index = (*Exact)(nil)

// texts are texts of items as numbers.
type texts struct {
	names  []string
	number map[string]int32
	of     []int32
}

func (t *texts) add(name string) {
	if t.number == nil {
		t.number = make(map[string]int32)
	}
	n, known := t.number[name]
	if !known {
		n = int32(len(t.names))
		t.names, t.number[name] = append(t.names, name), n
	}
	t.of = append(t.of, n)
}

// New returns an empty index of embeddings of some width. A width below 1, an unknown storage and a scratch file that
// cannot be made are errors.
func New(width int, config Config) (*Exact, error) {
	x := &Exact{width: width, storage: config.Storage, of: config.Of, byID: make(map[string]int32)}
	x.originals.width = width
	if x.storage == "" {
		x.storage = Float32
	}
	if width < 1 || width > scan.MaxCodes {
		return nil, fmt.Errorf("index: embeddings of %d numbers: a width is from 1 to %d", width, scan.MaxCodes)
	}
	if !slices.Contains([]Storage{Float32, Float16, Int8}, x.storage) {
		return nil, option.Errorf("Storage", "%s is not known: choose %s, %s or %s", quote.Text(string(x.storage)), Float32,
			Float16, Int8)
	}
	if config.Room < 0 || config.Room > math.MaxInt32 {
		return nil, option.Errorf("Room", "%d: it must be from 0 to %d", config.Room, math.MaxInt32)
	}
	if config.Scratch != "" && x.storage != Float32 {
		file, err := os.CreateTemp(config.Scratch, "siamese-index-*.tmp")
		if err != nil {
			return nil, &option.Error{Option: "Scratch", Err: err}
		}
		x.scratch = file
	}
	if config.Room > 0 {
		x.reserve(config.Room)
	}
	return x, nil
}

// Close implements [Index]: it closes the files. An index that is all in memory needs no Close.
func (x *Exact) Close() error { return x.close() }

// Of implements [Index].
func (x *Exact) Of() string { return x.of }

// n returns how many numbers items have, deleted ones included.
func (x *Exact) n() int { return len(x.ids) }

// Add implements [Index]. Rows that are neither of unit length nor zero, numbers that are not finite, other widths and
// ids that are not unique are errors that name the row.
func (x *Exact) Add(ctx context.Context, z *embedding.Embeddings, like *data.Frame) error {
	ids, err := x.check(z, like)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if err := x.add(z.Values[:z.N*z.E]); err != nil {
		return err
	}
	for i, id := range ids {
		x.put(id, at(like, i, true), at(like, i, false))
		x.reduce(z.Row(i))
	}
	return nil
}

// Check returns the error of [Exact.Add] about what is to be added; nothing is.
func (x *Exact) Check(z *embedding.Embeddings, like *data.Frame) error {
	_, err := x.check(z, like)
	return err
}

// check returns the ids of items that can be added.
func (x *Exact) check(z *embedding.Embeddings, like *data.Frame) ([]string, error) {
	if z.E != x.width {
		return nil, fmt.Errorf("index: embeddings of %d numbers do not fit an index of %d: use the model that it was made "+
			"with", z.E, x.width)
	}
	if like != nil && like.N() != z.N {
		return nil, fmt.Errorf("index: %d embeddings and a table of %d items do not belong together", z.N, like.N())
	}
	if x.n()+z.N > math.MaxInt32 {
		return nil, fmt.Errorf("index: %d items are too many for one index", x.n()+z.N)
	}
	ids, err := x.newIDs(z.N, like)
	if err != nil {
		return nil, err
	}
	for i := range z.N {
		if err := unit(z.Row(i)); err != nil {
			return nil, fmt.Errorf("index: row %d (%s): %w", i, quote.Text(ids[i]), err)
		}
	}
	return ids, nil
}

// put appends what is known of an item.
func (x *Exact) put(id, label, domain string) {
	x.byID[id] = int32(len(x.ids))
	x.ids, x.dead = append(x.ids, id), append(x.dead, false)
	x.labels.add(label)
	x.domains.add(domain)
}

// newIDs returns the ids of n items to be added.
func (x *Exact) newIDs(n int, like *data.Frame) ([]string, error) {
	ids := make([]string, n)
	seen := make(map[string]bool, n)
	for i := range ids {
		ids[i] = strconv.Itoa(x.n() + i)
		if like != nil {
			ids[i] = like.IDs[i]
		}
		for _, t := range [...]struct{ what, text string }{{"id", ids[i]}, {"label", at(like, i, true)},
			{"domain", at(like, i, false)}} {
			if !utf8.ValidString(t.text) {
				return nil, fmt.Errorf("index: row %d: the %s %q is no UTF-8 text", i, t.what, t.text)
			}
		}
		if _, there := x.byID[ids[i]]; there || seen[ids[i]] || ids[i] == "" {
			return nil, fmt.Errorf("index: row %d: the id %s is empty or there already: ids are unique; delete the item of "+
				"that id first", i, quote.Quoted(ids[i]))
		}
		seen[ids[i]] = true
	}
	return ids, nil
}

// at returns the label or domain of an item of a table, "" where it has none.
func at(f *data.Frame, i int, label bool) string {
	switch {
	case f == nil:
	case label && f.Labels != nil:
		return f.Labels[i]
	case !label && f.Domains != nil:
		return f.Domains[i]
	}
	return ""
}

// unit returns why a row is no embedding: its length is neither 1 nor 0.
func unit(row []float32) error {
	square := embedding.Dot(row, row)
	if math.IsNaN(square) || math.IsInf(square, 0) {
		return fmt.Errorf("it has numbers that are not finite")
	}
	if length := math.Sqrt(square); length != 0 && math.Abs(length-1) > 1e-3 {
		return fmt.Errorf("its length is %.4g and not 1: call ToUnit of the embeddings first", length)
	}
	return nil
}

// reduce appends what is scanned of a row.
func (x *Exact) reduce(row []float32) {
	var square float64
	switch x.storage {
	case Float16:
		for _, v := range row {
			h := scan.Half(v)
			d := float64(v) - float64(scan.Float(h))
			x.halves, square = append(x.halves, h), square+d*d
		}
	case Int8:
		wide := scan.CodeWidth(x.width)
		n := len(x.codes.Codes)
		x.codes.Codes = slices.Grow(x.codes.Codes, wide)[:n+wide]
		sum, scale := scan.Encode(x.codes.Codes[n:], row)
		x.codes.Sums, x.codes.Scales = append(x.codes.Sums, sum), append(x.codes.Scales, scale)
		for k, v := range row {
			d := float64(v) - float64(float32(x.codes.Codes[n+k])*scale)
			square += d * d
		}
	}
	x.off = max(x.off, math.Sqrt(square))
}

// Delete implements [Index]. The memory of the items is freed by saving and loading.
func (x *Exact) Delete(ids ...string) error {
	for _, id := range ids {
		if _, ok := x.byID[id]; !ok {
			return fmt.Errorf("index: there is no item %s", quote.Text(id))
		}
	}
	for _, id := range ids {
		if n, ok := x.byID[id]; ok { // not twice
			x.dead[n] = true
			delete(x.byID, id)
		}
	}
	return nil
}

// Item implements [Index]. Items that were deleted are known as well.
func (x *Exact) Item(number int) Item {
	return Item{x.ids[number], x.labels.names[x.labels.of[number]], x.domains.names[x.domains.of[number]]}
}

// Deleted returns whether the item of a number was deleted. It panics if there is no such number.
func (x *Exact) Deleted(number int) bool { return x.dead[number] }

// Number implements [Index].
func (x *Exact) Number(id string) (int, bool) {
	n, ok := x.byID[id]
	return int(n), ok
}

// live returns the numbers of all items that are not deleted.
func (x *Exact) live() []int {
	out := make([]int, 0, len(x.byID))
	for i, dead := range x.dead {
		if !dead {
			out = append(out, i)
		}
	}
	return out
}

// Stats implements [Index].
func (x *Exact) Stats() Stats {
	s := Stats{Engine: EngineExact, Items: len(x.byID), Deleted: x.n() - len(x.byID), Width: x.width, Storage: x.storage,
		Memory: int64(4*len(x.values) + 2*len(x.halves) + len(x.codes.Codes) + 8*len(x.codes.Sums)),
		Kernel: scan.Kernel()}
	s.InFile = int64(x.n())*int64(4*x.width) - int64(4*len(x.values))
	return s
}
