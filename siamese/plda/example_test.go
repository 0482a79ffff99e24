package plda_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/plda"
)

func ExampleFit() {
	// Three classes whose items differ by a tenth of what classes differ by.
	train := labtest.Toy("train", 3, 20, 3, 0.1, 1)
	z := &embedding.Embeddings{Values: train.X, N: train.N(), E: train.F()}
	model, err := plda.Fit(context.Background(), z, train.Labels, plda.Options{})
	if err != nil {
		log.Fatal(err)
	}
	llr, err := model.Scores(z, z) // of every item with every item
	if err != nil {
		log.Fatal(err)
	}
	last := train.N() - 1
	fmt.Println("the first two items are of one class:", train.Labels[0] == train.Labels[1], llr[1] > 0)
	fmt.Println("the first and the last are:", train.Labels[0] == train.Labels[last], llr[last] > 0)
	// Output:
	// the first two items are of one class: true true
	// the first and the last are: false false
}
