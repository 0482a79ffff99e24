package session_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

// From a file to an answer. A second run of the cell computes nothing, and another number trained with takes up where
// the frame, the split and the compiled step are.
func Example() {
	ctx := context.Background()
	s, err := session.Connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	items, err := s.Open(ctx, "items.parquet", session.OpenOptions{ID: "sku"})
	if err != nil {
		log.Fatal(err)
	}
	split, err := items.Split(ctx, session.SplitOptions{Seed: 42})
	if err != nil {
		log.Fatal(err)
	}
	cfg := config.Default()
	cfg.Epochs = 5
	model, err := split.Train(ctx, cfg, session.TrainOptions{
		Progress: func(p session.Progress) { fmt.Println(p) }})
	if err != nil {
		log.Fatal(err)
	}
	report, err := model.Evaluate(ctx, split, session.EvaluateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict)
	nearest, err := model.Similar(ctx, items, "a-17", 5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(nearest)
}

// New pictures are put through a model with the settings of its features.
func ExampleModel_SimilarTo() {
	ctx := context.Background()
	s, err := session.Connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	model, err := s.Load(ctx, "model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	photos, err := s.Open(ctx, "photos", session.OpenOptions{Settings: model.Settings})
	if err != nil {
		log.Fatal(err)
	}
	fresh, err := s.Open(ctx, "new.png", session.OpenOptions{Settings: model.Settings})
	if err != nil {
		log.Fatal(err)
	}
	nearest, err := model.SimilarTo(ctx, photos, fresh, "new.png", 5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(nearest)
}
