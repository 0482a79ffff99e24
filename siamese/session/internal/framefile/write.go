// Package framefile keeps a frame in a file that is mapped into memory, by the worker and by the cells that it is given
// to: opening one takes the time of its names, not that of its values.
//
// The file begins with a line of magic, the length of the description (uint64) and the description as JSON; lists of
// names and the values [N, F] follow at the offsets that it says. Numbers are little-endian. It is a cache between
// programs of one machine, not a format to keep: package table has those.
package framefile

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"unsafe"

	"github.com/go-siamese/lab/data"
)

// magic begins every file; another version has another one.
const magic = "siamese frame 1\n"

// page is the alignment of the values: the largest that a system maps by.
const page = 64 << 10

// description says what is where.
type description struct {
	N, F     int
	Blocks   []data.Block
	Numbered bool          `json:",omitempty"`
	Settings data.Settings `json:",omitempty"`
	Columns  place
	IDs      place
	Labels   *place `json:",omitempty"` // nil = the frame has none
	Domains  *place `json:",omitempty"`
	X        int64  // offset of the values
}

// place is a list of texts: their lengths (uint32 each), then their bytes.
type place struct{ Offset, Size, Count int64 }

// errOrder is the error of a machine whose numbers the file does not have.
var errOrder = errors.New("a frame is kept for little-endian machines only")

// Write writes the frame, which must be sound ([data.Frame.ValidateStructure]).
func Write(to io.Writer, f *data.Frame) error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errOrder
	}
	lists := [][]byte{texts(f.Columns), texts(f.IDs), texts(f.Labels), texts(f.Domains)}
	d := description{N: f.N(), F: f.F(), Blocks: f.Blocks, Numbered: f.Numbered, Settings: f.Settings}
	// The description has offsets, and its own length shifts them: room is left for it.
	names := 0
	for _, b := range f.Blocks {
		names += 6*len(b.Name) + 100
	}
	at := int64(len(magic)+8+4096+names+6*len(f.Settings)) / 8 * 8
	put := func(list []byte, count int) place {
		p := place{Offset: at, Size: int64(len(list)), Count: int64(count)}
		at += (p.Size + 7) / 8 * 8
		return p
	}
	d.Columns, d.IDs = put(lists[0], len(f.Columns)), put(lists[1], len(f.IDs))
	if f.Labels != nil {
		p := put(lists[2], len(f.Labels))
		d.Labels = &p
	}
	if f.Domains != nil {
		p := put(lists[3], len(f.Domains))
		d.Domains = &p
	}
	d.X = (at + page - 1) / page * page
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	w := &counter{w: bufio.NewWriterSize(to, 1<<20)}
	w.write([]byte(magic))
	w.write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	w.write(text)
	for i, p := range []*place{&d.Columns, &d.IDs, d.Labels, d.Domains} {
		if p != nil {
			w.pad(p.Offset)
			w.write(lists[i])
		}
	}
	w.pad(d.X)
	if len(f.X) > 0 {
		w.write(unsafe.Slice((*byte)(unsafe.Pointer(&f.X[0])), 4*len(f.X)))
	}
	return errors.Join(w.err, w.w.Flush())
}

// texts returns a list as a [place] has it.
func texts(list []string) []byte {
	size := 4 * len(list)
	for _, s := range list {
		size += len(s)
	}
	out := make([]byte, 0, size)
	for _, s := range list {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(s)))
	}
	for _, s := range list {
		out = append(out, s...)
	}
	return out
}

// counter writes, and knows how much.
type counter struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (c *counter) write(b []byte) {
	if c.err == nil {
		var n int
		n, c.err = c.w.Write(b)
		c.n += int64(n)
	}
}

// pad writes zeroes up to an offset.
func (c *counter) pad(to int64) {
	if to < c.n && c.err == nil {
		c.err = errors.New("a frame's description is longer than the room for it")
	}
	if c.err == nil {
		c.write(make([]byte, to-c.n))
	}
}
