package evaluate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

func ExampleItems() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val, test := labtest.Pictures("train", 60, 1), labtest.Pictures("val", 30, 2),
		labtest.Pictures("test", 30, 3)
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	evaluated, err := evaluate.Items(ctx, backend, evaluate.One(result.Model), "new items", val, test,
		evaluate.Options{Train: train})
	if err != nil {
		log.Fatal(err)
	}
	report := evaluated.One()
	for _, f := range report.Rows() {
		fmt.Println(f.Name)
	}
	fmt.Println("surely better than the standardised features:",
		report.Trained.Intervals.Estimates[stats.MAPAtR].Low > report.Baseline.Intervals.Estimates[stats.MAPAtR].High)
	// Output:
	// standardised features, no training
	// raw features, no training
	// principal components, no training
	// whitened principal components, no training
	// linear discriminants of training items
	// PLDA of whitened components
	// KISSME of whitened components
	// local Fisher discriminants (LFDA)
	// neighbourhood components (NCA)
	// untrained encoder
	// classifier's last hidden layer
	// trained encoder
	// surely better than the standardised features: true
}

// Pairs that people labelled, in a file, over a frame that has no classes: read, split by item, evaluate.
func ExamplePairs() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), labtest.Pictures("train", 60, 1),
		labtest.Pictures("val", 30, 2), siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	frame := labtest.Pictures("new", 40, 3)
	sampler, err := pairs.NewSampler(frame, pairs.SamplerOptions{WithinDomain: 0.5}) // stands for people here
	if err != nil {
		log.Fatal(err)
	}
	frame.Labels = nil
	dir, err := os.MkdirTemp("", "pairs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "labelled.csv")
	drawn, err := sampler.Draw(400, 1)
	if err != nil {
		log.Fatal(err)
	}
	if err := table.SavePairs(path, frame, table.Pairs(drawn)); err != nil {
		log.Fatal(err)
	}

	labelled, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{})
	if err != nil {
		log.Fatal(err)
	}
	split, err := pairs.NewSplit(pairs.Pairs(labelled), frame, pairs.SplitOptions{Val: 0.3, Test: 0.3, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	evaluated, err := evaluate.Pairs(ctx, backend, evaluate.One(result.Model), "labelled pairs", frame, split.Val,
		split.Test, evaluate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	report := evaluated.One()
	fmt.Println("on a side or lost:", split.Train.Len()+split.Val.Len()+split.Test.Len()+split.Lost.Len(), "of",
		len(labelled.Label))
	fmt.Println("better than not training:", report.Trained.Values[stats.ROCAUC] > report.Baseline.Values[stats.ROCAUC])
	// Output:
	// on a side or lost: 400 of 400
	// better than not training: true
}
