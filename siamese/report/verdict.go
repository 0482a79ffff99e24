package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// Verdict returns in one line whether training was worth it, by the two [Report.Measures], beside the best untrained
// features. With a comparison a measure counts where the interval of its difference, for other items of the same
// classes or pairs of other items, excludes 0; of estimates, for these items.
//
// On classes that the model has not seen the question is about other such classes. There a measure counts where the
// interval by classes excludes 0 or, with fewer than 20 classes, where it gets better or worse in so many of them that
// the sign test excludes chance; fewer than six classes decide nothing.
func (r *Report) Verdict() string {
	if r.OneKind() {
		return nothing + ": " + r.oneKindText()
	}
	untrained := r.Untrained()
	than := Against(untrained.Name, len(r.untrained()))
	if r.NewClasses {
		if verdict, ok := r.classVerdict(than); ok {
			return verdict
		}
	}
	if c := r.Comparison; c != nil {
		return fmt.Sprintf("%s: %s%s (%s, one run)", r.clear(c), r.changes(c), than, intervalsOf(c))
	}
	one, other := r.Trained.minus(untrained, r.Measures())
	return fmt.Sprintf("%s: %s%s (one run; no interval)", trainingVerdict(one, other),
		plainChanges(r.Measures(), one, other), than)
}

// oneKindText says of which kind all pairs are.
func (r *Report) oneKindText() string {
	switch {
	case r.GivenPairs && r.Positive == 0:
		return "no pair is positive"
	case r.GivenPairs:
		return "all pairs are positive"
	case r.Positive == 0:
		return "no two items are of one class"
	}
	return "all items are of one class"
}

// minus returns by how much two metrics, by their keys, are above those of another method.
func (m Metrics) minus(o Metrics, keys [2]string) (one, other float64) {
	return m.Values[keys[0]] - o.Values[keys[0]], m.Values[keys[1]] - o.Values[keys[1]]
}

// plainChanges returns the differences of two metrics, by their keys, as text without intervals.
func plainChanges(keys [2]string, one, other float64) string {
	return fmt.Sprintf("%s %+.3f, %s %+.3f", stats.ByKey(keys[0]).Name, one, stats.ByKey(keys[1]).Name, other)
}

// changes returns the two differences that a verdict is about, with their intervals.
func (r *Report) changes(c *stats.Comparison) string {
	var out []string
	for _, key := range r.Measures() {
		out = append(out, stats.ByKey(key).Name+" "+Change(c.Differences[key]))
	}
	return strings.Join(out, ", ")
}

// clear returns what the two measures of a comparison agree on, each as far as its interval excludes 0.
func (r *Report) clear(c *stats.Comparison) string { return agreed(r.clearSigns(c)) }

// clearSigns returns the two differences of a comparison, 0 for one whose interval holds 0.
func (r *Report) clearSigns(c *stats.Comparison) (one, other float64) {
	var out [2]float64
	for k, key := range r.Measures() {
		if d := c.Differences[key]; !d.Holds(0) {
			out[k] = d.Value
		}
	}
	return out[0], out[1]
}

// Change returns a difference with its interval.
func Change(d stats.Difference) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", d.Value, d.Low, d.High)
}

// Verdicts, with which a line begins.
const (
	helps        = "training helps"
	hurts        = "training does NOT help: the features alone are better"
	mixed        = "training helps by one measure and hurts by the other"
	unclear      = "training makes no clear difference" // no interval excludes 0
	nothing      = "nothing can be said"                // all pairs are of one kind
	noDifference = "training makes no difference"       // without intervals: both measures are equal
)

// agreed returns the verdict of two differences, each 0 where it is not clear. A measure that is not clear does not
// contradict the other one.
func agreed(one, other float64) string {
	if one == 0 && other == 0 {
		return unclear
	}
	return trainingVerdict(one, other)
}

// trainingVerdict returns the verdict of two differences, by how much training changed two measures. One that did not
// change at all leaves the verdict to the other.
func trainingVerdict(one, other float64) string {
	switch {
	case one == 0 && other == 0:
		return noDifference
	case one >= 0 && other >= 0:
		return helps
	case one <= 0 && other <= 0:
		return hurts
	}
	return mixed
}

// Against returns the end of a verdict that names the untrained features it is about; "" where there is only one kind
// of them, which need no name.
func Against(untrained string, kinds int) string {
	if kinds == 1 {
		return ""
	}
	return " against the " + strings.TrimSuffix(untrained, ", no training")
}
