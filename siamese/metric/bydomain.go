package metric

import (
	"context"
	"fmt"
	"slices"
)

// DomainMetrics holds the metrics of one domain against itself or another. Across domains positives are pairs of items
// with one label from both: domains that share no label have none, and their metrics are undefined.
type DomainMetrics struct {
	Query        int32        `json:"query"`        // domain of the left item
	Reference    int32        `json:"reference"`    // domain of the right item
	Queries      int          `json:"queries"`      // items of the query domain
	References   int          `json:"references"`   // items of the reference domain
	Verification Verification `json:"verification"` // the same for both orders of two domains
	Retrieval    Retrieval    `json:"retrieval"`    // references of the right domain only
}

// ByDomain returns the metrics of every ordered pair of domains, by query domain and then reference domain, and their
// means. domains holds a number for every item; the other arguments and errors are those of AllPairs. Options.Hardest
// is not used. Within a domain an item is not compared with itself. With Options.PerQuery, indices count within the
// domain. With D domains there are D^2 results, and about the work of one AllPairs.
func ByDomain(ctx context.Context, emb []float32, labels, domains []int32, opt Options) (
	[]DomainMetrics, Macro, error,
) {
	if len(domains) != len(labels) {
		return nil, Macro{}, fmt.Errorf("metric: %d domains for %d labels: want one for every item",
			len(domains), len(labels))
	}
	if err := opt.Validate(); err != nil {
		return nil, Macro{}, err
	}
	if opt.Mixture != nil {
		return nil, Macro{}, errMixture
	}
	if _, err := newMatrix("embeddings", emb, labels, opt.Similarity); err != nil {
		return nil, Macro{}, err // this error names items by their number in emb
	}
	// Every ordered pair of domains is a comparison of its own, with its own references to rank; verification of two
	// domains is the same both ways, and is done once.
	opt.Hardest = 0
	parts := splitBy(emb, labels, domains)
	var out []DomainMetrics
	for i, a := range parts {
		for j, b := range parts {
			o := opt
			o.Progress = nil
			var mirror *DomainMetrics
			if j < i { // its pairs have been verified the other way round
				mirror = &out[j*len(parts)+i]
				o.NoVerification = true
			}
			d := DomainMetrics{
				Query: a.domain, Reference: b.domain, Queries: len(a.labels), References: len(b.labels),
			}
			if err := d.compute(ctx, a, b, i == j, o, opt.NoRetrieval && mirror != nil); err != nil {
				return nil, Macro{}, err
			}
			if mirror != nil {
				d.Verification = mirror.Verification
			}
			out = append(out, d)
			if opt.Progress != nil {
				opt.Progress(float64(len(out)) / float64(len(parts)*len(parts)))
			}
		}
	}
	// Verification of two domains is in out twice: once is enough for the means.
	var vs []Verification
	var rs []Retrieval
	for i, d := range out {
		if i/len(parts) <= i%len(parts) {
			vs = append(vs, d.Verification)
		}
		rs = append(rs, d.Retrieval)
	}
	return out, macro(vs, rs), nil
}

// compute sets the metrics of d, for query domain a and reference domain b, unless there is nothing to do; same says
// that a and b are one domain.
func (d *DomainMetrics) compute(ctx context.Context, a, b part, same bool, opt Options, nothing bool) error {
	if nothing {
		return ctx.Err()
	}
	// Within a domain an item must not meet itself, and every pair counts once.
	var r *Result
	var err error
	if same {
		r, err = AllPairs(ctx, a.emb, a.labels, opt)
	} else {
		r, err = queryReference(ctx, a.emb, a.labels, b.emb, b.labels, opt)
	}
	if err != nil {
		return err
	}
	d.Verification, d.Retrieval = r.Verification, r.Retrieval
	return nil
}

// part is the items of one domain.
type part struct {
	domain int32
	emb    []float32 // n x E numbers
	labels []int32   // n
}

// splitBy returns copies of the items by domain, in the order of domain numbers, items in their order. Lengths have
// been checked.
func splitBy(emb []float32, labels, domains []int32) []part {
	if len(labels) == 0 {
		return nil
	}
	// Domain numbers may be any int32; results are in their order.
	e := len(emb) / len(labels)
	names := slices.Clone(domains)
	slices.Sort(names)
	names = slices.Compact(names)
	parts := make([]part, len(names))
	for i, d := range domains {
		k, _ := slices.BinarySearch(names, d)
		p := &parts[k]
		p.domain = d
		p.emb = append(p.emb, emb[i*e:(i+1)*e]...)
		p.labels = append(p.labels, labels[i])
	}
	return parts
}
