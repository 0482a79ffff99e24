package rawtiff

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/image/tiff/lzw"
)

// Compressions, as tag 259 has them.
const (
	compressionNone, compressionLZW, compressionJPEG    = 1, 5, 7
	compressionDeflate, compressionOldDeflate           = 8, 32946
	compressionPackBits, compressionZstd                = 32773, 50000
	compressionFax, compressionFax3, compressionFax4    = 2, 3, 4
	compressionOldJPEG, compressionWebP, compressionLZM = 6, 50001, 34925
)

// compressionNames name compressions that are not read, for messages: most have no decoder in Go that is kept, and
// faxes are read by golang.org/x/image/tiff before this package is asked.
var compressionNames = map[int]string{
	compressionFax: "a fax", compressionFax3: "a fax", compressionFax4: "a fax", compressionOldJPEG: "old-style JPEG",
	compressionWebP: "WebP", compressionLZM: "LZMA", 34712: "JPEG 2000", 50002: "JPEG XL", 34887: "LERC",
}

// unpack returns the n bytes that a compressed part of the picture holds, in memory of their own. More are left unread,
// fewer are [io.ErrUnexpectedEOF]; compressions that are not read are an [UnsupportedError].
func unpack(part []byte, compression, n int) ([]byte, error) {
	var r io.Reader
	switch compression {
	case compressionNone:
		if len(part) < n {
			return nil, io.ErrUnexpectedEOF
		}
		return bytes.Clone(part[:n]), nil // predictors change it
	case compressionLZW:
		z := lzw.NewReader(bytes.NewReader(part), lzw.MSB, 8)
		defer z.Close()
		r = z
	case compressionDeflate, compressionOldDeflate:
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	case compressionPackBits:
		return packBits(part, n)
	case compressionZstd:
		z, err := zstd.NewReader(bytes.NewReader(part), zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	default:
		if name, known := compressionNames[compression]; known {
			return nil, UnsupportedError("a TIFF compressed as " + name)
		}
		return nil, UnsupportedError(fmt.Sprintf("a TIFF of compression %d", compression))
	}
	out := make([]byte, n)
	if _, err := io.ReadFull(r, out); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return out, nil
}

// packBits unpacks runs: a count of bytes that follow, or minus a count of repetitions of the next one, less one each.
func packBits(part []byte, n int) ([]byte, error) {
	out := make([]byte, 0, n)
	for len(out) < n {
		if len(part) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		switch count := int(int8(part[0])); {
		case count >= 0:
			if len(part) < count+2 {
				return nil, io.ErrUnexpectedEOF
			}
			out = append(out, part[1:count+2]...)
			part = part[count+2:]
		case count == -128:
			part = part[1:]
		default:
			out = append(out, bytes.Repeat(part[1:2], 1-count)...)
			part = part[2:]
		}
	}
	return out[:n], nil
}

// undo takes back the predictor of rows of w pixels with the given samples: differences of neighbours, or of the bytes
// of floating-point numbers, which are then stored byte by byte.
func (f *File) undo(rows []byte, w, samples int) error {
	size := f.Bits / 8
	stride := w * samples * size
	switch predictor := f.first(tagPredictor, 1); {
	case predictor == 1:
		return nil
	case predictor == 2 && f.Bits%8 == 0:
		for ; len(rows) >= stride; rows = rows[stride:] {
			for at := samples * size; at < stride; at += size {
				f.addAt(rows[at:], rows[at-samples*size:], size)
			}
		}
		return nil
	case predictor == 3 && f.Float:
		plain := make([]byte, stride)
		for ; len(rows) >= stride; rows = rows[stride:] {
			for i := samples; i < stride; i++ {
				rows[i] += rows[i-samples]
			}
			for i := range w * samples { // the highest bytes of all numbers come first
				for b := range size {
					place := b
					if f.order.Uint16([]byte{1, 0}) == 1 { // little-endian
						place = size - 1 - b
					}
					plain[i*size+place] = rows[b*w*samples+i]
				}
			}
			copy(rows, plain)
		}
		return nil
	default:
		return UnsupportedError(fmt.Sprintf("a TIFF of predictor %d with %d bits a sample", predictor, f.Bits))
	}
}

// addAt adds a number of size bytes to another one, in place and in the byte order of the file. Sums wrap around, as
// the differences did.
func (f *File) addAt(to, by []byte, size int) {
	switch size {
	case 1:
		to[0] += by[0]
	case 2:
		f.order.PutUint16(to, f.order.Uint16(to)+f.order.Uint16(by))
	case 4:
		f.order.PutUint32(to, f.order.Uint32(to)+f.order.Uint32(by))
	case 8:
		f.order.PutUint64(to, f.order.Uint64(to)+f.order.Uint64(by))
	}
}
