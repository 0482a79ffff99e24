package evaluate

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// method is one kind of similarity that has been measured: a way to make vectors of items, whose cosine it is, and a
// threshold.
type method struct {
	metrics *report.Metrics       // where they are in the report
	z       *embedding.Embeddings // [N, E] of the test items; nil for given pairs, and for estimates of all but the first
	of      embedding.Source      // of its vectors
	// mixed make another similarity of cosines of the validation and of the test items; nil where that is the cosine.
	mixed [2]metric.Mixture

	// Over all pairs of items:
	thresholds []report.ThresholdDetail // without what they do on test items; nil where no details are wanted
	validation []stats.ThresholdMetrics // of the thresholds, on validation items; nil where no intervals are wanted
	estimate   *metric.Estimate         // of the metrics; exact where every query was taken
	system     stats.System             // of intervals
	rows       *metric.Rows             // see [overItems.rowsOf]

	scores []float64 // [B] cosines of given test pairs; nil for items
}

// others measures what the trained encoder is compared with: standardised features, features as the encoder sees them
// where these are not the same and, with training items, the baselines. It also warns of test items that are copies of
// validation items or of items that the model was trained on, because they make every method look better.
func (e *evaluation) others(ctx context.Context) error {
	m := e.model
	if err := e.features(ctx, &e.report.Baseline, m.Standard, report.StandardisedName); err != nil {
		return err
	}
	val, test := e.on.sides()
	if !e.report.GivenPairs {
		copies, err := itemset.Copies("validation", val, "test", test)
		if err != nil {
			return err
		}
		e.report.Warnings = append(e.report.Warnings, copies...)
	}
	// Items of the training under other ids; those of the same id are found where the training items are given.
	known, err := trainedOn(m, test)
	if err != nil {
		return err
	}
	e.report.Warnings = append(append(e.report.Warnings, known...), m.Notes...)
	if m.Cut != "" {
		e.report.Warnings = append(e.report.Warnings, "the training of this model was cut, "+provenance.Volatile(m.Cut)+
			": it may be worse than one that was trained to its end")
	}
	if m.Transform != m.Standard { // by pointer: a model without preprocessing of its own holds one transform twice
		e.report.Preprocessed = &report.Metrics{}
		if err := e.features(ctx, e.report.Preprocessed, m.Transform, featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train == nil { // without training items nothing else can be fitted
		return nil
	}
	return e.baselines(ctx)
}

// untrained fills f with the metrics of features, taken as embeddings, with the threshold on their cosine that is best
// for validation pairs. The trained encoder's threshold would not do: cosines of features are spread otherwise.
func (e *evaluation) untrained(ctx context.Context, f *report.Metrics, of embedding.Source, name string) error {
	e.stage(name)
	onVal, onTest, err := e.source(ctx, of)
	if err != nil {
		return err
	}
	// The encoder's threshold was chosen in training, on pairs of the same kind.
	threshold, err := e.on.choose(e, name, onVal)
	if err != nil {
		return err
	}
	if err := e.measure(ctx, f, onVal, onTest, name, threshold); err != nil {
		return err
	}
	e.methods[len(e.methods)-1].of = of
	return nil
}

// measure fills f, which must be part of the report, with the metrics of embeddings at a threshold, and adds the
// method.
func (e *evaluation) measure(ctx context.Context, f *report.Metrics, onVal, onTest *embedding.Embeddings, name string,
	threshold float64) error {
	return e.measureMixed(ctx, f, onVal, onTest, [2]metric.Mixture{}, name, threshold)
}

// measureMixed is measure for similarities that are made of the cosines of both sides.
func (e *evaluation) measureMixed(ctx context.Context, f *report.Metrics, onVal, onTest *embedding.Embeddings,
	mixed [2]metric.Mixture, name string, threshold float64) error {
	*f = report.Metrics{Name: name, Threshold: threshold}
	// Embeddings of the validation items are not needed again, and neither is what is made of them.
	m := method{metrics: f, z: onTest, mixed: mixed}
	if err := e.on.measure(ctx, e, &m, onVal, onTest); err != nil {
		return fmt.Errorf("%s: %w", quote.Text(name), err)
	}
	m.mixed[0] = nil
	e.methods = append(e.methods, m)
	return nil
}

// best returns the place among all methods of the best untrained one: that of [report.Report.Untrained].
func (e *evaluation) best() int {
	name := e.report.Untrained().Name
	return slices.IndexFunc(e.methods, func(m method) bool { return m.metrics.Name == name })
}

// featuresName returns what reports call the features as the encoder of m sees them. Preprocessing that was fitted to
// labels is training of a kind, and its name must not say otherwise.
func featuresName(m *siamese.Model) string {
	if m.Config.Preprocess.UsesLabels() {
		return report.FittedName
	}
	return report.PreprocessedName
}
