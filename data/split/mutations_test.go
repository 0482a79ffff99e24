package split

import (
	"encoding/json"
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
	frame := labelled(4, 4, 4)
	split := labtest.Must(json.Marshal(labtest.Must(Items(frame, ItemOptions{Val: 2, Test: 3})).manifest(frame)))
	held := labtest.Must(json.Marshal(labtest.Must(Classes(frame,
		ClassOptions{HeldOutCount: 1, ValClasses: 1})).manifest(frame)))
	array := labtest.Idx(8, []uint32{2, 3}, 1, 2, 3, 4, 5, 6)
	var images [][]byte
	for _, name := range labtest.Must(filepath.Glob("../images/testdata/images/*.*")) {
		if filepath.Ext(name) != ".json" {
			images = append(images, labtest.Must(os.ReadFile(name)))
		}
	}
	for at, reader := range []struct {
		name  string
		keep  int // bytes that tell the format
		seeds [][]byte
		check func(t *testing.T, content []byte, k int)
	}{
		{"IDX", 2, [][]byte{array, labtest.Gzipped(array)},
			func(t *testing.T, content []byte, _ int) { imagestest.CheckIDX(t, content) }},
		{"split", 0, [][]byte{split, held}, func(t *testing.T, content []byte,
			_ int) {
			checkSplit(t, content, frame)
		}},
		{"image", 4, images, func(t *testing.T, content []byte, _ int) { imagestest.CheckImage(t, content) }},
	} {
		t.Run(reader.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(13, uint64(at+1)))
			pick := func() []byte { return reader.seeds[rng.IntN(len(reader.seeds))] }
			for k := range 500 {
				content := mutate.Bytes(rng, pick(), pick(), reader.keep)
				reader.check(t, content, k)
				if t.Failed() {
					t.Fatalf("mutation %d: %q", k, content)
				}
			}
		})
	}
}
