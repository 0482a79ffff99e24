package search_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

func ExampleNew() {
	ctx := context.Background()
	index, err := search.New(2, search.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer index.Close()
	references := &embedding.Embeddings{Values: []float32{1, 0, 0.6, 0.8, 0, 1}, N: 3, E: 2}
	items := &data.Frame{IDs: []string{"a", "b", "c"}, Labels: []string{"mug", "mug", "bowl"}}
	if err := index.Add(ctx, references, items); err != nil {
		log.Fatal(err)
	}
	query := &embedding.Embeddings{Values: []float32{0.8, 0.6}, N: 1, E: 2}
	found, err := index.Search(ctx, query, search.Options{K: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range found.Lists[0] {
		fmt.Printf("%s, cosine %.2f\n", index.Item(f.Item), f.Cosine)
	}
	// Output:
	// b [mug], cosine 0.96
	// a [mug], cosine 0.80
}

func ExampleLoad() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "items.index")
	index, err := search.New(2, search.Config{})
	if err != nil {
		log.Fatal(err)
	}
	references := &embedding.Embeddings{Values: []float32{1, 0, 0, 1}, N: 2, E: 2}
	if err := index.Add(ctx, references, &data.Frame{IDs: []string{"a", "b"}}); err != nil {
		log.Fatal(err)
	}
	if err := index.Save(path); err != nil {
		log.Fatal(err)
	}

	loaded, err := search.Load(ctx, path) // another day
	if err != nil {
		log.Fatal(err)
	}
	defer loaded.Close()
	number, ok := loaded.Number("b")
	fmt.Println("b is item", number, ok)
	// Output: b is item 1 true
}
