package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Two codecs of arrow-go allocate whatever a compressed page claims or unpacks to, although the
// header of the page has bounded it. These codecs stop at that bound. They keep the contract of
// [compress.Codec] and are registered for the whole program, since arrow-go has no other way.

type snappyCodec struct{ compress.Codec }

// DecodeWithError unpacks src into dst, or into new memory where dst is nil.
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

type zstdCodec struct {
	compress.Codec
	bounded *zstd.Decoder
}

// DecodeWithError unpacks src into dst, or into new memory where dst is nil.
func (c zstdCodec) DecodeWithError(dst, src []byte) ([]byte, error) {
	if dst == nil {
		return compress.Decode(c.Codec, nil, src)
	}
	return c.bounded.DecodeAll(src, dst[:0:len(dst)])
}

// streaming keeps what a codec also does for streams.
type streaming struct {
	compress.ErrorCodec
	compress.StreamingCodec
}

func init() { //nolint:gochecknoinits // where arrow-go wants codecs to be registered
	bounded, err := zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // only where the options do not fit together
	}
	register(compress.Codecs.Snappy, func(c compress.Codec) compress.ErrorCodec { return snappyCodec{c} })
	register(compress.Codecs.Zstd, func(c compress.Codec) compress.ErrorCodec { return zstdCodec{c, bounded} })
}

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
