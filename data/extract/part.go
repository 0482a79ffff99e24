package extract

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/openfile"
)

const (
	// partPrefix begins the names of parts; their hash follows, see plan.
	partPrefix = "part-"
	// partMagic begins their content and holds the version of the format.
	partMagic = "SLPART1\n"
	// maxPartNotes bounds the bytes of a part's messages about images that cannot be read.
	maxPartNotes = 1 << 20
)

// partHead is the header of a part.
type partHead struct {
	// Rows and Features are the shape of the values.
	Rows, Features int
	// Failed says why the image of a row cannot be read.
	Failed map[int]string
	// Flat says which rows are of images that are constant, or nearly so.
	Flat map[int]images.Flatness
	// Several are the rows of images that are the first of several pictures in their files.
	Several map[int]bool
	// Beyond counts the grey values of a row's image that were cut to the range, see [features.Config.Beyond].
	Beyond map[int]int
	// Retry means that some of Failed have reasons of the file system, which may pass: the part is computed again.
	Retry bool
}

// A part is: the magic; the length of the head, 4 bytes; the head as JSON; the values [Rows, Features] as
// float32, those of failed rows meaningless; the xxh3 hash of all this, 8 bytes. Numbers are little-endian. The
// hash detects parts that a crash of the machine has damaged, so that writing need not wait for the disk.

// savePart writes a part of values, [Rows, Features]; messages about images that cannot be read are cut to a bounded
// length, in about too. The file is either complete or absent, but for a crash of the machine.
func savePart(path string, values []float32, about partHead) error {
	for i, why := range about.Failed {
		const most = maxPartNotes / partImages / 8 // JSON may escape a byte as six
		about.Failed[i] = why[:min(len(why), most)]
	}
	head, err := json.Marshal(about)
	if err != nil {
		return err
	}
	out := make([]byte, 0, len(partMagic)+4+len(head)+4*len(values)+8)
	out = append(out, partMagic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	out = binary.LittleEndian.AppendUint64(out, xxh3.Hash(out))
	return atomicfile.WriteCache(path, func(w io.Writer) error {
		_, err := w.Write(out)
		return err
	})
}

// loadPart returns the values and the header of a part. It is an error when the file is missing, damaged, or of
// another size than rows and features make. The content is not trusted: memory is bounded by the size that is expected,
// whatever the file claims.
func loadPart(path string, rows, features int) (values []float32, head partHead, err error) {
	opened, err := openfile.Part(path)
	if err != nil {
		return nil, head, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, head, err
	}
	size := int64(rows) * int64(features) * 4
	if info.Size() > size+maxPartNotes+64 {
		return nil, head, fmt.Errorf("%d bytes are too many", info.Size())
	}
	file := make([]byte, info.Size())
	if _, err := io.ReadFull(opened, file); err != nil {
		return nil, head, err
	}
	if len(file) < len(partMagic)+12 || !bytes.HasPrefix(file, []byte(partMagic)) {
		return nil, head, errors.New("it does not begin as a part does")
	}
	body, sum := file[:len(file)-8], binary.LittleEndian.Uint64(file[len(file)-8:])
	if xxh3.Hash(body) != sum {
		return nil, head, errors.New("it is damaged: its hash is another")
	}
	n := int64(binary.LittleEndian.Uint32(body[len(partMagic):]))
	body = body[len(partMagic)+4:]
	if n > int64(len(body)) || json.Unmarshal(body[:n], &head) != nil {
		return nil, head, errors.New("its head cannot be read")
	}
	if head.Rows != rows || head.Features != features || int64(len(body))-n != size {
		return nil, head, fmt.Errorf("it has %d x %d values in %d bytes, want %d x %d", head.Rows, head.Features,
			int64(len(body))-n, rows, features)
	}
	values = make([]float32, rows*features)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[n+4*int64(i):]))
	}
	return values, head, nil
}
