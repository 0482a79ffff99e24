package metric

import "fmt"

// Kind identifies a warning, for code that reacts to it. Messages may change; kinds are saved with results and do not.
type Kind string

// The kinds of warning.
const (
	NoItems      Kind = "no-items"      // nothing to compare
	NoPositives  Kind = "no-positives"  // no positive pair: verification metrics are undefined
	NoNegatives  Kind = "no-negatives"  // one class only: verification metrics are undefined
	ZeroVector   Kind = "zero-vector"   // items whose embedding is zero: their cosine with anything is 0
	LoneQuery    Kind = "lone-query"    // queries without another item of their class: not averaged
	NoQueries    Kind = "no-queries"    // every query is lone: retrieval metrics are undefined
	CoarseFPR    Kind = "coarse-fpr"    // fewer negatives than a wanted false positive rate needs
	OneScore     Kind = "one-score"     // all scores are equal: the embedding has collapsed
	EmptyCluster Kind = "empty-cluster" // k-means restarted an empty cluster
	NoError      Kind = "no-error"      // a standard error is unknown
	NotConverged Kind = "not-converged" // an iteration reached its limit
)

// Warning is a fault of the data that is no error but changes how the result should be read. It is part of the result,
// and not logged, so that it is saved and shown with the numbers it is about.
type Warning struct {
	Kind    Kind   `json:"kind"`
	Count   int    `json:"count"`   // number of items, queries or pairs
	Message string `json:"message"` // one sentence: what it is and its effect on the metrics
}

// String returns the message.
func (w Warning) String() string { return w.Message }

// Warnings is a list of warnings; nil means none.
type Warnings []Warning

// Has returns whether there is a warning of the kind, such as [ZeroVector].
func (ws Warnings) Has(k Kind) bool {
	for _, w := range ws {
		if w.Kind == k {
			return true
		}
	}
	return false
}

// Strings returns the messages in order.
func (ws Warnings) Strings() []string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = w.Message
	}
	return out
}

// add appends a warning.
func (ws *Warnings) add(k Kind, count int, format string, args ...any) {
	*ws = append(*ws, Warning{Kind: k, Count: count, Message: fmt.Sprintf(format, args...)})
}
