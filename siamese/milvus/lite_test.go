package milvus

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-siamese/lab/siamese/milvus/litetest"
)

func TestMain(m *testing.M) { litetest.Main(m) }

// config is of a collection of the server that tests share.
func config(t testing.TB, collection string) Config {
	t.Helper()
	return Config{Address: litetest.Shared(t).Address(), Collection: collection, Timeout: 20 * time.Second}
}

// create makes a collection that is dropped at the end of the test.
func create(t testing.TB, width int, c Config) *Collection {
	t.Helper()
	x, err := Create(t.Context(), width, "", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(x.Drop(context.Background()), x.Close()); err != nil {
			t.Error(err)
		}
	})
	return x
}
