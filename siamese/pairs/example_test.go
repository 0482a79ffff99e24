package pairs_test

import (
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/pairs"
)

func ExampleSampler_Draw() {
	sampler, err := pairs.NewSampler(labtest.Pictures("train", 60, 1), pairs.SamplerOptions{WithinDomain: 0.5})
	if err != nil {
		log.Fatal(err)
	}
	pairs, err := sampler.Draw(1000, 42)
	if err != nil {
		log.Fatal(err)
	}
	positive := 0
	for _, label := range pairs.Label {
		positive += int(label)
	}
	fmt.Println(pairs.Len(), "pairs,", positive, "positive")
	// Output: 1000 pairs, 500 positive
}

func ExampleNewSplit() {
	// Three trios of items; within a trio each pair is labelled, and one pair links two trios.
	given := pairs.Pairs{
		Left:  []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 2},
		Right: []int32{1, 2, 0, 4, 5, 3, 7, 8, 6, 3},
		Label: []float32{1, 0, 1, 1, 1, 0, 1, 1, 0, 0},
	}
	split, err := pairs.NewSplit(given, labtest.Pictures("item", 3, 1), pairs.SplitOptions{Val: 3, Test: 3, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(split)
	// Output:
	// train           3 items        3 pairs: 2 positive, 1 negative
	// validation      3 items        3 pairs: 2 positive, 1 negative
	// test            3 items        3 pairs: 2 positive, 1 negative
	// lost                           1 pairs: 0 positive, 1 negative
}
