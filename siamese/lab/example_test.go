package lab_test

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/lab"
)

// From a file to an answer. In a cell nothing is imported, and what stands in last place is shown.
func Example() {
	items := lab.Open("items.parquet", lab.ID("sku"), lab.Domain("source"))
	fmt.Println(items.Describe())
	split := items.Split(lab.Seed(42))
	model := split.Train(lab.Set("Epochs", 20))
	fmt.Println(model.Evaluate().Verdict)
	fmt.Println(model.Score("a-17", "b-4"))
	fmt.Println(model.Similar("a-17", 5))
	fmt.Println(model.SimilarTo(lab.Pictures("new/*.png"), 5))
}

func ExampleSet() {
	cfg := lab.Config()
	for _, setting := range []lab.Setting{lab.Set("Epochs", 3), lab.Set("learning_rate", 1e-3), lab.Set("Loss.Margin", 0)} {
		setting(&cfg)
	}
	fmt.Println(cfg.Epochs, cfg.LearningRate, cfg.Loss.Margin)
	// Output: 3 0.001 0
}

// A function of your own sets what it likes.
func ExampleSplit_Train() {
	split := lab.Builtin(20).Split()
	model := split.Train(lab.Recommended, func(c *config.Config) { c.Layers = []int{64, 32} })
	fmt.Println(model.Threshold)
}

func ExampleItems_Split() {
	items := lab.Open("items.parquet")
	split := items.Split(lab.By("classes"), lab.HoldOut("mug", "vase"), lab.Seed(7))
	fmt.Println(split.Sides)
}

func ExampleModel_SimilarTo() {
	items := lab.Open("photos")
	model := items.Load("model.safetensors")
	for _, near := range model.SimilarTo(lab.Pictures("new/*.png"), 3) {
		fmt.Println(near.Query, near.List[0].ID)
	}
}
