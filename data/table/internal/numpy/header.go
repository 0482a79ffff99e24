package numpy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// magic begins every NPY file.
const magic = "\x93NUMPY"

// maxHeader bounds what is read before anything is known, in bytes; NumPy itself refuses
// headers of more than 10,000 characters.
const maxHeader = 1 << 16

// header is what an NPY file says about its array (NEP 1: A Simple File Format for NumPy
// Arrays, R. Kern, 2007). One that readHeader returned has a known type, and a size in
// bytes that an int holds.
type header struct {
	// The fields are those of the dictionary; kind, size and big are its descr.
	kind    byte // as in NumPy's type codes: f i u b U S M m
	size    int  // bytes of a value
	big     bool // big-endian
	fortran bool // column by column
	shape   []int
	unit    time.Duration // of M and m
}

// values is how many values the array has, 1 for the shape (). checkShape has made sure
// that the product does not overflow.
func (h header) values() int {
	n := 1
	for _, d := range h.shape {
		n *= d
	}
	return n
}

// typ is the type code without the byte order, such as f4, by which the code here switches
// too. For text of kind U, size is in bytes, four times what NumPy writes.
func (h header) typ() string { return string(h.kind) + strconv.Itoa(h.size) }

// readHeader reads the part before the values, in versions 1 to 3 of the format, which
// differ in the width of its length and in its encoding. Its errors say what is wrong and
// what to do. r is left at the first value.
func readHeader(r io.Reader) (header, error) {
	var fixed [8]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return header{}, fmt.Errorf("the NPY header is cut off: %w", tableerr.Unexpected(err))
	}
	if string(fixed[:6]) != magic {
		return header{}, errors.New("this is not an NPY array")
	}
	var length int
	switch version := fixed[6]; version {
	// Version 1 has a length of two bytes and Latin-1 text.
	case 1:
		var n [2]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return header{}, fmt.Errorf("the NPY header is cut off: %w", tableerr.Unexpected(err))
		}
		length = int(binary.LittleEndian.Uint16(n[:]))
	// Version 2 has four bytes, for structured types with many fields, and version 3 UTF-8
	// text, for their names. In arrays of plain numbers or text there is no other
	// difference.
	case 2, 3:
		var n [4]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return header{}, fmt.Errorf("the NPY header is cut off: %w", tableerr.Unexpected(err))
		}
		length = int(binary.LittleEndian.Uint32(n[:]))
	default:
		return header{}, fmt.Errorf("the NPY format has version %d; versions 1 to 3 are known", version)
	}
	// Refused before room is made for it.
	if length > maxHeader {
		return header{}, fmt.Errorf("the NPY header claims %d bytes, more than any array of numbers needs", length)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf("the NPY header is cut off: %w", tableerr.Unexpected(err))
	}
	return parseHeader(string(text))
}

// parseHeader reads the Python dictionary of an NPY header. It has to have the three keys
// of the format and no others, as NumPy demands too.
func parseHeader(text string) (header, error) {
	p := pyDict{rest: text}
	entries, err := p.parse()
	if err != nil {
		return header{}, fmt.Errorf("the NPY header %q: %w", tableerr.Shorten(text), err)
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if _, ok := entries[key]; !ok {
			return header{}, fmt.Errorf("the NPY header lacks %q", key)
		}
	}
	// Another entry may change what the values mean; a format that nobody knows is not
	// guessed.
	if len(entries) != 3 {
		return header{}, errors.New("the NPY header has other entries than descr, fortran_order and shape")
	}
	var h header
	// A list (nil here) describes the fields of a structured type.
	descr, plain := entries["descr"].(string)
	if !plain {
		return h, errors.New("the array is structured (fields of different types); " +
			"save its fields as columns, for instance as Parquet")
	}
	if err := h.setType(descr); err != nil {
		return h, err
	}
	var ok bool
	if h.fortran, ok = entries["fortran_order"].(bool); !ok {
		return h, errors.New("the NPY header has a fortran_order that is neither True nor False")
	}
	if h.shape, ok = entries["shape"].([]int); !ok {
		return h, errors.New("the NPY header has a shape that is not a tuple of whole numbers")
	}
	return h, h.checkShape()
}

// checkShape refuses sizes that cannot be: negative ones, and those whose product in bytes
// overflows an int. Sizes of 0 are allowed, and beside one any other passes: a caller that
// makes room for rows alone must bound them itself.
func (h header) checkShape() error {
	// The size of a value counts too, so that bytes and values both fit an int.
	total := h.size
	for _, d := range h.shape {
		if d < 0 {
			return fmt.Errorf("the array has a negative shape %v", h.shape)
		}
		if d > 0 && total > math.MaxInt/d {
			return fmt.Errorf("the array claims a shape %v beyond any memory", h.shape)
		}
		total *= d
	}
	return nil
}

// setType reads a type code such as "<f4", and refuses every type that is not a real number
// or text, each with what to do. Codes without a byte order, and with "=" (native), count
// as little-endian.
func (h *header) setType(descr string) error {
	// First, and wherever the O stands: nothing of an array with objects is ever looked at.
	if strings.Contains(descr, "O") {
		return errors.New("the array holds pickled Python objects, which can run code and are never read; " +
			"save numbers or text, for instance with astype(str) or astype(float)")
	}
	// The byte order comes first and may be missing, as in old files.
	code := descr
	if code != "" && strings.IndexByte("<>=|", code[0]) >= 0 {
		h.big = code[0] == '>'
		code = code[1:]
	}
	if strings.HasPrefix(code, "M8") || strings.HasPrefix(code, "m8") {
		return h.setUnit(code)
	}
	// A kind without a size is no type of a value.
	if len(code) < 2 {
		return fmt.Errorf("the array has the unknown type %q", tableerr.Shorten(descr))
	}
	size, err := strconv.Atoi(code[1:])
	if err != nil || size <= 0 || size > 1<<20 {
		return fmt.Errorf("the array has the unknown type %q", tableerr.Shorten(descr))
	}
	h.kind, h.size = code[0], size
	// The types that decode knows.
	switch h.typ() {
	case "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1":
		return nil
	case "f16", "f12":
		return fmt.Errorf("the array has the type %q (extended precision); save it with astype(np.float64)", descr)
	}
	// Text of any width, and other kinds with a reason each.
	switch h.kind {
	case 'U':
		h.size = 4 * size
		return nil
	case 'S':
		return nil
	case 'c':
		return fmt.Errorf("the array holds complex numbers (%q); save real and imaginary parts as two features", descr)
	case 'V':
		return fmt.Errorf("the array holds raw bytes (%q); save it as numbers", descr)
	}
	return fmt.Errorf("the array has the unknown type %q", tableerr.Shorten(descr))
}
