package images_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
	"github.com/go-siamese/lab/data/internal/mutate"
)

// TestMutations is a short run of the fuzz targets with mutations that are the same every time.
func TestMutations(t *testing.T) {
	array := labtest.Idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	var images [][]byte
	for _, name := range labtest.Must(filepath.Glob("testdata/images/*.*")) {
		if filepath.Ext(name) != ".json" {
			images = append(images, labtest.Must(os.ReadFile(name)))
		}
	}
	for _, reader := range []struct {
		name  string
		seed  uint64
		keep  int // bytes that tell the format
		seeds [][]byte
		check func(t *testing.T, content []byte)
	}{
		{"IDX", 1, 2, [][]byte{array, labtest.Gzipped(array)},
			func(t *testing.T, content []byte) { imagestest.CheckIDX(t, content) }},
		{"image", 3, 4, images, func(t *testing.T, content []byte) { imagestest.CheckImage(t, content) }},
	} {
		t.Run(reader.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(13, reader.seed))
			pick := func() []byte { return reader.seeds[rng.IntN(len(reader.seeds))] }
			for k := range 500 {
				content := mutate.Bytes(rng, pick(), pick(), reader.keep)
				reader.check(t, content)
				if t.Failed() {
					t.Fatalf("mutation %d: %q", k, content)
				}
			}
		})
	}
}
