package evaluate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// PairModels is [PairsWith] for several models on the same pairs, with names that tell them apart, and the
// differences of the second model and the following from the first, as [stats.ComparePairs] has them. Intervals are left out
// with [Options.NoIntervals].
//
// No test item may be one that any of the models was trained on, which only the caller can know: train all of them on one split.
func PairModels(ctx context.Context, backend compute.Backend, models []*siamese.Model, names []string, name string, frame *data.Frame, val, test pairs.Pairs, opt Options) (*report.ComparedPairs, error) {
	if err := report.CheckNames(len(models), names); err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	out := &report.ComparedPairs{}
	var systems []stats.PairSystem
	var first *pairEvaluation
	for k, m := range models {
		e, err := evaluatePairs(ctx, backend, m, name, frame, val, test, opt)
		if err != nil {
			return nil, fmt.Errorf("evaluate %s: %s: %w", name, names[k], err)
		}
		e.report.Model, e.trained.Name = names[k], names[k]
		out.Reports, systems = append(out.Reports, e.report), append(systems, e.trained)
		if k == 0 {
			first = e
		}
	}
	if opt.NoIntervals || first.report.OneLabel() {
		return out, nil
	}
	var err error
	if out.Differences, err = stats.ComparePairs(ctx, systems[0], systems[1:], pairs.ForStats(first.test.Pairs), first.intervals()); err != nil {
		return nil, fmt.Errorf("evaluate %s: differences of the models: %w", name, err)
	}
	return out, nil
}
