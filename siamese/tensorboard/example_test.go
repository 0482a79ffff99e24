package tensorboard_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

// items returns n items of two classes.
func items(prefix string, n int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &data.Frame{Columns: []string{"a", "b"}, Blocks: []data.Block{{Name: "numbers", Start: 0, End: 2}}}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprint(prefix, i))
		f.Labels = append(f.Labels, []string{"left", "right"}[i%2])
		f.X = append(f.X, float32(4*(i%2))+float32(rng.NormFloat64()), float32(rng.NormFloat64()))
	}
	return f
}

// A run shows a bar, keeps its history and writes curves: look at them with `tensorboard --logdir runs`.
func ExampleProgress() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	curves, err := tensorboard.NewWriter(filepath.Join(dir, "first"))
	if err != nil {
		log.Fatal(err)
	}
	lines, err := history.Open(filepath.Join(dir, "first", "history.jsonl"))
	if err != nil {
		log.Fatal(err)
	}
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{4}, 2, 200, 20, 100
	_, err = siamese.Train(context.Background(), backend, cfg, items("train", 40, 1), items("val", 20, 2),
		siamese.TrainOptions{
			Progress: history.Tee(history.Bar(os.Stderr), lines.Progress(), tensorboard.Progress(curves)),
		})
	if err != nil {
		log.Fatal(err)
	}
	if err := curves.Close(); err != nil { // what failed while training comes out here
		log.Fatal(err)
	}
	if err := lines.Close(); err != nil {
		log.Fatal(err)
	}
	epochs, err := history.Read(filepath.Join(dir, "first", "history.jsonl"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(epochs), "epochs,", strings.HasPrefix(filepath.Base(curves.Path()), "events.out.tfevents."))
	// Output: 2 epochs, true
}
