package metric

import (
	"errors"
	"fmt"
	"runtime"
)

// Similarity is a way to compare two embeddings a and b. Higher is always closer.
type Similarity int

// The similarities.
const (
	Cosine       Similarity = iota // a.b / (|a| |b|); 0 if either is a zero vector
	InnerProduct                   // a.b
	Euclidean                      // -|a-b|, the negative distance
)

// String returns the similarity's name, "cosine", "dot" or "euclidean", as results and package loss have it.
func (s Similarity) String() string {
	switch s {
	case Cosine:
		return "cosine"
	case InnerProduct:
		return "dot"
	case Euclidean:
		return "euclidean"
	}
	return fmt.Sprintf("Similarity(%d)", int(s))
}

// Options says what [AllPairs] computes. The zero value computes every metric on cosines. Slices are read, not kept.
type Options struct {
	Similarity     Similarity
	Mixture        Mixture // of cosines and more, of AllPairs and EstimatePairs; nil = cosines alone
	Verification   VerificationOptions
	NoVerification bool  // leave verification metrics out
	Ks             []int // K of Recall@K, NDCG@K and kNN accuracy, 1 or more; nil means 1, 5, 10, empty none
	NoRetrieval    bool  // leave retrieval metrics out: halves the work of AllPairs
	// Hardest pairs are worth a look: wrong labels and near duplicates are among them.
	Hardest  int  // number of the most similar negatives and least similar positives to return
	PerQuery bool // return the metrics of every query in Retrieval.PerQuery
	Workers  int  // goroutines; 0 means one per core. Results do not depend on it.

	// Progress, if not nil, is called now and then, from one goroutine at a time, with the share of the work done (0
	// to 1).
	Progress func(done float64)
}

// Validate returns every fault of the options at once, or nil.
func (o Options) Validate() error {
	// errors.Join leaves nil errors out.
	errs := []error{o.Verification.Validate()}
	if o.Similarity < Cosine || o.Similarity > Euclidean {
		errs = append(errs, fmt.Errorf("metric: unknown %v: want Cosine, InnerProduct or Euclidean", o.Similarity))
	}
	for i, k := range o.Ks {
		if k < 1 {
			errs = append(errs, fmt.Errorf("metric: Ks[%d] is %d: want 1 or more", i, k))
		}
	}
	if o.Hardest < 0 {
		errs = append(errs, fmt.Errorf("metric: Hardest is %d: want 0 (none) or more", o.Hardest))
	}
	if o.Workers < 0 {
		errs = append(errs, fmt.Errorf("metric: Workers is %d: want 0 (one per core) or more", o.Workers))
	}
	if err := o.mixable(); err != nil {
		errs = append(errs, err)
	}
	if o.NoVerification && o.NoRetrieval {
		errs = append(errs, errors.New("metric: both NoVerification and NoRetrieval are set: nothing to compute"))
	}
	return errors.Join(errs...)
}

// mostWorkers is the most goroutines that are used, since each has memory of its own. mostCount is the most of other
// counts that are accepted: lists of that length are made.
const (
	mostWorkers = 256
	mostCount   = 1_000_000
)

// withDefaults returns valid options with their defaults.
func (o Options) withDefaults() Options {
	o.Verification = o.Verification.withDefaults()
	if o.Ks == nil {
		o.Ks = []int{1, 5, 10}
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Workers = min(o.Workers, mostWorkers)
	return o
}

// Result is the result of [AllPairs].
type Result struct {
	// Numbers of items, not of pairs; those are in Verification.
	Queries    int `json:"queries"`    // items on the left (for AllPairs all items)
	References int `json:"references"` // items on the right (for AllPairs all items)
	// Similarity is the name of the options' similarity, whose scale thresholds and scores are on.
	Similarity   string       `json:"similarity"`
	Verification Verification `json:"verification"` // zero with NoVerification
	Retrieval    Retrieval    `json:"retrieval"`    // zero with NoRetrieval
	// HardNegatives are the most similar pairs of different classes, the hardest first, and HardPositives the least
	// similar pairs of one class; pairs of equal scores are sorted by their items. Options.Hardest is their number.
	HardNegatives []ScoredPair `json:"hard_negatives,omitempty"`
	HardPositives []ScoredPair `json:"hard_positives,omitempty"`

	Warnings Warnings `json:"warnings,omitempty"` // of the embeddings; Verification and Retrieval have their own
}

// AllWarnings returns the warnings of the embeddings, of verification and of retrieval, in this order, in a new list.
func (r *Result) AllWarnings() Warnings {
	var all Warnings
	all = append(all, r.Warnings...)
	all = append(all, r.Verification.Warnings...)
	return append(all, r.Retrieval.Warnings...)
}
