package images

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip" // twice as fast as the standard library's

	"github.com/go-siamese/lab/data/quote"
)

// IDX is an array of bytes as the IDX files of MNIST hold it. The format: 00 00, the type of the values, the number of
// dimensions; the dimensions, 4 bytes each, big-endian; the values (LeCun, Cortes and Burges, "The MNIST database").
type IDX struct {
	Dims []int   // sizes, slowest first: [N] for labels, [N, H, W] for images
	Data []uint8 // all values, in row-major order
}

// idxTypes names the value types of the format by their code, for errors about those that are not supported.
var idxTypes = map[byte]string{
	0x08: "uint8", 0x09: "int8", 0x0b: "int16", 0x0c: "int32", 0x0d: "float32", 0x0e: "float64",
}

// ReadIDX returns the array of an IDX file of unsigned bytes, which may be gzip-compressed (recognised by its
// first bytes). maxBytes bounds the size of the array, 0 = 1 GiB; memory grows with what the file really holds, not
// with what its header claims. Errors say what is wrong and where: no IDX header, another value type, more than
// maxBytes, fewer or more values than the header says, or a broken compression.
func ReadIDX(r io.Reader, maxBytes int64) (*IDX, error) {
	if maxBytes == 0 {
		maxBytes = maxFileBytes
	}
	// A plain file begins with two zeros, so the two bytes of gzip cannot be mistaken for one.
	br := bufio.NewReader(r)
	if head, _ := br.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("idx: gzip header: %w", err)
		}
		defer zr.Close()
		return readIDX(zr, maxBytes)
	}
	return readIDX(br, maxBytes)
}

// readIDX is [ReadIDX] of uncompressed input, with a bound.
func readIDX(r io.Reader, maxBytes int64) (*IDX, error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, fmt.Errorf("idx: header of 4 bytes: %w", noEOF(err))
	}
	if magic[0] != 0 || magic[1] != 0 || magic[3] == 0 {
		return nil, fmt.Errorf("idx: not an IDX file: it starts with % x, want 00 00, a type and the number of "+
			"dimensions", magic)
	}
	if magic[2] != 0x08 {
		if name, known := idxTypes[magic[2]]; known {
			return nil, fmt.Errorf("idx: values of type %s, only uint8 is read", name)
		}
		return nil, fmt.Errorf("idx: unknown value type %#02x", magic[2])
	}
	dims := make([]int, magic[3])
	size := int64(1)
	for k := range dims {
		var d [4]byte
		if _, err := io.ReadFull(r, d[:]); err != nil {
			return nil, fmt.Errorf("idx: dimension %d of %d: %w", k+1, len(dims), noEOF(err))
		}
		n := int64(binary.BigEndian.Uint32(d[:]))
		if n > 0 && size > maxBytes/n { // divided: the product may overflow
			return nil, fmt.Errorf("idx: dimensions %v times %d are more than the allowed %d bytes", dims[:k], n,
				maxBytes)
		}
		dims[k] = int(n)
		size *= n
	}
	// The buffer grows as bytes arrive: a header alone cannot make it large.
	var buf bytes.Buffer
	if got, err := io.CopyN(&buf, r, size); err != nil {
		return nil, fmt.Errorf("idx: %d of %d values: %w", got, size, noEOF(err))
	}
	// Reading on to the end is also what makes gzip check its checksum.
	switch extra, err := io.CopyN(io.Discard, r, 1); {
	case extra > 0:
		return nil, fmt.Errorf("idx: more than the %d values that dimensions %v promise", size, dims)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("idx: after the last value: %w", err) // for instance a wrong gzip checksum
	}
	return &IDX{Dims: dims, Data: buf.Bytes()}, nil
}

// noEOF turns an end of file where more was expected into [io.ErrUnexpectedEOF]; callers take [io.EOF] for a regular
// end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadIDXImages returns the grey images of one domain, from an IDX file of images [N, H, W] and one of labels [N].
// Ids are domain/00000, domain/00001, ... in the order of the file; the label of an item is domain/classes[value].
// A nil labels reader means that no item has a label; classes is then not used. maxBytes bounds each of the two arrays,
// 0 = 1 GiB. All images share one array of pixels.
//
// Errors are those of [ReadIDX], wrong numbers of dimensions, counts that differ, images without pixels, and a label
// value without a class.
func ReadIDXImages(images, labels io.Reader, domain string, classes []string, maxBytes int64) (*Images, error) {
	pix, err := ReadIDX(images, maxBytes)
	if err != nil {
		return nil, fmt.Errorf("images of %s: %w", quote.Text(domain), err)
	}
	if len(pix.Dims) != 3 {
		return nil, fmt.Errorf("images of %s: %d dimensions %v, want 3: items, rows, columns",
			quote.Text(domain), len(pix.Dims),
			pix.Dims)
	}
	n, h, w := pix.Dims[0], pix.Dims[1], pix.Dims[2]
	if n > 0 && h*w == 0 {
		return nil, fmt.Errorf("images of %s: %d empty images of %d x %d pixels", quote.Text(domain), n, w, h)
	}
	// The last index caps each slice, so that appending to the pixels of one image cannot reach the next.
	set := &Images{Items: make([]Image, n), IDs: make([]string, n), Domains: make([]string, n)}
	for i := range n {
		set.Items[i] = Image{W: w, H: h, C: 1, Pix: pix.Data[i*w*h : (i+1)*w*h : (i+1)*w*h]}
		set.IDs[i] = fmt.Sprintf("%s/%05d", domain, i)
		set.Domains[i] = domain
	}
	if labels == nil {
		return set, nil
	}
	values, err := ReadIDX(labels, maxBytes)
	if err != nil {
		return nil, fmt.Errorf("labels of %s: %w", quote.Text(domain), err)
	}
	if len(values.Dims) != 1 {
		return nil, fmt.Errorf("labels of %s: %d dimensions %v, want 1",
			quote.Text(domain), len(values.Dims), values.Dims)
	}
	if values.Dims[0] != n {
		return nil, fmt.Errorf("%s: %d images but %d labels", quote.Text(domain), n, values.Dims[0])
	}
	set.Labels = make([]string, n)
	for i, v := range values.Data {
		if int(v) >= len(classes) {
			return nil, fmt.Errorf("labels of %s: item %d has the value %d, but there are only %d classes",
				quote.Text(domain), i,
				v, len(classes))
		}
		set.Labels[i] = domain + "/" + classes[v]
	}
	return set, nil
}
