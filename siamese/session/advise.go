package session

import (
	"context"
	"fmt"
)

// AdviseOptions are those of [Frame.Advise], as package advise has them. The zero value does everything.
type AdviseOptions struct {
	Repeats    int     `json:"repeats"` // of the draws of folds; 0 = 2
	Seed       uint64  `json:"seed"`
	Confidence float64 `json:"confidence"` // 0 = .95
	NoCurves   bool    `json:"no_curves"`
	NoLabels   bool    `json:"no_labels"`
}

// Advice says whether more items or classes would help, and which labels look wrong.
type Advice struct {
	Value    `json:"-"`
	Items    *Growth   `json:"items,omitempty"`   // what twice the items of every class would give; nil = no forecast
	Classes  *Growth   `json:"classes,omitempty"` // what twice the classes would give
	Suspects []Suspect `json:"suspects,omitempty"`
	Refused  []string  `json:"refused,omitempty"` // what could not be told, and why
}

// Growth is a forecast of what more data would give.
type Growth struct {
	Metric  string  `json:"metric"` // "MAP@R" or "ROC-AUC"
	From    float64 `json:"from"`   // items a class, or classes, that there are
	To      float64 `json:"to"`
	Gain    float64 `json:"gain"`
	Low     float64 `json:"low"` // the interval of the gain
	High    float64 `json:"high"`
	Trusted bool    `json:"trusted"` // a forecast from smaller sizes was right about the larger ones
}

// String returns the gain with its interval.
func (g Growth) String() string {
	text := fmt.Sprintf("%.4g to %.4g: %s %+.3f [%+.3f, %+.3f]", g.From, g.To, g.Metric, g.Gain, g.Low, g.High)
	if !g.Trusted {
		text += ", not to be trusted"
	}
	return text
}

// Suspect is an item whose label looks wrong, the surest first in a list.
type Suspect struct {
	ID          string  `json:"id"`
	Label       string  `json:"label"`
	Suggested   string  `json:"suggested"`
	Probability float64 `json:"probability"` // of the suggested class
	Given       float64 `json:"given"`       // of the label
}

// String returns the item with both labels.
func (s Suspect) String() string {
	return fmt.Sprintf("%s: label %s, rather %s (%.3f)", s.ID, s.Label, s.Suggested, s.Probability)
}

// Advise says what to do about the items of the frame by their labels, as package advise does, without training an
// encoder. each is told the progress; nil = silent.
func (f *Frame) Advise(ctx context.Context, opt AdviseOptions, each func(Work)) (*Advice, error) {
	a := &Advice{}
	args := struct {
		Frame   string        `json:"frame"`
		Options AdviseOptions `json:"options"`
	}{f.Key, opt}
	return give(a, f.session.want(ctx, "advise", args, a, working(each)))
}
