package table_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/table"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "items")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "items.csv") // or Parquet, Arrow, NPY, NPZ: the content says which
	if err := os.WriteFile(path, []byte("id,label,hog/1,hog/2\na,mug,0.5,1\nb,bowl,2,0.25\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	frame, explanation, err := table.Open(context.Background(), path, table.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(frame.N(), "items of", frame.F(), "features, labels", frame.Labels)
	fmt.Println(explanation.Notes[0])
	// Output:
	// 2 items of 2 features, labels [mug bowl]
	// cells are separated by ','
}
