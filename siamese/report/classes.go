package report

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/signtest"
)

// ClassChanges holds the changes of each test class from one method to another: MAP@R of its items as queries among
// all, ROC-AUC of its pairs against those with other classes. In a report they are from the best untrained features to
// the trained encoder.
type ClassChanges struct {
	Confidence float64        `json:"confidence"` // of the verdict, such as .95
	MAPAtR     signtest.Signs `json:"map_at_r"`
	ROCAUC     signtest.Signs `json:"roc_auc"`
}

// FewNewClasses returns whether the test classes are new and too few for intervals by classes, so that a verdict on
// other classes comes from the sign test of [ClassChanges].
func (r *Report) FewNewClasses() bool { return r.NewClasses && r.Classes < IntervalClasses }

// fewestClasses is the number of classes below which their signs decide nothing at 95 %: five of five in one direction
// have the two-sided p-value 2/2^5 = .0625.
const fewestClasses = 6

// classVerdict returns the verdict for other classes than those of the test, which are new to the model; than ends the
// sentence with what training is compared with (see [Against]). It is false where the report has neither intervals by
// classes nor changes by class.
func (r *Report) classVerdict(than string) (string, bool) {
	if c := r.ComparisonByClass; c != nil {
		return fmt.Sprintf("%s: %s%s (%g %% intervals by classes, one run)", r.clear(c), r.changes(c), than,
			100*c.Confidence()), true
	}
	c := r.ClassChanges
	if c == nil {
		return "", false
	}
	verdict := agreed(c.clear())
	if verdict == unclear {
		verdict += " for other classes"
		if r.Classes < fewestClasses {
			verdict = tooFewClasses(r.Classes)
		}
	}
	return fmt.Sprintf("%s: %s%s (by classes, one run)", verdict, c, than), true
}

// tooFewClasses is the verdict for other classes where the test has too few.
func tooFewClasses(classes int) string {
	return fmt.Sprintf("nothing can be said for other classes, with %d in the test", classes)
}

// clear returns for both metrics which way the signs lean, 1 or -1, or 0 where the sign test does not exclude chance at
// the confidence of c.
func (c *ClassChanges) clear() (byMAP, byAUC float64) {
	return float64(c.MAPAtR.Clear(c.Confidence)), float64(c.ROCAUC.Clear(c.Confidence))
}

// String returns in how many classes each of the metrics is higher, with the range of the changes and the p-value.
func (c *ClassChanges) String() string {
	one := func(s signtest.Signs) string {
		return fmt.Sprintf("higher in %d of %d classes [%s to %s, sign test p %.2g]", s.Above,
			s.Above+s.Below+s.Ties, decimal.Signed(s.Low, 3), decimal.Signed(s.High, 3), s.P)
	}
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", one(c.MAPAtR), one(c.ROCAUC))
}

// IntervalClasses is the number of classes from which on there are intervals by classes. With fewer, the spread between
// classes is known too badly for an interval to hold what it says.
const IntervalClasses = 20
