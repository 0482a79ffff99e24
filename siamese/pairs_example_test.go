package siamese_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
)

// Pairs that people judged, in a file, over a frame that has no classes: read, split by item, evaluate.
func ExampleEvaluatePairs() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	result, err := siamese.Train(ctx, backend, smallConfig(), pictures("train", 60, 1), pictures("val", 30, 2), siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	frame := pictures("new", 40, 3)
	sampler, err := siamese.NewPairSampler(frame, siamese.SamplerOptions{WithinDomain: 0.5}) // stands for people here
	if err != nil {
		log.Fatal(err)
	}
	frame.Labels = nil
	dir, err := os.MkdirTemp("", "pairs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "judged.csv")
	if err := table.SavePairs(path, frame, table.Pairs(sampler.Draw(400, 1))); err != nil {
		log.Fatal(err)
	}

	judged, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{})
	if err != nil {
		log.Fatal(err)
	}
	split, err := siamese.SplitPairs(siamese.Pairs(judged), frame, siamese.PairSplitOptions{Val: 0.3, Test: 0.3, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	report, err := siamese.EvaluatePairs(ctx, backend, result.Model, "judged pairs", frame, split.Val, split.Test)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("on a side or lost:", split.Train.Len()+split.Val.Len()+split.Test.Len()+split.Lost.Len(), "of", len(judged.Label))
	fmt.Println("better than not training:", report.Trained.ROCAUC > report.Baseline.ROCAUC)
	// Output:
	// on a side or lost: 400 of 400
	// better than not training: true
}

func ExampleSplitPairs() {
	// Three trios of items; within a trio each pair was judged, and one pair links two trios.
	pairs := siamese.Pairs{
		Left:  []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 2},
		Right: []int32{1, 2, 0, 4, 5, 3, 7, 8, 6, 3},
		Label: []float32{1, 0, 1, 1, 1, 0, 1, 1, 0, 0},
	}
	split, err := siamese.SplitPairs(pairs, pictures("item", 3, 1), siamese.PairSplitOptions{Val: 3, Test: 3, Seed: 1})
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
