package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Two codecs of arrow-go allocate whatever a compressed page claims or unpacks to, although the
// header of the page has bounded it. These codecs stop at that bound: a page of 100 bytes cannot
// take a gigabyte. They keep the contract of [compress.Codec] and are registered for the
// whole program, since arrow-go has no other way.

// snappyCodec refuses a page whose own length is beyond the room in dst.
type snappyCodec struct{ compress.Codec }

// DecodeWithError unpacks src into dst, or into new memory where dst is nil. The result may
// be shorter than dst. It is safe for several goroutines, as is that of zstdCodec.
func (snappyCodec) DecodeWithError(dst, src []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(src)
	if err != nil {
		return nil, err
	}
	if dst != nil && n > len(dst) {
		return nil, fmt.Errorf("a page claims to unpack to %d bytes in one place and to %d in another", len(dst), n)
	}
	return snappy.Decode(dst, src)
}

// zstdCodec stops as soon as more is unpacked than dst has room for. bounded serves all
// goroutines; DecodeAll is safe for that.
type zstdCodec struct {
	compress.Codec
	bounded *zstd.Decoder
}

// DecodeWithError unpacks src into dst. Where dst is nil there is no bound to keep, and
// arrow-go's own codec unpacks into new memory.
func (c zstdCodec) DecodeWithError(dst, src []byte) ([]byte, error) {
	if dst == nil {
		return compress.Decode(c.Codec, nil, src)
	}
	return c.bounded.DecodeAll(src, dst[:0:len(dst)])
}

// streaming keeps what a codec also does for streams: arrow-go asks for it by a type
// assertion, which the wrapped codec alone would fail.
type streaming struct {
	compress.ErrorCodec
	compress.StreamingCodec
}

// The replacement happens once, for all programs that can read Parquet, before any of their
// goroutines opens a file.
func init() { //nolint:gochecknoinits // where arrow-go wants codecs to be registered
	bounded, err := zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // only where the options do not fit together
	}
	register(compress.Codecs.Snappy, func(c compress.Codec) compress.ErrorCodec { return snappyCodec{c} })
	register(compress.Codecs.Zstd, func(c compress.Codec) compress.ErrorCodec { return zstdCodec{c, bounded} })
}

// register replaces the codec that arrow-go has for which by wrap's. It must run before any
// file is opened: the table of codecs has no lock.
func register(which compress.Compression, wrap func(compress.Codec) compress.ErrorCodec) {
	known, err := compress.GetCodec(which)
	if err != nil {
		panic(err) // arrow-go has always had both
	}
	wrapped := wrap(known)
	if stream, ok := known.(compress.StreamingCodec); ok {
		compress.RegisterCodec(which, streaming{wrapped, stream})
		return
	}
	compress.RegisterCodec(which, wrapped)
}
