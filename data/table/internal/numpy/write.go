package numpy

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// WriteNPY writes the features as an NPY array of shape (N, F), type float32, in C order.
// Names, ids and labels have no place in it: see [WriteNPZ]. Errors are those of the frame
// and of w.
func WriteNPY(w io.Writer, f *data.Frame) error {
	return writeNPY(w, f, writing.Float32)
}

// writeNPY is [WriteNPY] with numbers of a type that holds them.
func writeNPY(w io.Writer, f *data.Frame, as writing.Number) error {
	if err := f.ValidateStructure(); err != nil {
		return err
	}
	descr := map[writing.Number]string{writing.Float32: "<f4", writing.Float16: "<f2", writing.Int8: "|i1"}[as]
	if err := writeHeader(w, descr, f.N(), f.F()); err != nil {
		return err
	}
	if as == writing.Float32 {
		return writeFloats(w, f.X)
	}
	var some []byte
	for part := range slices.Chunk(f.X, 1<<16) {
		some = as.Append(some[:0], part)
		if _, err := w.Write(some); err != nil {
			return err
		}
	}
	return nil
}

// WriteNPZ writes the frame as a NumPy archive: "X" (float32, (N, F)), "ids", "labels" and
// "domains" (text, (N,); the last two where the frame has them), "columns" and "blocks"
// (text, (F,): the name of each feature, and of its block), and "settings" (JSON, (1,)) where they are known. Text that
// ends in a zero character cannot be kept by NumPy and is an error.
//
// The arrays are stored without compression: deflate is slow, and gains little on float32.
// Texts come first: a frame whose texts cannot be kept fails before its values are written.
func WriteNPZ(w io.Writer, f *data.Frame) error { return writeNPZ(w, f, writing.Float32) }

// writeNPZ is [WriteNPZ] with numbers of a type that holds them.
func writeNPZ(w io.Writer, f *data.Frame, as writing.Number) error {
	if err := f.ValidateStructure(); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	var settings []string // nil = not known: no member
	if f.Settings != "" {
		settings = []string{string(f.Settings)}
	}
	// The name of the block of every feature.
	blocks := make([]string, 0, f.F())
	for _, b := range f.Blocks {
		// Blocks follow each other without gaps, so the names are in the order of the
		// columns.
		for range b.Width() {
			blocks = append(blocks, b.Name)
		}
	}
	// member writes one array into the archive.
	member := func(key string, write func(io.Writer) error) error {
		// A fixed time: the same frame gives the same file.
		part, err := z.CreateHeader(&zip.FileHeader{Name: key + ".npy", Method: zip.Store, Modified: time.Date(1980,
			1, 1,
			0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		return write(part)
	}
	for _, part := range []struct {
		key  string
		text []string
	}{{"ids", f.IDs}, {"labels", f.Labels}, {"domains", f.Domains}, {"columns", f.Columns}, {"blocks", blocks},
		{"settings", settings}} {
		if part.text == nil {
			continue
		}
		err := member(part.key, func(w io.Writer) error { return writeTexts(w, part.key, part.text) })
		if err != nil {
			return err
		}
	}
	if err := member("X", func(w io.Writer) error { return writeNPY(w, f, as) }); err != nil {
		return err
	}
	// The directory of the archive, without which it has no members.
	return z.Close()
}

// writeHeader writes everything ahead of the values, in version 1.0, padded with spaces so
// that they begin at a multiple of 64, as NumPy does for memory maps.
func writeHeader(w io.Writer, descr string, shape ...int) error {
	var sizes strings.Builder
	for _, d := range shape {
		fmt.Fprintf(&sizes, "%d, ", d)
	}
	dims := strings.TrimSuffix(sizes.String(), " ")
	if len(shape) > 1 {
		dims = strings.TrimSuffix(dims, ",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	// Magic number, version and length, and then the text, which ends in a line end.
	const ahead = len(magic) + 4
	text += strings.Repeat(" ", 63-(ahead+len(text))%64) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	_, err := w.Write(append(head, text...))
	return err
}

// writeFloats writes values as little-endian float32, straight from their memory where the
// machine is so.
func writeFloats(w io.Writer, x []float32) error {
	if raw.LittleEndian {
		_, err := w.Write(raw.BytesOf(x))
		return err
	}
	out := bufio.NewWriter(w)
	if err := binary.Write(out, binary.LittleEndian, x); err != nil {
		return err
	}
	return out.Flush()
}

// writeTexts writes an array of fixed-width UTF-32 text, as wide as the longest: one long
// text makes the whole array as wide. Text that NumPy cannot keep is an error that names
// key, found before anything is written to w.
func writeTexts(w io.Writer, key string, all []string) error {
	// NumPy has no text of width 0 in files.
	width := 1
	for i, s := range all {
		if strings.HasSuffix(s, "\x00") || !utf8.ValidString(s) {
			return fmt.Errorf("table: write NPZ: %s: value %d, %q, ends in a zero character or is not UTF-8, which "+
				"NumPy cannot keep", key, i+1, tableerr.Shorten(s))
		}
		width = max(width, utf8.RuneCountInString(s))
	}
	if err := writeHeader(w, fmt.Sprintf("<U%d", width), len(all)); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	buffer := make([]byte, 4*width)
	for _, s := range all {
		at := 0
		for _, c := range s {
			binary.LittleEndian.PutUint32(buffer[at:], uint32(c))
			at += 4
		}
		clear(buffer[at:])
		if _, err := out.Write(buffer); err != nil {
			return err
		}
	}
	return out.Flush()
}
