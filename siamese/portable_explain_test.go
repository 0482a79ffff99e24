package siamese_test

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/explain"
)

// JSON has a number in the fewest digits that give its bits again.
func init() {
	siamese.PortableExplanations = func(backend compute.Backend, m *siamese.Model, train, val *data.Frame) ([]byte, error) {
		ctx := context.Background()
		e, err := explain.New(ctx, backend, m, explain.Options{Background: train, Items: 24, Features: 40})
		if err != nil {
			return nil, err
		}
		var text []byte
		for j := 1; j < len(val.IDs) && err == nil; j += 7 {
			pair, failed := e.Pair(ctx, val, 0, val, j)
			one, wrong := json.Marshal(pair)
			text, err = append(text, one...), errors.Join(failed, wrong)
		}
		return text, errors.Join(err, e.Close())
	}
}
