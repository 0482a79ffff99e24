// Command better measures by how much a sampler is better than random on the built-in data, with intervals over seeds:
// for every seed both search the usual space with the same split and budget.
//
//	go run ./siamese/study/testdata/better -seeds 10 -state better
//
// With -state it goes on where it was interrupted. The recommended configuration is made small by -epochs and
// -per-class; a seed of 2 x 40 trials takes about four minutes on two cores that do nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/stop"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/search"
	"github.com/go-siamese/lab/siamese/study/space"
)

var (
	seeds    = flag.Int("seeds", 10, "seeds of splits and samplers")
	trials   = flag.Int("trials", 40, "trials of each search")
	epochs   = flag.Int("epochs", 2, "epochs of a trial")
	perClass = flag.Int("per-class", 60, "items of each class")
	sampler  = flag.String("sampler", "tpe", "sampler that is compared with random")
	state    = flag.String("state", "", "folder to resume from")
)

func main() {
	flag.Parse()
	if err := run(stop.OnSignal(context.Background())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	pictures, err := builtin.Sample(*perClass, 1)
	if err != nil {
		return err
	}
	frame, err := features.Extract(ctx, pictures, features.Default(), nil)
	if err != nil {
		return err
	}
	backend, err := siamese.OpenBackend("")
	if err != nil {
		return err
	}
	base := siamese.Recommended()
	base.Epochs, base.PairsPerEpoch, base.BatchPairs, base.SamplesPerClass = *epochs, 2048, 64, 4
	base.WarmupSteps = 10
	fmt.Printf("%d trials of %d epochs with %d pairs each, %d items with %d features, %s; seed by seed:\n", *trials, base.Epochs,
		base.PairsPerEpoch, frame.N(), frame.F(), backend.Name())
	var selected, held []float64 // differences, by seed
	for seed := range *seeds {
		var scores [2]*found.Honest
		for k, name := range []string{"random", *sampler} {
			s, err := search.ByName(name)
			if err != nil {
				return err
			}
			opt := study.SearchOptions{Space: space.Usual(base), Sampler: s, Seed: uint64(seed), Trials: *trials}
			if *state != "" { // a folder each: the first trials of both may be the same
				opt.Dir = filepath.Join(*state, fmt.Sprintf("%s-%d", name, seed))
			}
			out, err := study.RunSearch(ctx, backend, frame, base, opt)
			if err != nil {
				return err
			}
			scores[k] = out.Honest
			if err := out.Model.Close(); err != nil {
				return err
			}
		}
		fmt.Printf("seed %d: random %.4f (held out %.4f), %s %.4f (%.4f)\n", seed, scores[0].Selection, scores[0].HeldOut,
			*sampler, scores[1].Selection, scores[1].HeldOut)
		selected = append(selected, scores[1].Selection-scores[0].Selection)
		held = append(held, scores[1].HeldOut-scores[0].HeldOut)
	}
	for _, of := range []struct {
		name   string
		values []float64
	}{{"where they were chosen", selected}, {"on classes that chose nothing", held}} {
		s, err := stats.Seeds(of.values, 0)
		if err != nil {
			return err
		}
		fmt.Printf("%s - random, MAP@R of the winners %s: %s\n", *sampler, of.name, s)
	}
	return nil
}
