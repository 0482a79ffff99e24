package evaluate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Models is [ItemsWith] for several models on the same items, with names that tell them apart, and the
// differences of the second model and the following from the first, as [stats.Compare] has them. Intervals are left out
// with [Options.NoIntervals].
//
// No test item may be one that any of the models was trained on, which only the caller can know: train all of them on one split.
func Models(ctx context.Context, backend compute.Backend, models []*siamese.Model, names []string, name string, val, test *data.Frame, opt Options) (*report.Compared, error) {
	if err := report.CheckNames(len(models), names); err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	out := &report.Compared{}
	var systems []stats.System
	var estimates []*metric.Estimate
	var first *evaluation
	for k, m := range models {
		e, err := evaluateOne(ctx, backend, m, name, val, test, opt)
		if err != nil {
			return nil, fmt.Errorf("evaluate %s: %s: %w", name, names[k], err)
		}
		e.report.Model = names[k]
		out.Reports = append(out.Reports, &e.report)
		systems = append(systems, stats.One(names[k], e.contestants[0].z.Values, m.Threshold))
		estimates = append(estimates, e.contestants[0].estimate)
		if k == 0 {
			first = e
		}
		e.contestants = nil // the features of the others are large
	}
	if first.report.Queries > 0 {
		return out, first.compareEstimates(out, names, estimates)
	}
	if opt.NoIntervals {
		return out, nil
	}
	if err := first.compare(ctx, out, systems); err != nil {
		return nil, fmt.Errorf("evaluate %s: differences of the models: %w", name, err)
	}
	return out, nil
}

// compare adds how systems differ from the first of them.
func (e *evaluation) compare(ctx context.Context, out *report.Compared, systems []stats.System) (err error) {
	if out.Differences, err = e.differences(ctx, systems, stats.ByItem); err != nil {
		return err
	}
	if e.report.Classes >= report.SureClasses {
		out.ByClass, err = e.differences(ctx, systems, stats.ByClass)
		return err
	}
	if !e.report.FewNewClasses() {
		return nil
	}
	from := systems[0]
	for k, to := range systems[1:] {
		changes, err := e.classChanges(ctx, from.Name, from.Runs[0].Values, to.Name, to.Runs[0].Values, out.Differences[k].MAPAtR.Confidence)
		if err != nil {
			return err
		}
		out.ClassChanges = append(out.ClassChanges, changes)
	}
	return nil
}

// differences returns how systems differ from the first of them.
func (e *evaluation) differences(ctx context.Context, systems []stats.System, unit stats.Unit) ([]*stats.Comparison, error) {
	all, err := stats.Compare(ctx, systems[0], systems[1:], e.labels, e.opt.Intervals(unit, e.model.Config.Seed))
	if err != nil {
		return nil, err
	}
	return all.Comparisons, nil
}
