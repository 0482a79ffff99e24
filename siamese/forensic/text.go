package forensic

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// String returns "LLRs from -1.20 to 2.31".
func (b Bounds) String() string {
	return "LLRs from " + decimal.Fixed(b.Low, 2) + " to " + decimal.Fixed(b.High, 2)
}

// String returns "prior 0.01, costs 1 of a false positive and 1 of a false negative".
func (c Costs) String() string {
	return fmt.Sprintf("prior %v, costs %v of a false positive and %v of a false negative", c.Prior, c.FP, c.FN)
}

// String returns how many points the curves have.
func (c *Curves) String() string {
	return fmt.Sprintf("curves of evidence: at %d priors, and of %d LLRs", len(c.Priors), len(c.Tippett))
}

// String returns the prior and the two measures there.
func (p PriorPoint) String() string {
	entropy := "infinite"
	if p.Entropy != nil {
		entropy = decimal.Fixed(*p.Entropy, 4) + " bits"
	}
	return fmt.Sprintf("log odds %s: cross-entropy %s, normalised Bayes error %s", decimal.Fixed(p.LogOdds, 2), entropy,
		decimal.Fixed(p.Error, 4))
}

// String returns the LLR and the shares of pairs there.
func (t TippettPoint) String() string {
	return fmt.Sprintf("LLR %s or more: %s of same and %s of different pairs", decimal.Fixed(t.LLR, 2), decimal.Fixed(t.Same, 4),
		decimal.Fixed(t.Different, 4))
}

// String returns how many different LLRs there are.
func (s *Sample) String() string { return fmt.Sprintf("sample of %d LLRs", len(s.llr)) }
