package evaluate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
)

// Bounds of the details, so that a report stays under a megabyte.
const (
	detailPoints     = 100  // points of a curve that are asked for; up to four times as many are kept
	detailBins       = 60   // bins of a histogram
	detailPairs      = 24   // hardest pairs of each kind that are kept
	pairsOfItem      = 3    // pairs of them that one item may be in
	searchedPairs    = 600  // hardest pairs that they are chosen from
	detailClasses    = 200  // classes in tables
	detailDomains    = 12   // domains of which all pairs are measured
	detailConfusions = 600  // which are all those of 25 classes
	clusteredItems   = 5000 // items that are clustered
)

// detail is the work on the details of an evaluation over items. With [detail.part] it also serves subsamples.
type detail struct {
	*evaluation
	*overItems
	test  *data.Frame     // the items, in the order of overItems.labels
	names []string        // of classes, by number; numbers beyond are items without a label
	fresh map[string]bool // class names that neither validation nor training items have
	shown []int           // rising numbers of the items on maps
	tests []int           // rising numbers of the labelled items that are clustered
}

// newDetail prepares the details of an evaluation, and draws by the model's seed which items are shown and clustered,
// the same for every method.
func newDetail(e *evaluation, o *overItems) *detail {
	test := o.test
	d := &detail{evaluation: e, overItems: o, test: test, fresh: map[string]bool{}}
	d.names, _ = test.Classes() // in the order of the class numbers
	for _, name := range d.names {
		d.fresh[name] = !slices.Contains(o.val.Labels, name) &&
			(e.opt.Train == nil || !slices.Contains(e.opt.Train.Labels, name))
	}
	// A stream of its own: what is shown must not change what is trained or measured.
	rng := streams.Rand(e.model.Config.Seed, streams.Shown)
	d.shown = drawn(test.N(), shownItems, rng)
	var labelled []int // an item without a label belongs to no class that a cluster could match
	for i, label := range o.labels {
		if int(label) < len(d.names) {
			labelled = append(labelled, i)
		}
	}
	for _, k := range drawn(len(labelled), clusteredItems, rng) {
		d.tests = append(d.tests, labelled[k])
	}
	return d
}

// add adds to the report the details of the trained encoder and of the best untrained method, with intervals unless the
// options leave them out.
func (d *detail) add(ctx context.Context) error {
	e, test := d.evaluation, d.test
	out := &report.Details{Config: e.model.Config}
	for _, i := range d.shown {
		out.Shown = append(out.Shown, report.ShownItem{ID: test.IDs[i], Class: d.class(i)})
	}
	// Two methods only: a page shows them side by side, and details of all would be megabytes.
	both := []*method{&e.methods[0], &e.methods[e.best()]}
	for _, c := range both {
		one, err := d.of(ctx, c)
		if err != nil {
			return fmt.Errorf("details: %s: %w", quote.Text(c.metrics.Name), err)
		}
		out.Of = append(out.Of, one)
	}
	e.rates(out.Of[0].FNRAtFPR)
	out.CutClasses(detailClasses) // before the intervals, which go by what is in the tables
	if !e.opt.NoIntervals {
		if err := d.intervalsOf(ctx, both, out); err != nil {
			return fmt.Errorf("details: %w", err)
		}
	}
	e.report.Details = out
	return nil
}

// class returns the class of item i, "" where it has none.
func (d *detail) class(i int) string { return d.name(d.labels[i]) }

// name returns the name of a class number, "" for an item without a label.
func (d *detail) name(class int32) string {
	if int(class) < len(d.names) {
		return d.names[class]
	}
	return ""
}

// of returns the details of one method: metrics, curves, hardest pairs, confusions and a map.
func (d *detail) of(ctx context.Context, c *method) (*report.Detail, error) {
	opt := metric.Options{Hardest: searchedPairs, PerQuery: true,
		Verification: metric.VerificationOptions{Points: detailPoints, Bins: detailBins}}
	rows, err := d.rowsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	out, result, err := d.metricsOf(ctx, c.z, rows, c.thresholds, opt)
	if err != nil {
		return nil, err
	}
	// PerQuery and Hardest cost memory in the number of items and pairs kept, which subsamples do without.
	v := result.Verification
	out.Name, out.Curve, out.Histogram = c.metrics.Name, v.Curve, v.Histogram
	out.Same, out.Different = d.hardPairs(result.HardPositives), d.hardPairs(result.HardNegatives)
	for _, w := range v.Warnings {
		if w.Kind == metric.CoarseFPR { // the report has the other warnings from measuring its metrics
			d.report.Warnings = append(d.report.Warnings, c.metrics.Name+": "+w.String())
		}
	}
	// Each query with its nearest other item, by class.
	confusion, err := metric.Confusion(result.Retrieval.PerQuery, d.labels, d.labels)
	if err != nil {
		return nil, err
	}
	right := d.confused(out, confusion)
	for k := range out.Classes {
		out.Classes[k].Right = right[out.Classes[k].Class]
	}
	out.Map, err = d.mapOf(ctx, *c)
	return out, err
}

// again returns the metrics of embeddings and nothing else of the details: what subsamples need.
func (d *detail) again(ctx context.Context, z *embedding.Embeddings,
	frozen []report.ThresholdDetail) (*report.Detail, error) {
	rows, err := similarities(ctx, z, nil, d.labels)
	if err != nil {
		return nil, err
	}
	out, _, err := d.metricsOf(ctx, z, rows, frozen, metric.Options{})
	return out, err
}

// metricsOf returns the metrics of the embeddings z [N, E] of the items of d at frozen thresholds, and the result of
// the pass over all pairs, whose cosines are rows, with what else the options ask for. frozen is not changed.
func (d *detail) metricsOf(ctx context.Context, z *embedding.Embeddings, rows *metric.Rows,
	frozen []report.ThresholdDetail, opt metric.Options) (*report.Detail, *metric.Result, error) {
	for _, t := range frozen {
		opt.Verification.Thresholds = append(opt.Verification.Thresholds, t.Threshold)
	}
	result, err := rows.AllPairs(ctx, opt)
	if err != nil {
		return nil, nil, err
	}
	v, r := result.Verification, result.Retrieval
	out := &report.Detail{
		AveragePrecision: v.Natural.AveragePrecision, BalancedPrecision: v.Balanced.AveragePrecision,
		FNRAtFPR:   v.FNRAtFPR,
		RPrecision: r.RPrecision, MRR: r.MRR, RecallAt: r.RecallAt, NDCGAt: r.NDCGAt, KNNAt: r.KNNAt,
	}
	// t is a copy: the frozen thresholds serve every subsample.
	for k, t := range frozen {
		t.Test = report.NewAtThreshold(v.At[k])
		out.Thresholds = append(out.Thresholds, t)
	}
	if err := d.byClass(ctx, out, rows); err != nil {
		return nil, nil, err
	}
	if err := d.byDomain(ctx, out, z); err != nil {
		return nil, nil, err
	}
	out.Clusters, err = d.clusters(ctx, z)
	return out, result, err
}

// fewOf returns the first detailPairs pairs in which no item is more than pairsOfItem times. Without that bound one odd
// item would be in all of them.
func fewOf(all []metric.ScoredPair) []metric.ScoredPair {
	var out []metric.ScoredPair
	times := make(map[int]int)
	for _, p := range all {
		if times[p.Left] == pairsOfItem || times[p.Right] == pairsOfItem || len(out) == detailPairs {
			continue
		}
		times[p.Left]++
		times[p.Right]++
		out = append(out, p)
	}
	return out
}

// hardPairs returns the pairs that [fewOf] chooses of all, the hardest first, with ids and classes.
func (d *detail) hardPairs(all []metric.ScoredPair) []report.HardPair {
	var out []report.HardPair
	for _, p := range fewOf(all) {
		out = append(out, report.HardPair{Left: d.test.IDs[p.Left], Right: d.test.IDs[p.Right],
			LeftClass: d.class(p.Left), RightClass: d.class(p.Right), Cosine: p.Score})
	}
	return out
}

// byDomain sets the metrics of every ordered pair of domains, where there are between two and detailDomains of them:
// the number of entries grows as the square. An item without a domain is of the domain "".
func (d *detail) byDomain(ctx context.Context, out *report.Detail, z *embedding.Embeddings) error {
	place := make(map[string]int32) // number of each domain, by its name
	for _, domain := range d.test.Domains {
		place[domain] = 0
	}
	if len(place) < 2 || len(place) > detailDomains {
		return nil
	}
	// By name, so that tables do not depend on the order of items.
	names := slices.Sorted(maps.Keys(place))
	for k, name := range names {
		place[name] = int32(k)
	}
	domains := make([]int32, d.test.N())
	for i, domain := range d.test.Domains {
		domains[i] = place[domain]
	}
	// Queries of one domain against references of another: what a search across domains would find.
	list, macro, err := metric.ByDomain(ctx, z.Values, d.labels, domains, report.Slim())
	if err != nil {
		return err
	}
	out.MacroPairs = &macro
	for _, c := range list {
		recall, _ := c.Retrieval.Recall(1)
		out.Domains = append(out.Domains, report.DomainDetail{
			Query: names[c.Query], Reference: names[c.Reference], Queries: c.Queries, References: c.References,
			Lone:   c.Retrieval.Lone,
			ROCAUC: c.Verification.ROCAUC, EER: c.Verification.EER, MAPAtR: c.Retrieval.MAPAtR, RecallAt1: recall,
		})
	}
	return nil
}

// clusters returns how well k-means clusters of the drawn labelled items match their classes, nil for fewer than two
// items.
func (d *detail) clusters(ctx context.Context, z *embedding.Embeddings) (*report.Clusters, error) {
	if len(d.tests) < 2 {
		return nil, nil
	}
	// k-means from three starts, of which the best is kept: one start often ends in a bad solution.
	labels := make([]int32, len(d.tests))
	for k, i := range d.tests {
		labels[k] = d.labels[i]
	}
	// Time is linear in the items, so that 5,000 of them keep it short beside the passes over pairs.
	c, err := metric.Cluster(ctx, z.Select(d.tests).Values, labels,
		metric.ClusteringOptions{Seed: d.model.Config.Seed, Restarts: 3})
	if err != nil {
		return nil, err
	}
	return &report.Clusters{Items: len(labels), K: c.K, AMI: c.AMI, NMI: c.NMI}, nil
}
