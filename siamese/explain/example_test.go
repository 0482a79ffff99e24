package explain_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

func ExamplePair() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train := labtest.Pictures("train", 60, 1)
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, labtest.Pictures("val", 30, 2),
		siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	x, err := explain.Pair(ctx, backend, result.Model, labtest.Pictures("new", 2, 3), 0, 1,
		explain.Options{Background: train, Features: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("two of brick are more alike than any two items:", x.Cosine > x.Baseline+0.1)
	fmt.Println("what makes them so is in", min(x.Features[0].Name, x.Features[1].Name), "and",
		max(x.Features[0].Name, x.Features[1].Name))
	// Output:
	// two of brick are more alike than any two items: true
	// what makes them so is in texture/0 and texture/1
}

func ExampleBlocks() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	inBlocks := func(f *data.Frame) *data.Frame {
		f.Blocks = []data.Block{{Name: "colour", Start: 0, End: 2}, {Name: "noise", Start: 2, End: 6}}
		return f
	}
	train, val, test := inBlocks(labtest.Pictures("train", 60, 1)), inBlocks(labtest.Pictures("val", 30, 2)),
		inBlocks(labtest.Pictures("test", 30, 3))
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	opt := explain.BlocksOptions{Explain: explain.Options{Background: train, NoFeatures: true}, Pairs: 50}
	x, err := explain.Blocks(ctx, backend, result.Model, test, opt)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range x.Similarities {
		colour, noise := s.Blocks[0], s.Blocks[1]
		fmt.Println(s.Name)
		fmt.Println("  noise alone is of little use:", noise.Only.MAPAtR < 0.5,
			"and without it all is as good or better:", noise.LeaveOneOut.MAPAtR > s.Full.MAPAtR-0.05)
		fmt.Println("  colour brings classes apart more than noise:", colour.Apart() > 2*noise.Apart())
	}
	// Output:
	// standardised features, no training
	//   noise alone is of little use: true and without it all is as good or better: true
	//   colour brings classes apart more than noise: true
	// trained encoder
	//   noise alone is of little use: true and without it all is as good or better: true
	//   colour brings classes apart more than noise: true
}
