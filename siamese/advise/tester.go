package advise

import (
	"context"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/metric"
)

// The metrics of curves.
const (
	mapAtR = "MAP@R"
	rocAUC = "ROC-AUC"
)

// metricFor returns the metric for so many test classes. MAP@R says little where there are two: half of all is right by
// chance.
func metricFor(classes int) string {
	if classes < 3 {
		return rocAUC
	}
	return mapAtR
}

// outcome is how a model does on test items.
type outcome struct {
	value   float64
	class   []float64 // [classes] MAP@R of the items of a class, NaN where two are not tested
	domain  []float64 // [pairs of domains] MAP@R, likewise
	nearest [][2]int  // the classes of every test item and of its nearest
}

// tester tests embeddings of items of a frame.
type tester struct {
	classes int
	class   []int // [N]
	domains []string
	domain  []int // [N]
}

func newTester(f *data.Frame) *tester {
	t := &tester{}
	names, class := f.Classes()
	t.classes, t.class = len(names), class
	if f.Domains != nil {
		only := &data.Frame{Labels: f.Domains, IDs: f.IDs}
		t.domains, t.domain = only.Classes()
	}
	return t
}

// test returns how embeddings of items do by a metric.
func (t *tester) test(ctx context.Context, z *embedding.Embeddings, items []int, by string) (outcome, error) {
	out := outcome{class: make([]float64, t.classes)}
	labels := make([]int32, len(items))
	for k, i := range items {
		labels[k] = int32(t.class[i])
	}
	// One goroutine: folds are done side by side.
	opt := metric.Options{NoVerification: true, Ks: []int{}, PerQuery: true, Workers: 1}
	all, err := metric.AllPairs(ctx, z.Values, labels, opt)
	if err != nil {
		return out, err
	}
	counts := make([]float64, t.classes)
	for q, one := range all.Retrieval.PerQuery {
		c := labels[q]
		if one.Nearest >= 0 {
			out.nearest = append(out.nearest, [2]int{int(c), int(labels[one.Nearest])})
		}
		if one.R > 0 {
			out.class[c] += one.APAtR
			counts[c]++
		}
	}
	for c, n := range counts {
		out.class[c] /= n // NaN for none
	}
	out.value = all.Retrieval.MAPAtR
	if by == rocAUC {
		if out.value, err = auc(z, labels); err != nil {
			return out, err
		}
	}
	if len(t.domains) > 1 {
		return out, t.testDomains(ctx, z, items, labels, &out, opt)
	}
	return out, nil
}

// testDomains adds the MAP@R of every pair of domains, of those with both orders their mean.
func (t *tester) testDomains(ctx context.Context, z *embedding.Embeddings, items []int, labels []int32, out *outcome,
	opt metric.Options) error {
	domains := make([]int32, len(items))
	for k, i := range items {
		if domains[k] = int32(t.domain[i]); t.domain[i] < 0 {
			domains[k] = int32(len(t.domains)) // unknown ones are one more
		}
	}
	opt.PerQuery = false
	found, _, err := metric.ByDomain(ctx, z.Values, labels, domains, opt)
	if err != nil {
		return err
	}
	d := len(t.domains)
	out.domain = make([]float64, d*(d+1)/2)
	counts := make([]float64, len(out.domain))
	for _, one := range found {
		a, b := int(min(one.Query, one.Reference)), int(max(one.Query, one.Reference))
		if b < d && one.Retrieval.Queries > 0 {
			out.domain[pairAt(a, b)] += one.Retrieval.MAPAtR
			counts[pairAt(a, b)]++
		}
	}
	for k, n := range counts {
		out.domain[k] /= n
	}
	return nil
}

// pairAt returns the place of a pair a <= b among all pairs.
func pairAt(a, b int) int { return b*(b+1)/2 + a }

// auc returns the ROC-AUC of the cosines of all pairs.
func auc(z *embedding.Embeddings, labels []int32) (float64, error) {
	scores, err := embedding.ScoreAll(z, z)
	if err != nil {
		return 0, err
	}
	var list []float32
	var same []bool
	for i := range labels {
		for j := range i {
			list, same = append(list, scores[i*z.N+j]), append(same, labels[i] == labels[j])
		}
	}
	found, err := metric.Verify(list, same, nil, metric.VerificationOptions{})
	if err != nil {
		return 0, err
	}
	return found.ROCAUC, nil
}
