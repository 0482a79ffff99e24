package metric

import (
	"context"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
)

// ClassMetrics holds the metrics of one class against all others: which classes the similarity finds hard.
type ClassMetrics struct {
	Class int32 `json:"class"` // class number
	Items int   `json:"items"` // items of the class

	// Verification is over every pair with an item of the class, once: positives within it, negatives with the rest.
	Verification Verification `json:"verification"`
	Retrieval    Retrieval    `json:"retrieval"` // its items as queries against all items
}

// ByClass returns the metrics of every class of an embedding matrix, in the order of class numbers, and their means.
// Arguments and errors are those of AllPairs; Options.Hardest is not used. It takes about the time of AllPairs with
// retrieval. Errors and a cancelled context leave no partial result.
func ByClass(ctx context.Context, emb []float32, labels []int32, opt Options) ([]ClassMetrics, Macro, error) {
	if err := opt.Validate(); err != nil {
		return nil, Macro{}, err
	}
	if opt.Mixture != nil {
		return nil, Macro{}, errMixture
	}
	r, err := NewRows(emb, labels, opt.Similarity)
	if err != nil {
		return nil, Macro{}, err
	}
	return r.ByClass(ctx, opt)
}

// ByClass returns what [ByClass] returns for the items and the similarity of r; that of opt is not used.
func (r *Rows) ByClass(ctx context.Context, opt Options) ([]ClassMetrics, Macro, error) {
	opt.Similarity, opt.Mixture = r.sim, nil
	if err := opt.Validate(); err != nil {
		return nil, Macro{}, err
	}
	if r.o.mixture != nil {
		return nil, Macro{}, errMixture
	}
	opt.Hardest = 0
	// The embeddings are prepared once for all classes.
	m := r.o.left
	b := &classes{o: r.o, opt: opt.withDefaults()}
	for p := 0; p < m.n; p = int(m.end[p]) {
		b.begin = append(b.begin, p)
	}
	b.out = make([]ClassMetrics, len(b.begin))
	if err := b.run(ctx); err != nil {
		return nil, Macro{}, err
	}
	var vs []Verification
	var rs []Retrieval
	for _, c := range b.out {
		vs, rs = append(vs, c.Verification), append(rs, c.Retrieval)
	}
	return b.out, macro(vs, rs), nil
}

// classes is the state of ByClass. Classes large enough for all goroutines run one after another, the others
// concurrently.
type classes struct {
	o     *operands
	opt   Options        // with its defaults
	begin []int          // first place of each class
	out   []ClassMetrics // by class, in that order

	mu   sync.Mutex // guards done and the calls of Progress
	done int        // items
}

// run computes all classes. A class whose keys are listed, and not counted in cells (256 MB each), is small.
func (b *classes) run(ctx context.Context) error {
	var small []int
	for i, p := range b.begin {
		items := int64(b.o.left.end[p]) - int64(p)
		if items*int64(b.o.left.n) <= listLimit {
			small = append(small, i)
		} else if err := b.class(ctx, i, b.opt.Workers); err != nil {
			return err
		}
	}
	return parallel.Each(ctx, len(small), b.opt.Workers, func(_, i int) error { return b.class(ctx, small[i], 1) })
}

// class computes class i on so many goroutines. Classes write to different elements of out, so they need no lock.
func (b *classes) class(ctx context.Context, i, workers int) error {
	m := b.o.left
	p := b.begin[i]
	// The left side is the class, the right side all items: mode oneSide counts each pair with the class once.
	var at []int32
	for q := p; q < int(m.end[p]); q++ {
		at = append(at, int32(q))
	}
	// Progress is by items of finished classes, as several classes may run at once.
	opt := b.opt
	opt.Workers, opt.Progress = workers, nil
	r, err := newComparison(b.o.rows(at), oneSide, opt).run(ctx)
	if err != nil {
		return err
	}
	b.out[i] = ClassMetrics{Class: m.labels[p], Items: len(at), Verification: r.Verification, Retrieval: r.Retrieval}
	// The lock is held during the call, so that Progress is called from one goroutine at a time.
	if b.opt.Progress != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.done += len(at)
		b.opt.Progress(float64(b.done) / float64(m.n))
	}
	return nil
}
