package study

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

// Reseeded returns copies of the trial, one for each seed, with the seed in the name. A seed changes initial weights,
// pairs and dropout, not the split.
func (t Trial) Reseeded(seeds ...uint64) []Trial {
	out := make([]Trial, len(seeds))
	// The name has the seed, since names must be unique in a sweep.
	for i, seed := range seeds {
		out[i] = Trial{fmt.Sprintf("%s, seed %d", t.Name, seed), t.Config}
		out[i].Config.Seed = seed
	}
	return out
}

// Spread returns, as a header and rows, the mean, the lowest, the highest and the standard deviation of the best
// epochs' metrics over trials, which should differ in seeds only (see [Trial.Reseeded]): how much single trials differ
// by chance on the same items. A difference between configurations that is no larger may be chance too. Fewer than two
// trials are an error.
func (t *Sweep) Spread() (header []string, rows [][]string, err error) {
	header = []string{"metric of the best epoch", "mean", "lowest", "highest", "standard deviation"}
	// Of an epoch, not from the registry of metrics: training computes these three and no others.
	columns := []struct {
		name string
		of   func(siamese.Epoch) float64
	}{
		{"val loss", func(e siamese.Epoch) float64 { return e.ValLoss }},
		{"ROC-AUC", func(e siamese.Epoch) float64 { return e.ValAUC }},
		{"MAP@R", func(e siamese.Epoch) float64 { return e.ValMAP }},
	}
	if t.Unseen {
		columns = append(columns, struct {
			name string
			of   func(siamese.Epoch) float64
		}{"unseen MAP@R", func(e siamese.Epoch) float64 { return e.UnseenMAP }})
	}
	for _, f := range columns {
		var values []float64
		for _, r := range t.List {
			values = append(values, f.of(r.Best()))
		}
		// The interval of the mean is not shown: what matters here is how far single trials lie apart.
		s, err := stats.Seeds(values, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("spread of a sweep: %s: %w", f.name, err)
		}
		row := []string{f.name}
		for _, v := range []float64{s.Mean.Value, slices.Min(values), slices.Max(values), s.SD} {
			row = append(row, fmt.Sprintf("%.4f", v))
		}
		rows = append(rows, row)
	}
	return header, rows, nil
}
