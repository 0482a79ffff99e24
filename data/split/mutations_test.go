package split

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/mutate"
)

// TestMutations is a short run of FuzzLoad with mutations that are the same every time.
func TestMutations(t *testing.T) {
	frame := labelled(4, 4, 4)
	seeds := [][]byte{
		labtest.Must(json.Marshal(labtest.Must(Items(frame, ItemOptions{Val: 2, Test: 3})).manifest(frame))),
		labtest.Must(json.Marshal(labtest.Must(Classes(frame,
			ClassOptions{HeldOutCount: 1, ValClasses: 1})).manifest(frame))),
	}
	rng := rand.New(rand.NewPCG(13, 2))
	pick := func() []byte { return seeds[rng.IntN(len(seeds))] }
	for k := range 500 {
		content := mutate.Bytes(rng, pick(), pick(), 0)
		checkSplit(t, content, frame)
		if t.Failed() {
			t.Fatalf("mutation %d: %q", k, content)
		}
	}
}
