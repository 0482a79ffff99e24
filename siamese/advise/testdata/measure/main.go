// Command measure says how many flipped labels advise finds among the built-in images, and how many others it takes for
// wrong.
//
//	go run ./siamese/advise/testdata/measure -each 100 -seeds 5
//
// Every seed draws other images and flips a share of their labels to any other class by chance.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/stats"
)

func main() {
	each := flag.Int("each", 100, "images of each class")
	seeds := flag.Int("seeds", 5, "draws")
	share := flag.Float64("share", .02, "share of labels to flip")
	flag.Parse()
	ctx := context.Background()
	var precisions, recalls []float64
	for seed := range uint64(*seeds) {
		pictures, err := builtin.Sample(*each, 100+seed)
		if err != nil {
			log.Fatal(err)
		}
		f, err := features.Extract(ctx, pictures, features.Default(), nil)
		if err != nil {
			log.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 1))
		names, _ := f.Classes()
		flipped := map[int]bool{}
		for len(flipped) < int(*share*float64(f.N())) {
			i, label := rng.IntN(f.N()), names[rng.IntN(len(names))]
			if !flipped[i] && label != f.Labels[i] {
				f.Labels[i], flipped[i] = label, true
			}
		}
		a, err := advise.Run(ctx, f, advise.Options{Seed: seed, NoCurves: true})
		if err != nil {
			log.Fatal(err)
		}
		hits := 0
		for _, s := range a.Labels.Suspects {
			if flipped[s.Item] {
				hits++
			}
		}
		found := len(a.Labels.Suspects)
		fmt.Printf("seed %d: %d of %d flipped, %d suspects, %d of them flipped\n", seed, len(flipped), f.N(), found, hits)
		precisions = append(precisions, float64(hits)/float64(max(found, 1)))
		recalls = append(recalls, float64(hits)/float64(max(len(flipped), 1)))
	}
	for name, list := range map[string][]float64{"precision": precisions, "recall": recalls} {
		s, err := stats.Seeds(list, 0)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, s)
	}
}
