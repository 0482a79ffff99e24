package siamese_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/stats"
)

func Example() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val := labtest.Pictures("train", 60, 1), labtest.Pictures("val", 30, 2)
	test := labtest.Pictures("test", 30, 3)
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	evaluated, err := evaluate.Items(ctx, backend, evaluate.One(result.Model), "new items", val, test,
		evaluate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	report := evaluated.One()
	fmt.Println("pairs of test items:", report.Pairs)
	fmt.Println("better than not training:",
		report.Trained.Values[stats.MAPAtR] > report.Baseline.Values[stats.MAPAtR]+0.1)
	fmt.Println("ROC-AUC above 0.9:", report.Trained.Values[stats.ROCAUC] > 0.9)
	// Output:
	// pairs of test items: 4005
	// better than not training: true
	// ROC-AUC above 0.9: true
}

func ExampleModel_Probability() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val := labtest.Pictures("train", 60, 1), labtest.Pictures("val", 30, 2)
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	half, err := result.Model.Probability(1, 0) // among pairs half of which are the same, as in training
	if err != nil {
		log.Fatal(err)
	}
	rare, err := result.Model.Probability(1, 0.01) // among pairs of which one in a hundred is the same
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a cosine of 1 is a good sign:", half > 0.9, "but less so where few pairs are the same:", rare < half)
	// Output: a cosine of 1 is a good sign: true but less so where few pairs are the same: true
}

func ExampleModel_Save() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val := labtest.Pictures("train", 60, 1), labtest.Pictures("val", 30, 2)
	result, err := siamese.Train(ctx, backend, toymodel.SmallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "textures.safetensors")
	if err := result.Model.Save(path); err != nil {
		log.Fatal(err)
	}

	model, err := siamese.Load(path) // another day
	if err != nil {
		log.Fatal(err)
	}
	unseen := labtest.Pictures("unseen", 1, 9)
	fmt.Println(model.F(), "features,", model.E(), "numbers in an embedding")
	for j := range 3 {
		score, err := model.Score(ctx, backend, unseen, 0, labtest.Pictures("reference", 1, 8), j)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s and %s: same is %v\n", unseen.Labels[0], unseen.Labels[j], score.Same)
	}
	// Output:
	// 6 features, 8 numbers in an embedding
	// brick and brick: same is true
	// brick and grass: same is false
	// brick and sand: same is false
}

func ExampleConfig_Validate() {
	cfg := siamese.DefaultConfig()
	cfg.Dropout, cfg.Epochs = 1.5, 0
	fmt.Println(cfg.Validate())
	// Output:
	// dropout: 1.5 is not in [0, 1)
	// epochs: 0 is less than 1
}

func ExampleModel_Embed() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	items := labtest.Pictures("item", 2, 1)
	model := toymodel.Identity(items.Columns) // siamese.Load("model.safetensors")
	z, err := model.Embed(ctx, backend, items)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(z.N, "items of", z.E, "numbers each")
	// Output: 6 items of 6 numbers each
}

func ExampleModel_Adapt() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val := labtest.InBlocks("train", 12, 1), labtest.InBlocks("val", 6, 2)
	cfg := toymodel.SmallConfig()
	cfg.FeatureShare, cfg.PLDA = 0.5, "features"
	model, err := siamese.Untrained(ctx, cfg, train) // siamese.Train, or siamese.Load
	if err != nil {
		log.Fatal(err)
	}
	others := labtest.InBlocks("other", 9, 3)
	others.Labels = nil // of another population, and nobody has said what they are
	adapted, err := model.Adapt(ctx, backend, others, val)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.Notes)
	// Output: [PLDA of the features is adapted to 36 items without labels]
}
