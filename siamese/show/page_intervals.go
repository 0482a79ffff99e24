package show

import (
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/report"
)

// valueOf returns a value of details with the ends of its interval below it, where there is one. Low and High of
// details are details themselves, with the ends in the place of values.
func valueOf(d *report.Detail, value func(*report.Detail) float64) cell {
	// One function finds the value and both ends: they cannot get out of step.
	c := cell{Text: rate(value(d))}
	if d.Low != nil && d.High != nil {
		c.Small = known(value(d.Low), value(d.High))
	}
	return c
}

// known returns the ends of an interval; "·" where it is [0, 1] and says nothing.
func known(low, high float64) string {
	if low == 0 && high == 1 {
		return "·"
	}
	return between(low, high)
}

// intervalNote says what the intervals of details are, where there are any.
func intervalNote(d *report.Details) string {
	if d.Of[0].Low == nil {
		return ""
	}
	return "Below each value: its interval, for other items of the same classes; · where there are too few of them. "
}

// changeOf returns by how much training changes MAP@R of a class, with its interval below; "·" for a class of one item,
// which has none.
func changeOf(trained, untrained report.ClassDetail) cell {
	if trained.Lone() {
		return cell{Text: "·"}
	}
	by := trained.MAPAtR - untrained.MAPAtR
	c := cell{Text: decimal.Signed(by, 4), Shade: gain(by)}
	// Without intervals there is none of the change.
	switch i := trained.Change; {
	case i == nil:
	case i.Method == "undefined":
		c.Small = "·"
	default:
		c.Small = span(i.Low, i.High)
	}
	return c
}
