package embedding_test

import (
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/embedding"
)

func ExampleNearest() {
	// Embeddings of length 1 in the plane: three references and a query between the first two.
	references := &embedding.Embeddings{Values: []float32{1, 0, 0, 1, -1, 0}, N: 3, E: 2}
	query := &embedding.Embeddings{Values: []float32{0.8, 0.6}, N: 1, E: 2}
	nearest, err := embedding.Nearest(query, references, 2, false)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range nearest[0] {
		fmt.Printf("item %d, cosine %.1f\n", n.Item, n.Cosine)
	}
	// Output:
	// item 0, cosine 0.8
	// item 1, cosine 0.6
}
