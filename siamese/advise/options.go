package advise

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Fitter fits a model to the labelled items of train and returns unit vectors of the items of test, whose labels it
// must not look at. Calls come one at a time.
type Fitter func(ctx context.Context, train, test *data.Frame, seed uint64) (*embedding.Embeddings, error)

// Options are those of [Run]. The zero value draws folds twice and does everything.
type Options struct {
	// Repeats is how often items and classes are assigned to folds, each time otherwise; 0 = 2.
	Repeats int
	Seed    uint64 // of all that is drawn
	// Confidence is that of intervals, in (0, 1); 0 = .95.
	Confidence float64

	NoCurves bool // leave out learning curves and what to collect
	NoLabels bool // leave out labels that look wrong

	// Items of a group stay on one side, and so do duplicates, where they are given: see [split.ItemOptions].
	Groups     []string
	Duplicates *duplicates.Duplicates

	// Fit is the model of the learning curves, whose smallest parts then have 8 items a class or 3 classes; nil = PLDA of
	// whitened components. Labels are judged by PLDA in any case.
	Fit Fitter

	// Progress is told how many models are done, one call at a time; nil = silent.
	Progress func(Progress)
}

// Progress is how far [Run] is.
type Progress struct {
	What      string // "items", "classes" or "labels"
	Done, All int    // models of this part
}

// String returns how far it is, such as "curve over items: 3 of 70 models".
func (p Progress) String() string {
	what := p.What
	if what != partLabels {
		what = "curve over " + what
	}
	return fmt.Sprintf("%s: %d of %d models", what, p.Done, p.All)
}

// Validate returns all that is wrong with the options, joined, or nil. Errors name the fields.
func (o Options) Validate() error {
	var repeats, confidence, nothing error
	if o.Repeats < 0 || o.Repeats > mostRepeats {
		repeats = option.Errorf("Repeats", "%d is not in 0 to %d", o.Repeats, mostRepeats)
	}
	if o.Confidence != 0 && !(o.Confidence > 0 && o.Confidence < 1) || math.IsNaN(o.Confidence) {
		confidence = option.Errorf("Confidence", "%v is not a share between 0 and 1, both excluded, such as .95",
			o.Confidence)
	}
	if o.NoCurves && o.NoLabels {
		nothing = option.Errorf("NoLabels", "with no curves either nothing is left to do: leave one of them out")
	}
	return errors.Join(repeats, confidence, nothing)
}

// mostRepeats bounds Options.Repeats: more say nothing that these do not.
const mostRepeats = 100

// repeats returns Repeats, with the default.
func (o Options) repeats() int {
	if o.Repeats == 0 {
		return 2
	}
	return o.Repeats
}

// confidence returns Confidence, with the default.
func (o Options) confidence() float64 {
	if o.Confidence == 0 {
		return .95
	}
	return o.Confidence
}
