package lab

import (
	"errors"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session"
)

// Model is a trained model, with the items that its answers are about.
type Model struct {
	Config    config.Config
	Threshold float64         // from which cosine on two items are the same
	Best      int             // number of the best epoch
	History   []history.Epoch // one for each epoch
	Warnings  []string
	Digest    string // of the weights and the threshold: models with equal ones are equal to the bit

	model *session.Model
	items *Items
	split *Split
	pairs *Pairs
	name  string // "" = none

	gallery session.GalleryOptions // of searches and reports
	index   string                 // path of the index that is searched; "" = items are
	in      session.IndexOptions
}

// newModel returns a model of items; what it was trained on is nil for one from a file.
func newModel(m *session.Model, items *Items, split *Split, pairs *Pairs) *Model {
	return &Model{Config: m.Config, Threshold: m.Threshold, Best: m.Best, History: m.History, Warnings: m.Warnings,
		Digest: m.Digest, model: m, items: items, split: split, pairs: pairs}
}

// Load returns the model in a file, for these items.
func (i *Items) Load(path string) *Model {
	m := result(during("loading "+path, func(func(session.Work)) (*session.Model, error) {
		return Session().Load(stopped(), path)
	}))
	return newModel(m, i, nil, nil)
}

// On returns the model for other items, such as those of another file.
func (m *Model) On(items *Items) *Model {
	on := newModel(m.model, items, nil, nil)
	on.gallery = m.gallery
	return on
}

// Expand returns the model for searches that use the gallery: every item gives way to the mean of itself and its n
// nearest, such as 30, and the cosines of these order what Similar and SimilarTo find. Evaluate has rows that show
// what that gains. Options set the rest, as flags of the command of the same names do.
//
//	model.Expand(30).Similar("a-17", 5)
func (m *Model) Expand(n int, options ...Option[session.GalleryOptions]) *Model {
	return m.using(func(o *session.GalleryOptions) { o.Expand = n }, options)
}

// Rerank returns the model for searches that use the gallery: what is found by cosine is put in another order, by which
// of their n nearest, such as 20, items have in common (k-reciprocal encoding). It can follow Expand, whose means are
// re-ranked then.
func (m *Model) Rerank(n int, options ...Option[session.GalleryOptions]) *Model {
	return m.using(func(o *session.GalleryOptions) { o.Rerank = n }, options)
}

// using returns the model with another use of the gallery.
func (m *Model) using(first Option[session.GalleryOptions], options []Option[session.GalleryOptions]) *Model {
	using := *m
	first(&using.gallery)
	using.gallery = change(using.gallery, options)
	return &using
}

// Save writes the model to a file, which the command and the library read; where the path ends in .onnx, as ONNX for
// other programs, which the lab does not read back.
func (m *Model) Save(path string) { check(m.model.Save(stopped(), path)) }

// Baselines adds kinds of similarity that are fitted on the training items.
func Baselines(o *session.EvaluateOptions) { o.Baselines = true }

// Details adds curves, classes and the hardest pairs.
func Details(o *session.EvaluateOptions) { o.Details = true }

// Transductive adds a row of the model adapted to the test items without their labels, which decides nothing. It needs
// a model that was trained with lab.Set("PLDA", "features") and a feature share.
func Transductive(o *session.EvaluateOptions) { o.Transductive = true }

// CostFP sets what it costs to call a different pair the same, for the costs of the evidence and the threshold of least
// cost. Without it that costs 1.
func CostFP(cost float64) Option[session.EvaluateOptions] {
	return func(o *session.EvaluateOptions) { o.CostFP = cost }
}

// CostFN sets what it costs to call a same pair different; see [CostFP].
func CostFN(cost float64) Option[session.EvaluateOptions] {
	return func(o *session.EvaluateOptions) { o.CostFN = cost }
}

// Prior sets the share of same pairs among those to decide on, above 0 and below 1, for the same costs: where one
// candidate in a thousand is the same, lab.Prior(0.001). Without it it is .5.
func Prior(share float64) Option[session.EvaluateOptions] {
	return func(o *session.EvaluateOptions) { o.Prior = share }
}

// Guarantee sets the error rate that the guaranteed thresholds of [Report.Reliability] keep to, above 0 and below 1.
// Without it it is .05.
func Guarantee(rate float64) Option[session.EvaluateOptions] {
	return func(o *session.EvaluateOptions) { o.Guarantee = rate }
}

// evaluation returns the options of an evaluation. A cost that is not given is 1; where both are, nothing is asked for.
func evaluation(first session.EvaluateOptions, options []Option[session.EvaluateOptions]) session.EvaluateOptions {
	first.CostFP, first.CostFN = 1, 1
	out := change(first, options)
	if out.CostFP == 1 && out.CostFN == 1 {
		out.CostFP, out.CostFN = 0, 0
	}
	return out
}

// Evaluate returns how the model does on the test items of the split, or the test pairs, that it was trained with,
// beside features without training.
func (m *Model) Evaluate(options ...Option[session.EvaluateOptions]) *Report {
	opt := evaluation(session.EvaluateOptions{Gallery: m.gallery}, options)
	if m.split == nil && m.pairs == nil {
		check(errors.New("the model was not trained here, so that its test items are not known: use EvaluateOn(split)"))
	}
	return newReport(during("evaluating", func(each func(session.Work)) (*session.Report, error) {
		if m.pairs != nil {
			return m.model.EvaluatePairs(stopped(), m.pairs.pairs, opt)
		}
		return m.model.EvaluateWith(stopped(), m.split.split, opt, each)
	}))
}

// EvaluateOn is [Model.Evaluate] on the test items of another split.
func (m *Model) EvaluateOn(split *Split, options ...Option[session.EvaluateOptions]) *Report {
	opt := evaluation(session.EvaluateOptions{Gallery: m.gallery}, options)
	return newReport(during("evaluating", func(each func(session.Work)) (*session.Report, error) {
		return m.model.EvaluateWith(stopped(), split.split, opt, each)
	}))
}

// Session returns the session's own handle.
func (m *Model) Session() *session.Model { return m.model }

// String returns the model in some lines.
func (m *Model) String() string { return m.model.String() }

// Display shows the model's training as a curve in the cell.
func (m *Model) Display() { display(m.model) }
