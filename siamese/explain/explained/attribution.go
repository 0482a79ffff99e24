package explained

import "github.com/go-siamese/lab/siamese/stats"

// Attribution is the mean part of a block or a feature in the cosines of pairs, relative to the baseline (see
// explain.Explainer.Pair). All values are differences of cosines.
type Attribution struct {
	// Same is the mean over same pairs: where it is positive, the block makes them more similar than any two items, as
	// it should.
	Same float64 `json:"attribution_same"`
	// Different is the mean over different pairs: where it is negative, the block keeps them apart, as it should.
	Different float64 `json:"attribution_different"`
	// Magnitude is the mean absolute part, with equal weight for same and different pairs, whether it helps or not.
	Magnitude float64 `json:"magnitude"`

	Intervals AttributionIntervals `json:"intervals"`
}

// AttributionIntervals are the 95 % intervals of an [Attribution], for pairs of other items of the same classes and the
// same background. With a single pair of a kind an interval is the whole range of its value.
type AttributionIntervals struct {
	Same      stats.Estimate `json:"attribution_same"`
	Different stats.Estimate `json:"attribution_different"`
	Apart     stats.Estimate `json:"apart"`
	Magnitude stats.Estimate `json:"magnitude"`
}

// Apart is the part in the difference between the mean cosines of same and of different pairs. Over all blocks it adds
// up to that difference.
func (c Attribution) Apart() float64 { return c.Same - c.Different }
