package gallery_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
)

// plane has unit vectors of two classes: three near the x axis, three near the y axis.
func plane() *embedding.Embeddings {
	return &embedding.Embeddings{N: 6, E: 2, Values: []float32{1, 0, 0.96, 0.28, 0.8, 0.6, 0, 1, 0.28, 0.96, -0.28, 0.96}}
}

func ExampleExpand() {
	z := plane()
	expanded, err := gallery.Expand(context.Background(), z, gallery.Options{Neighbours: 2})
	if err != nil {
		log.Fatal(err)
	}
	cosine := func(of *embedding.Embeddings, i, j int) float32 {
		a, b := of.Values[2*i:2*i+2], of.Values[2*j:2*j+2]
		return a[0]*b[0] + a[1]*b[1]
	}
	fmt.Printf("items 0 and 2: cosine %.2f, expanded %.2f\n", cosine(z, 0, 2), cosine(expanded, 0, 2))
	// Output: items 0 and 2: cosine 0.80, expanded 0.91
}

func ExampleNewReranker() {
	ranker, err := gallery.NewReranker(context.Background(), plane(), gallery.RerankOptions{K1: 2, K2: 1})
	if err != nil {
		log.Fatal(err)
	}
	query := &embedding.Embeddings{N: 1, E: 2, Values: []float32{0.6, 0.8}} // between the classes
	best, err := ranker.Search(context.Background(), query, 2, 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, found := range best[0] {
		fmt.Println("item", found.Item)
	}
	// Output:
	// item 2
	// item 4
}
