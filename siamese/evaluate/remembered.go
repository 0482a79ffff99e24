package evaluate

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
)

// remembered returns a source that makes something of a frame once and returns the same embeddings again, which must
// not be changed. It is used by one goroutine.
func remembered(of embedding.Source) embedding.Source {
	known := map[*data.Frame]*embedding.Embeddings{}
	return func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		if z := known[f]; z != nil {
			return z, nil
		}
		z, err := of(ctx, f)
		if err == nil {
			known[f] = z
		}
		return z, err
	}
}
