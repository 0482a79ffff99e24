package metric

import "fmt"

// Kind names what is unusual about a result, for code that wants to react to it.
type Kind string

// The kinds of warning.
const (
	NoItems      Kind = "no-items"      // nothing to compare
	NoPositives  Kind = "no-positives"  // no pair of one class: verification figures are undefined
	NoNegatives  Kind = "no-negatives"  // one class only: verification figures are undefined
	ZeroVector   Kind = "zero-vector"   // items whose embedding is zero: their cosine with anything is 0
	LoneQuery    Kind = "lone-query"    // queries without another item of their class: not averaged
	NoQueries    Kind = "no-queries"    // every query is lone: retrieval figures are undefined
	CoarseFPR    Kind = "coarse-fpr"    // fewer negatives than a wanted false positive rate needs
	OneScore     Kind = "one-score"     // all scores are equal: the embedding has collapsed
	EmptyCluster Kind = "empty-cluster" // k-means lost a cluster and seeded it again
	NoError      Kind = "no-error"      // a standard error could not be told
	NotConverged Kind = "not-converged" // an iteration ended at its limit
)

// Warning is a finding that does not stop the work but changes how its result should be read.
type Warning struct {
	Kind    Kind   `json:"kind"`
	Count   int    `json:"count"`   // how many items, queries or pairs it concerns
	Message string `json:"message"` // one sentence: what it is and what it does to the figures
}

// String returns the message.
func (w Warning) String() string { return w.Message }

// Warnings is a list of findings; nil means that there is nothing unusual.
type Warnings []Warning

// Has returns whether there is a warning of the kind.
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

func (ws *Warnings) add(k Kind, count int, format string, args ...any) {
	*ws = append(*ws, Warning{Kind: k, Count: count, Message: fmt.Sprintf(format, args...)})
}
