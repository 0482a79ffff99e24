package data

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// Block returns the block with that name, or an error that names the nearest ones.
func (f *Frame) Block(name string) (Block, error) {
	names := make([]string, len(f.Blocks))
	for k, b := range f.Blocks {
		if b.Name == name {
			return b, nil
		}
		names[k] = b.Name
	}
	return Block{}, fmt.Errorf("data: no block %q%s", name, listing.DidYouMean(name, names))
}

// BlockColumns returns the column names of the named block, in order. It shares memory with
// the frame. An unknown name is an error.
func (f *Frame) BlockColumns(name string) ([]string, error) {
	b, err := f.Block(name)
	if err != nil {
		return nil, err
	}
	return f.Columns[b.Start:b.End:b.End], nil
}

// SelectColumns returns a new frame with the given columns, in that order, and all items.
// Blocks keep their names; the columns of one block must follow each other, since a block is
// one run of columns. It copies. Unknown, repeated and no columns are errors.
func (f *Frame) SelectColumns(columns []string) (*Frame, error) {
	if len(columns) == 0 {
		return nil, fmt.Errorf("data: no columns selected")
	}
	if twice := listing.Repeated(columns); len(twice) > 0 {
		return nil, fmt.Errorf("data: columns selected twice: %s", listing.Quoted(twice))
	}
	place := selection.Positions(f.Columns)
	source := make([]int, len(columns))
	var unknown []string
	for k, name := range columns {
		at, ok := place[name]
		if !ok {
			unknown = append(unknown, name)
		}
		source[k] = at
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("data: no column %s%s", listing.Quoted(unknown), listing.DidYouMean(unknown[0],
			f.Columns))
	}
	// The block of each column of f; the new blocks are the runs of equal ones.
	owner := make([]string, f.F())
	for _, b := range f.Blocks {
		for j := b.Start; j < b.End; j++ {
			owner[j] = b.Name
		}
	}
	blocks, again := runs(len(source), func(k int) string { return owner[source[k]] })
	if again != "" {
		return nil, fmt.Errorf("data: the selected columns of block %q do not follow each other; "+
			"put them side by side", again)
	}
	return f.gather(source, blocks), nil
}

// SelectBlocks returns a new frame with the named blocks, in that order, and all items.
// It copies. Unknown, repeated and no names are errors.
func (f *Frame) SelectBlocks(names ...string) (*Frame, error) {
	if twice := listing.Repeated(names); len(twice) > 0 {
		return nil, fmt.Errorf("data: blocks selected twice: %s", listing.Quoted(twice))
	}
	var columns []string
	for _, name := range names {
		c, err := f.BlockColumns(name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, c...)
	}
	return f.SelectColumns(columns)
}

// gather returns a copy with the source columns, which are indices, of every item, in the given blocks.
func (f *Frame) gather(source []int, blocks []Block) *Frame {
	out := &Frame{
		X:       make([]float32, f.N()*len(source)),
		Columns: selection.Pick(f.Columns, source),
		Blocks:  blocks,
		IDs:     slices.Clone(f.IDs), Numbered: f.Numbered,
		Labels:  slices.Clone(f.Labels),
		Domains: slices.Clone(f.Domains),

		Settings: f.settingsOf(blocks),
	}
	for i := range f.N() {
		from, to := f.Row(i), out.Row(i)
		for k, j := range source {
			to[k] = from[j]
		}
	}
	return out
}

// runs groups n columns into blocks of equal name, where nameOf names that of column k. again is the first name that
// comes back after another one, or "": such blocks would have the same name twice.
func runs(n int, nameOf func(int) string) (blocks []Block, again string) {
	seen := make(map[string]bool)
	for k := range n {
		name := nameOf(k)
		if last := len(blocks) - 1; last >= 0 && blocks[last].Name == name {
			blocks[last].End++
			continue
		}
		if seen[name] && again == "" {
			again = name
		}
		seen[name] = true
		blocks = append(blocks, Block{Name: name, Start: k, End: k + 1})
	}
	return blocks, again
}
