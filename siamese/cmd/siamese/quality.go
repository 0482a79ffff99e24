package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// qualityRun is one way of training, measured: a row of the table. Slices have an element for each round.
type qualityRun struct {
	name string
	// seconds is the wall time from the features to the model, compilation included.
	seconds []float64
	// val and test are MAP@R on the validation and the test items, in [0, 1].
	val, test []float64
}

// qualityData are the built-in images in the split of the quickstart: 80 % to train on, 10 % for validation and for
// test.
type qualityData struct{ train, val, test *data.Frame }

// quality measures the wall time to the same MAP@R and returns the table as Markdown. Every round has a seed of its
// own. In a round the Keras script and the default configuration train to their ends; the higher MAP@R on validation
// items that they reach is the target at which training on all pairs stops. With b.target above 0 the default
// configuration is left out, and that is the least target. folder is for files exchanged with the script. It takes
// minutes a round.
func (b *bench) quality(ctx context.Context, backendName, folder string) (string, error) {
	before := machine()
	backend, err := siamese.OpenBackend(backendName)
	if err != nil {
		return "", err
	}
	frame, err := builtinFrame(ctx, "", false)
	if err != nil {
		return "", err
	}
	split, err := split.Items(frame, split.ItemOptions{Val: 0.1, Test: 0.1, Stratify: true, Seed: 42})
	if err != nil {
		return "", err
	}
	q := qualityData{frame.Select(split.Train), frame.Select(split.Val), frame.Select(split.Test)}
	// Rows in the order of the table; one that is not measured is left out at the end.
	keras := &qualityRun{name: "Keras script, 100,000 pairs"}
	standard := &qualityRun{name: "Siamese Lab, default configuration"}
	all := &qualityRun{name: "Siamese Lab, all pairs of 256 items"}
	for round := range b.rounds {
		seed := uint64(42 + round)
		// The script comes first, since its result may raise the target.
		if b.python != "" {
			fmt.Fprintf(b.errOut, "round %d of %d: %s\n", round+1, b.rounds, keras.name)
			if err := b.keras(ctx, keras, q, seed, folder); err != nil {
				return "", err
			}
		}
		// The target is that of the round: other seeds reach other values.
		target := b.target
		if target == 0 {
			fmt.Fprintf(b.errOut, "round %d of %d: %s\n", round+1, b.rounds, standard.name)
			cfg := siamese.DefaultConfig()
			cfg.Seed = seed
			if err := standard.measure(ctx, backend, cfg, q, math.Inf(1)); err != nil {
				return "", err
			}
			target = standard.val[round]
		}
		if b.python != "" {
			target = max(target, keras.val[round])
		}
		fmt.Fprintf(b.errOut, "round %d of %d: %s, until MAP@R on validation items is %.4f\n", round+1, b.rounds,
			all.name, target)
		if err := all.measure(ctx, backend, allPairsConfig(seed), q, target); err != nil {
			return "", err
		}
	}
	// not asked for
	rows := slices.DeleteFunc([]*qualityRun{keras, standard, all}, func(r *qualityRun) bool { return r.seconds == nil })
	return qualityTable(rows, backend.Why, before, b.versions(ctx), b.rounds, b.target), nil
}

// allPairsConfig returns the configuration of training on all pairs of batches of 256 items, evaluated every 16
// batches, with the seed of a round. The settings were chosen on validation items. There is no early stopping: the
// target ends the training, or at last the hundredth evaluation.
func allPairsConfig(seed uint64) siamese.Config {
	cfg := siamese.DefaultConfig()
	cfg.Loss, _ = loss.Default("supcon") // a test holds that there is one
	cfg.Monitor, cfg.Seed = siamese.MonitorMAP, seed
	cfg.BatchNorm = true
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience, cfg.ValPairs = 16*cfg.BatchPairs, 100, 0, 2000
	return cfg
}

// measure trains until MAP@R on the validation items is at target or above, or to the end of the configuration,
// evaluates on the test items, and appends the results. [math.Inf](1) as target trains to the end. Everything from the
// features to the model is in the time, compilation too; the evaluation on test items is not.
func (r *qualityRun) measure(ctx context.Context, backend *siamese.Backend, cfg siamese.Config, q qualityData,
	target float64) error {
	stop, reached := context.WithCancel(ctx)
	defer reached()
	begun := time.Now()
	result, err := siamese.Train(stop, backend, cfg, q.train, q.val,
		siamese.TrainOptions{Progress: func(p siamese.Progress) {
			if p.Last != nil && p.Last.ValMAP >= target {
				reached()
			}
		}})
	// Reaching the target cancels the training, which returns the result so far with the error.
	if err != nil && (ctx.Err() != nil || !errors.Is(err, context.Canceled)) {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.seconds = append(r.seconds, time.Since(begun).Seconds())
	// The best epoch's, whose weights the model has; with early stopping by the target that is the last one.
	r.val = append(r.val, result.History[result.Best-1].ValMAP)
	z, err := result.Model.Embed(ctx, backend, q.test)
	if err != nil {
		return err
	}
	return r.evaluate(ctx, z.Values, q.test, &r.test)
}

// evaluate appends to to the MAP@R of the embeddings z [N, E], of unit length, of the items of frame, each a query
// against all others.
func (r *qualityRun) evaluate(ctx context.Context, z []float32, frame *data.Frame, to *[]float64) error {
	_, class := frame.Classes()
	labels := make([]int32, len(class))
	for i, c := range class {
		labels[i] = int32(c)
	}
	// MAP@R as everywhere in the lab, exact, over all pairs of the items.
	found, err := metric.AllPairs(ctx, z, labels, metric.Options{})
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	*to = append(*to, found.Retrieval.MAPAtR)
	return nil
}

// keras has the Keras script train on 100,000 pairs of standardised features, evaluates the embeddings that it writes,
// and appends the results to r. Standardising and drawing pairs are not in its time, which favours it. folder gets the
// script's files, which every round overwrites.
func (b *bench) keras(ctx context.Context, r *qualityRun, q qualityData, seed uint64, folder string) error {
	items := make([]int, q.train.N())
	for i := range items {
		items[i] = i
	}
	transform, err := preprocess.Fit(ctx, q.train, items, preprocess.Options{})
	if err != nil {
		return err
	}
	// The statistics are of the training items alone, as in the lab's own training.
	for name, frame := range map[string]*data.Frame{"train.npy": q.train, "test.npy": both(q.val, q.test)} {
		scaled, err := transform.Frame(ctx, frame)
		if err != nil {
			return err
		}
		if err := table.Save(filepath.Join(folder, name), scaled); err != nil {
			return err
		}
	}
	// The same kind of pairs as the default configuration draws, the same share within a domain.
	sampler, err := pairs.NewSampler(q.train, pairs.SamplerOptions{WithinDomain: siamese.DefaultConfig().WithinDomain})
	if err != nil {
		return err
	}
	drawn, err := sampler.Draw(100_000, seed)
	if err != nil {
		return err
	}
	if err := table.Save(filepath.Join(folder, "pairs.npy"), pairTable(drawn)); err != nil {
		return err
	}
	// The script times itself, from building the model to the end of the training, compilation included.
	took, err := b.once(ctx, []string{b.python, b.script, "keras", "quality", folder})
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.seconds = append(r.seconds, took.Value)
	// No cache: the file has the same name in every round and may have the same size.
	z, _, err := table.Open(ctx, filepath.Join(folder, "embeddings.npy"), table.Options{NoCache: true})
	if err != nil {
		return err
	}
	unit(z)
	// The script embedded validation and test items as one file: the first q.val.N() rows are the former.
	at := q.val.N() * z.F()
	return errors.Join(r.evaluate(ctx, z.X[:at], q.val, &r.val), r.evaluate(ctx, z.X[at:], q.test, &r.test))
}

// both returns the items of two frames with the same columns, those of a first. Labels and domains are left out.
func both(a, b *data.Frame) *data.Frame {
	return &data.Frame{X: slices.Concat(a.X, b.X), IDs: slices.Concat(a.IDs, b.IDs), Columns: a.Columns,
		Blocks: a.Blocks, Numbered: a.Numbered || b.Numbered}
}

// pairTable returns P pairs as a table [P, 3]: left, right, label. Item numbers are exact in float32 up to 2^24.
func pairTable(pairs pairs.Pairs) *data.Frame {
	f := &data.Frame{Columns: []string{"a", "b", "same"}, Blocks: []data.Block{{Name: "pairs", Start: 0, End: 3}}}
	for k := range pairs.Label {
		f.IDs = append(f.IDs, strconv.Itoa(k))
		f.X = append(f.X, float32(pairs.Left[k]), float32(pairs.Right[k]), pairs.Label[k])
	}
	return f
}

// unit scales the rows of a frame to length 1, in place; a zero row stays zero.
func unit(f *data.Frame) {
	for i := range f.N() {
		var sum float64
		for _, v := range f.Row(i) {
			sum += float64(v) * float64(v)
		}
		if sum == 0 {
			continue
		}
		for k := range f.Row(i) {
			f.Row(i)[k] = float32(float64(f.Row(i)[k]) / math.Sqrt(sum))
		}
	}
}

// qualityTable returns the measurements as a Markdown table with notes. The first row is what times are compared with:
// "by the first" is the median time over that of the first row. why says which backend, machine and versions are as
// [machine] and versions return them; target is that of --target, 0 = none.
func qualityTable(rows []*qualityRun, why, machine, versions string, rounds int, target float64) string {
	var out strings.Builder
	out.WriteString("| training on the 20,000 built-in images | seconds | by the first | MAP@R, validation | " +
		"MAP@R, test |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		// A range of one round would be the number twice more.
		seconds := fmt.Sprintf("%.1f", median(r.seconds))
		if rounds > 1 {
			seconds += fmt.Sprintf(" (%.1f–%.1f)", slices.Min(r.seconds), slices.Max(r.seconds))
		}
		fmt.Fprintf(&out, "| %s | %s | %.3f | %.4f | %.4f |\n", r.name, seconds,
			median(r.seconds)/median(rows[0].seconds), median(r.val), median(r.test))
	}
	until := "the highest of the rows above it"
	if target > 0 {
		until = fmt.Sprintf("%.3f, or that of a row above it", target)
	}
	fmt.Fprintf(&out, "\nMedians of %d round(s), a seed each; compilation included. All-pairs training ends when "+
		"MAP@R on validation items\nreaches %s. %s.\n", rounds, until, why)
	if versions != "" {
		fmt.Fprintf(&out, "Peers: %s.\n", versions)
	}
	fmt.Fprintf(&out, "Machine: %s.\n", machine)
	return out.String()
}
