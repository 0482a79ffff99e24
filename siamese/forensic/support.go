package forensic

import (
	"fmt"

	"gonum.org/v1/gonum/mathext"
)

// fewestErrors is the number of errors from which on an error rate is within 30 % of the truth with 90 % confidence, if
// trials are independent: the rule of 30 (Doddington et al. 2000, The NIST speaker recognition evaluation).
const fewestErrors = 30

// Rate is an error rate with what so many independent pairs support.
type Rate struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // as measured, in [0, 1]
	Pairs int     `json:"pairs"` // disjoint pairs of the kind that it is about
	// Bound is the highest rate that is likely, where so many pairs have fewer than 30 errors at Value: the upper end of
	// Clopper and Pearson's one-sided interval. nil where Value is supported.
	Bound      *float64 `json:"bound,omitempty"`
	Confidence float64  `json:"confidence"` // of Bound
	// At is the rate by which the threshold was set on the same pairs, nil for none: that of different pairs for an FNR at
	// an FPR. Its Pairs and Bound are its own.
	At *Rate `json:"at,omitempty"`
}

// NewRate returns an error rate with its bound where n independent pairs do not support it. confidence is in (0, 1). It
// goes by the disjoint pairs alone, while the value is of all pairs, so that it rather doubts too much than too little.
func NewRate(name string, value float64, n int, confidence float64) Rate {
	n = max(n, 0)
	out := Rate{Name: name, Value: value, Pairs: n, Confidence: confidence}
	errors := value * float64(n)
	if errors >= fewestErrors {
		return out
	}
	bound := 1.0
	if errors < float64(n) {
		bound = mathext.InvRegIncBeta(errors+1, float64(n)-errors, confidence)
	}
	out.Bound = &bound
	return out
}

// IsSupported returns whether the pairs support the rate, and that of its threshold if there is one.
func (r Rate) IsSupported() bool { return r.Bound == nil && (r.At == nil || r.At.Bound == nil) }

// Supported returns the lowest error rate that n independent pairs support, 30/n; 1 for fewer than 30.
func Supported(n int) float64 { return min(1, fewestErrors/float64(max(n, 1))) }

// String returns the rate, or its bound where it is not supported, and likewise the rate of its threshold.
func (r Rate) String() string {
	is := " "
	if r.At != nil {
		is = " is " // its name ends with a number
	}
	text := fmt.Sprintf("%s%s%.4f", r.Name, is, r.Value)
	if r.Bound != nil {
		text = fmt.Sprintf("%s at most %.4f", r.Name, *r.Bound)
	}
	if r.At != nil && r.At.Bound != nil {
		text += fmt.Sprintf(" (that %s at most %.4f)", r.At.Name, *r.At.Bound)
	}
	return text
}
