package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// Verdict returns in one line whether training was worth it, by the two [Report.Measures], against the best untrained
// features ([Report.Untrained]), which it names. Everything that says whether training helps says this: notebooks, the
// command, pages. With a comparison a measure counts where the interval of its difference, for other items of the same
// classes or pairs of other items, excludes 0; of estimates, for these items.
//
// On classes that the model has not seen the question is about other such classes. There a measure counts where the
// interval by classes excludes 0 or, with fewer than 20 classes, where it gets better or worse in so many of them that
// the sign test excludes chance; fewer than six classes decide nothing.
func (r *Report) Verdict() string {
	if r.OneKind() {
		return nothing + ": " + r.oneKindText()
	}
	untrained, than := r.Untrained(), r.against()
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
	return fmt.Sprintf("%s %s, %s %s", stats.ByKey(keys[0]).Name, decimal.Signed(one, 3), stats.ByKey(keys[1]).Name,
		decimal.Signed(other, 3))
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
	return fmt.Sprintf("%s [%s, %s]", decimal.Signed(d.Value, 3), decimal.Signed(d.Low, 3), decimal.Signed(d.High, 3))
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

// against returns the end of a verdict that names the untrained features it is about, and says so where the strongest
// of them may be missing: without training items nothing is fitted.
func (r *Report) against() string {
	than := Against(r.Untrained().Name)
	if len(r.Others) > 0 {
		return than
	}
	such := "linear discriminants"
	if r.GivenPairs { // which have no classes
		such = "principal components"
	}
	return fmt.Sprintf("%s (what is fitted on the training items, such as %s, was not compared)", than, such)
}

// Against returns the end of a verdict that names the untrained features it is about.
func Against(untrained string) string {
	return " against the " + strings.TrimSuffix(untrained, ", no training")
}

// Lead is how far the trained encoder is ahead of the best untrained features: what [Report.Verdict] is about, as
// numbers, for programs and notebooks that check them.
type Lead struct {
	Metric    string  // its name, such as "MAP@R": the first of [Report.Measures]
	Against   string  // the untrained features, such as [LDAName]
	Value     float64 // the encoder's metric less theirs
	Low, High float64 // of the interval of Value for other items of these classes; both are Value without one
	Interval  bool    // whether there is an interval
}

// Lead returns how far the trained encoder is ahead of the best untrained features.
func (r *Report) Lead() Lead {
	key, untrained := r.Measures()[0], r.Untrained()
	by := r.Trained.Values[key] - untrained.Values[key]
	out := Lead{stats.ByKey(key).Name, untrained.Name, by, by, by, false}
	if r.Comparison == nil {
		return out
	}
	if d, ok := r.Comparison.Differences[key]; ok {
		out.Value, out.Low, out.High, out.Interval = d.Value, d.Low, d.High, true
	}
	return out
}

// String returns the lead with its interval as in a verdict.
func (l Lead) String() string {
	text := l.Metric + " " + decimal.Signed(l.Value, 3)
	if l.Interval {
		text += fmt.Sprintf(" [%s, %s]", decimal.Signed(l.Low, 3), decimal.Signed(l.High, 3))
	}
	return text + Against(l.Against)
}
