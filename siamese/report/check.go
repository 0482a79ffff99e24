package report

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// errReportMissing is the error of a nil report, such as a null in a file.
var errReportMissing = errors.New("the report is missing")

// Check returns the first thing that is wrong with a report that was read from a file, or nil: lists whose lengths do
// not match, rates outside [0, 1], thresholds that are no cosines, and metrics that this version does not know. What
// prints or draws a report relies on it. Evaluations make sound ones.
func (r *Report) Check() error {
	if r == nil {
		return errReportMissing
	}
	for _, c := range []struct {
		name  string
		count int64
	}{{"items", int64(r.Items)}, {"classes", int64(r.Classes)}, {"pairs", r.Pairs}, {"graded", int64(r.Graded)},
		{"queries", int64(r.Queries)}} {
		if c.count < 0 {
			return fmt.Errorf("report %q: %s is %d: want a count", r.Name, c.name, c.count)
		}
	}
	if !IsRate(r.Positive) {
		return fmt.Errorf("report %q: positive is %v: want a share from 0 to 1", r.Name, r.Positive)
	}
	if slices.Contains(r.Others, nil) || slices.Contains(r.Gallery, nil) {
		return fmt.Errorf("report %q: a method of others or of gallery is missing", r.Name)
	}
	// Methods by name: the reader sees tables and not JSON fields.
	for _, f := range r.Rows() {
		if err := checkRow(f.Threshold, f.Values); err != nil {
			return fmt.Errorf("report %q: %s: %w", r.Name, f.Name, err)
		}
		if !IsRate(f.OnValidation) {
			return fmt.Errorf("report %q: %s: on_validation is %v: want a share from 0 to 1", r.Name, f.Name,
				f.OnValidation)
		}
	}
	for _, f := range r.Labels {
		if err := checkRow(0, f.Values); err != nil {
			return fmt.Errorf("report %q: labels: %s: %w", r.Name, f.Name, err)
		}
	}
	if err := checkBins(r.Probabilities); err != nil {
		return fmt.Errorf("report %q: %w", r.Name, err)
	}
	if err := r.Evidence.Check(); err != nil {
		return fmt.Errorf("report %q: %w", r.Name, err)
	}
	if r.Details == nil {
		return nil
	}
	if err := r.Details.check(); err != nil {
		return fmt.Errorf("report %q: details: %w", r.Name, err)
	}
	if err := r.Details.Cosines.check(r.Pairs, r.Items); err != nil {
		return fmt.Errorf("report %q: details: %w", r.Name, err)
	}
	return nil
}

// checkRow returns what is wrong with a threshold and the metrics at it, by key, or nil. A metric may be absent.
func checkRow(threshold float64, values map[string]float64) error {
	for key, v := range values {
		if stats.ByKey(key) == nil {
			return fmt.Errorf("there is no metric %q", key)
		}
		if !IsRate(v) {
			return fmt.Errorf("%s is %v: want shares from 0 to 1", key, v)
		}
	}
	if !isCosine(threshold) {
		return fmt.Errorf("the threshold is %v: want a cosine", threshold)
	}
	return nil
}

// checkBins returns what is wrong with the bins of probabilities that pages draw, or nil; r may be nil.
func checkBins(r *stats.Reliability) error {
	if r == nil {
		return nil
	}
	for _, b := range r.EqualWidth {
		for _, v := range []float64{b.Low, b.High, b.Mean, b.Share.Value, b.Share.Low, b.Share.High} {
			if !IsRate(v) {
				return fmt.Errorf("probabilities: bin %+v: want shares from 0 to 1", b)
			}
		}
	}
	return nil
}

// checkCurves returns what is wrong with a curve or a histogram, or nil; both may be absent.
func checkCurves(curve []metric.CurvePoint, h *metric.Histogram) error {
	wrong := func(p metric.CurvePoint) bool { return !IsRate(p.FPR) || !IsRate(p.FNR) }
	if bad := slices.IndexFunc(curve, wrong); bad >= 0 {
		return fmt.Errorf("point %d of the curve is %+v: want rates from 0 to 1", bad+1, curve[bad])
	}
	if h != nil && (len(h.Positives) == 0 || len(h.Positives) != len(h.Negatives) || !(h.Low <= h.High) ||
		!isCosine(h.Low) || !isCosine(h.High)) {
		return fmt.Errorf("the histogram has %d and %d bins from %v to %v: want the same number, of cosines",
			len(h.Positives), len(h.Negatives), h.Low, h.High)
	}
	return nil
}

// check returns what is wrong with details, or nil. Tables show both methods side by side, line by line, so that their
// lists must be of the same lengths.
func (d *Details) check() error {
	if len(d.Of) != 2 {
		return fmt.Errorf("they are of %d methods: want the trained encoder and one without training", len(d.Of))
	}
	if k := slices.Index(d.Of, nil); k >= 0 {
		return fmt.Errorf("method %d is missing", k+1)
	}
	// Named as in the JSON, since it is a file that has to be looked into.
	a, b := d.Of[0], d.Of[1]
	for _, l := range []struct {
		what string
		a, b int
	}{
		{"fnr_at_fpr", len(a.FNRAtFPR), len(b.FNRAtFPR)}, {"thresholds", len(a.Thresholds), len(b.Thresholds)},
		{"recall_at", len(a.RecallAt), len(b.RecallAt)}, {"ndcg_at", len(a.NDCGAt), len(b.NDCGAt)},
		{"knn_at", len(a.KNNAt), len(b.KNNAt)}, {"classes", len(a.Classes), len(b.Classes)},
		{"domains", len(a.Domains), len(b.Domains)},
	} {
		if l.a != l.b {
			return fmt.Errorf("%s has %d entries for %s and %d for %s: want the same number", l.what, l.a, a.Name, l.b,
				b.Name)
		}
	}
	if (a.Clusters == nil) != (b.Clusters == nil) {
		return errors.New("only one of the two has clusters")
	}
	for _, one := range d.Of {
		if err := one.checkEnds(); err != nil {
			return fmt.Errorf("%s: %w", quote.Text(one.Name), err)
		}
		if err := one.check(len(d.Shown), d.ClassesLeftOut == 0); err != nil {
			return fmt.Errorf("%s: %w", quote.Text(one.Name), err)
		}
	}
	return nil
}

// check returns what is wrong with the details of one method, or nil. shown is the number of items on maps; allClasses
// says that the table of classes is complete, and only then has every confused class a row there.
func (d *Detail) check(shown int, allClasses bool) error {
	if err := checkCurves(d.Curve, d.Histogram); err != nil {
		return err
	}
	if m := d.Map; m != nil && (len(m.X) != shown || len(m.Y) != shown || shown == 0) {
		return fmt.Errorf("the map has %d and %d coordinates for %d items shown", len(m.X), len(m.Y), shown)
	}
	known := make(map[string]bool)
	for _, c := range d.Classes {
		known[c.Class] = true
		if c.Items < 1 {
			return fmt.Errorf("class %q has %d items", c.Class, c.Items)
		}
	}
	for _, c := range d.Confusions {
		if allClasses && (!known[c.Class] || c.Nearest != "" && !known[c.Nearest]) {
			return fmt.Errorf("%q is confused with %q, and there is no such class", c.Class, c.Nearest)
		}
	}
	return nil
}

// checkEnds returns what is wrong with the ends of the intervals, or nil: there are two or none, and each has the
// metrics of d, in the same places.
func (d *Detail) checkEnds() error {
	if d.Low == nil && d.High == nil {
		return nil
	}
	want := d.Values()
	for _, end := range []*Detail{d.Low, d.High} {
		if end == nil {
			return errors.New("intervals have one end only")
		}
		got := end.Values()
		for name, value := range got {
			if _, ok := want[name]; !ok || !IsRate(value) {
				return fmt.Errorf("intervals: %s ends at %v: want shares from 0 to 1 of metrics that are there", name,
					value)
			}
		}
		if len(got) != len(want) || len(end.Classes) != len(d.Classes) || len(end.Domains) != len(d.Domains) {
			return fmt.Errorf("intervals have ends of %d metrics, and there are %d", len(got), len(want))
		}
	}
	return nil
}

// isCosine returns whether v may be a cosine or a threshold of cosines. It allows more than [-1, 1], because a
// threshold may lie above all cosines, and false for NaN.
func isCosine(v float64) bool { return v >= -2 && v <= 2 }

// IsRate returns whether v is in [0, 1]; NaN is not.
func IsRate(v float64) bool { return v >= 0 && v <= 1 }
