package study

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

// Reseeded returns the trial once with every seed, under its name and the seed. What is drawn by a seed is the first weights,
// pairs and dropout, and not the split: train and validation items stay what they are.
func (t Trial) Reseeded(seeds ...uint64) []Trial {
	out := make([]Trial, len(seeds))
	for i, seed := range seeds {
		out[i] = Trial{fmt.Sprintf("%s, seed %d", t.Name, seed), t.Config}
		out[i].Config.Seed = seed
	}
	return out
}

// Spread returns how the figures of the best epochs vary over trials, which should differ in their seeds only (see
// [Trial.Reseeded]), as a header and rows: the mean, the lowest and the highest, the standard deviation. It says how far
// figures of single trials may lie apart by chance, on the same items. Fewer than two trials are an error.
func (t *Sweep) Spread() (header []string, rows [][]string, err error) {
	header = []string{"figure of the best epoch", "mean", "lowest", "highest", "standard deviation"}
	figures := []struct {
		name string
		of   func(siamese.Epoch) float64
	}{
		{"val loss", func(e siamese.Epoch) float64 { return e.ValLoss }},
		{"ROC-AUC", func(e siamese.Epoch) float64 { return e.ValAUC }},
		{"MAP@R", func(e siamese.Epoch) float64 { return e.ValMAP }},
	}
	if t.Unseen {
		figures = append(figures, struct {
			name string
			of   func(siamese.Epoch) float64
		}{"unseen MAP@R", func(e siamese.Epoch) float64 { return e.UnseenMAP }})
	}
	for _, f := range figures {
		var values []float64
		for _, r := range t.List {
			values = append(values, f.of(r.Best()))
		}
		s, err := stats.Seeds(values, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("spread of trials: %s: %w", f.name, err)
		}
		row := []string{f.name}
		for _, v := range []float64{s.Mean.Value, slices.Min(values), slices.Max(values), s.SD} {
			row = append(row, fmt.Sprintf("%.4f", v))
		}
		rows = append(rows, row)
	}
	return header, rows, nil
}
