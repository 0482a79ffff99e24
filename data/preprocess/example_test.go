package preprocess_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

func ExampleFit() {
	f := &data.Frame{
		X:       []float32{1, 7, 3, 7, 100, 7},
		Columns: []string{"a", "b"},
		Blocks:  []data.Block{{Name: "all", Start: 0, End: 2}},
		IDs:     []string{"x", "y", "new"},
	}
	// the third item is for the test
	transform, err := preprocess.Fit(context.Background(), f, []int{0, 1}, preprocess.Options{})
	if err != nil {
		log.Fatal(err)
	}
	scaled, err := transform.Frame(context.Background(), f)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(transform)
	fmt.Println(transform.Centre, transform.Factor)
	fmt.Println(scaled.X)
	// Output:
	// 2 features: standard scaling
	// [2 7] [1 0]
	// [-1 0 1 0 98 0]
}

func ExampleOptions() {
	missing := float32(math.NaN())
	f := &data.Frame{
		X: []float32{
			4, 0, 1, 9,
			0, missing, 3, 4,
			1, 2, 0, 1,
			9, 1, 5, 0,
		},
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0"},
		Blocks:  []data.Block{{Name: "hog", Start: 0, End: 3}, {Name: "glcm", Start: 3, End: 4}},
		IDs:     []string{"a", "b", "c", "d"},
	}
	transform, err := preprocess.Fit(context.Background(), f, []int{0, 1, 2, 3}, preprocess.Options{
		Impute: preprocess.ImputeMedian, SignedSqrt: true, EqualBlocks: true, Components: 2,
	})
	if err != nil {
		log.Fatal(err)
	}
	out, err := transform.Frame(context.Background(), f)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Columns, out)
	// Output: [pca/0 pca/1] 4 items x 2 features in 1 block
}

func ExampleTransform_Match() {
	f := &data.Frame{
		X:       []float32{1, 2, 3},
		Columns: []string{"hog/0", "hog/1", "glcm/0"},
		Blocks:  []data.Block{{Name: "hog", Start: 0, End: 2}, {Name: "glcm", Start: 2, End: 3}},
		IDs:     []string{"a"},
	}
	transform, err := preprocess.Fit(context.Background(), f, []int{0}, preprocess.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(transform.Match([]string{"glcm/0", "hog/0", "hog/1"}))
	_, err = transform.Match([]string{"hog/0", "hog/1", "lbp/0"})
	fmt.Println(err)
	// Output:
	// [1 2 0] <nil>
	// data: the features are not those the model was fitted on (3 columns, these are 3); missing: "glcm/0"; extra: "lbp/0"
}
