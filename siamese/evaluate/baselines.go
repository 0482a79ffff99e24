package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/report"
)

// ldaComponents is the number of principal components among which discriminants are searched for, unless embeddings are
// wider. All features would make scatters too large (F x F) and, with fewer items than features, singular.
const ldaComponents = 256

// baselines adds to the report's Others what else can be made of the features, fitted on Options.Train, which is given
// and checked: without training an encoder and, where items have classes, by training it as a classifier.
func (e *evaluation) baselines(ctx context.Context) error {
	val, _ := e.on.sides()
	others := alternatives{
		backend: e.backend, model: e.model, train: e.opt.Train, classes: !e.report.GivenPairs, fits: e.fits,
		add: func(name string, of embedding.Source) error {
			f := &report.Metrics{}
			e.report.Others = append(e.report.Others, f)
			return e.untrained(ctx, f, of, name)
		},
		features: func(name string, t *preprocess.Transform) error {
			f := &report.Metrics{}
			e.report.Others = append(e.report.Others, f)
			return e.features(ctx, f, t, name)
		},
		stage: e.stage,
		warn:  func(text string) { e.report.Warnings = append(e.report.Warnings, text) },
	}
	// Given pairs have no classes that a classifier could learn.
	if err := others.measure(ctx); err != nil || e.report.GivenPairs {
		return err
	}
	return e.classifier(ctx, val)
}

// checkTraining returns why baselines of m cannot be fitted on train, or nil: values that its preprocessing refuses,
// other columns than the model's, or items of train that are in val or test too, by id.
func checkTraining(m *siamese.Model, train, val, test *data.Frame) error {
	if err := m.Config.Preprocess.Check(train); err != nil {
		return fmt.Errorf("training items: %w", err)
	}
	if _, err := m.Transform.Match(train.Columns); err != nil {
		return fmt.Errorf("training items: %w", err)
	}
	return errors.Join(itemset.Disjoint("training", train, "validation", val),
		itemset.Disjoint("training", train, "test", test))
}

// alternatives are what can be made of the features without training an encoder, fitted on training items.
type alternatives struct {
	backend compute.Backend
	model   *siamese.Model // of which the preprocessing, the width of embeddings and the seed are used
	train   *data.Frame
	classes bool // whether labels count; without them there are no discriminants
	fits    *fits

	// add measures one of them. Its error ends the evaluation.
	add func(name string, of embedding.Source) error
	// features is add for the features as a transform makes them.
	features func(name string, t *preprocess.Transform) error
	// stage is told what comes next.
	stage func(what string)
	// warn is told of components and discriminants that cannot be fitted on these items, for instance because features
	// do not vary: the others are still worth having.
	warn func(text string)
}

// measure adds all of them, in the order of the report's names. Missing values are imputed as the model does it, so
// that all methods see the same items.
func (a *alternatives) measure(ctx context.Context) error {
	// Eigenvalues are found on one core: they begin now, beside what follows.
	all := a.fits.components(a.everyComponent(), func() (*preprocess.Transform, error) { return a.allComponents(ctx) })
	defer func() { _, _ = all() }() // waits for it, also after an error; a.components reports that of the fit
	impute := a.model.Config.Preprocess.Impute
	if err := a.fitted(ctx, preprocess.Options{Impute: impute, Scale: preprocess.ScaleNone},
		report.RawName); err != nil {
		return err
	}
	if len(a.train.Blocks) > 1 { // with one block they are the standardised features
		if err := a.fitted(ctx, preprocess.Options{Impute: impute, EqualBlocks: true}, report.BlocksName); err != nil {
			return err
		}
	}
	a.stage(report.PCAName) // the first thing that may have to be waited for
	if err := a.components(ctx, all); err != nil {
		return err
	}
	// The encoder with its first weights: how much comes from the shape of the network and not from training. It is by
	// itself, or features would be compared with features.
	cfg := a.model.Config
	cfg.FeatureShare, cfg.UnknownShare, cfg.PLDA = 0, 0, ""
	initial := encoder.InitAll(a.model.Transform.Width(), cfg.Encoders(), cfg.Seed)
	untrained := &siamese.Model{Config: cfg, Transform: a.model.Transform, Standard: a.model.Standard,
		Layers: initial[0], Ensemble: initial[1:]}
	defer untrained.Close()
	return a.add(report.RandomName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return untrained.Embed(ctx, a.backend, f)
	})
}

// fitted adds features with preprocessing fitted on all training items. An error of the fit ends the evaluation.
func (a *alternatives) fitted(ctx context.Context, spec preprocess.Options, name string) error {
	t, err := preprocess.Fit(ctx, a.train, itemset.AllItems(a.train), spec)
	if err != nil {
		return fmt.Errorf("%s: %w", quote.Text(name), err)
	}
	return a.features(name, t)
}

// fits are what models that are compared have in common, since their training items are the same.
type fits struct {
	spec preprocess.Options
	all  func() (*preprocess.Transform, error) // nil = not begun

	classifier siamese.Prepared // of the training of classifiers
}

// components begins to fit components, on a goroutine of its own, and returns a function that waits for them. Those of
// an earlier model with the same options are returned again.
func (f *fits) components(spec preprocess.Options, fit func() (*preprocess.Transform, error)) func() (
	*preprocess.Transform, error) {
	if f.all == nil || !f.spec.Equal(spec) {
		f.spec, f.all = spec, sync.OnceValues(fit)
		go func() { _, _ = f.all() }() // the error is kept for who waits
	}
	return f.all
}

// everyComponent are the options of all principal components of the standardised features.
func (a *alternatives) everyComponent() preprocess.Options {
	spec := a.model.Config.Preprocess.Standard()
	spec.Variance = 1
	return spec
}

// allComponents fits them.
func (a *alternatives) allComponents(ctx context.Context) (*preprocess.Transform, error) {
	return preprocess.Fit(ctx, a.train, itemset.AllItems(a.train), a.everyComponent())
}

// components adds principal components of the standardised features, as many as an embedding has numbers, the same
// whitened, the discriminants among them, and metrics that are learnt from labels. They are fitted once, by fit, with
// all components, and cut as each needs: the eigenvalues take most of the time.
func (a *alternatives) components(ctx context.Context, fit func() (*preprocess.Transform, error)) error {
	all, err := fit()
	if ctx.Err() != nil { // which is no fault of the items
		return ctx.Err()
	}
	if err != nil {
		a.warn(fmt.Sprintf("no %s: %v", report.PCAName, err))
		return nil
	}
	if err := a.features(report.PCAName, firstComponents(all, a.model.E(), false)); err != nil {
		return err
	}
	if err := a.features(report.WhitenedName, firstComponents(all, a.model.E(), true)); err != nil {
		return err
	}
	if !a.classes { // what follows is learnt from classes
		return nil
	}
	if err := a.discriminants(ctx, all); err != nil {
		return err
	}
	return a.metrics(ctx, all)
}

// metrics adds what is learnt from labels in a metricSpace.
func (a *alternatives) metrics(ctx context.Context, all *preprocess.Transform) error {
	space, err := a.metricSpace(ctx, all)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		names := []string{report.PLDAName, report.KISSMEName, report.LFDAName, report.NCAName}
		a.warn(fmt.Sprintf("no %s: %v", strings.Join(names, ", "), err))
		return nil
	}
	if err := a.plda(ctx, space); err != nil {
		return err
	}
	seed := a.model.Config.Seed
	for _, one := range []struct {
		name  string
		learn learner
	}{{report.KISSMEName, kissme}, {report.LFDAName, thinned(lfda, lfdaItems, seed)},
		{report.NCAName, thinned(nca, ncaItems, seed)}} {
		if err := a.learnt(ctx, one.name, space, one.learn); err != nil {
			return err
		}
	}
	return nil
}

// discriminants adds linear discriminants among all components.
func (a *alternatives) discriminants(ctx context.Context, all *preprocess.Transform) error {
	// Among components and not features: a scatter of 256 columns is well conditioned and quick to invert.
	space := firstComponents(all, max(ldaComponents, a.model.E()), false)
	directions, err := discriminantsOf(ctx, space, a.train)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.warn(fmt.Sprintf("no %s: %v", report.LDAName, err))
		return nil
	}
	return a.add(report.LDAName, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		rows, err := embedding.TransformedRows(ctx, space, f)
		if err != nil {
			return nil, err
		}
		return project(rows, directions), nil
	})
}

// discriminantsOf returns the discriminants [k, d] of the labelled items of train among the k outputs of a transform;
// see [discriminants]. Fewer than two classes are an error.
func discriminantsOf(ctx context.Context, space *preprocess.Transform, train *data.Frame) (*mat.Dense, error) {
	names, labels := itemset.ClassNumbers(train)
	// Discriminants need a class for every row.
	var items, class []int
	for i, label := range labels {
		if int(label) < len(names) { // beyond them are items without a label
			items, class = append(items, i), append(class, int(label))
		}
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("the training items have %d class(es), and two are needed", len(names))
	}
	rows, err := embedding.TransformedRows(ctx, space, train.Select(items))
	if err != nil {
		return nil, err
	}
	return discriminants(wide(rows), class, len(names), ldaShrinkage)
}

// firstComponents returns a copy of t with at most its first k components, whitened or not. t has its components by
// falling variance, and its loadings are [F, width].
func firstComponents(t *preprocess.Transform, k int, whiten bool) *preprocess.Transform {
	width := t.Width()
	k = min(k, width)
	out := *t
	out.Spec.Variance, out.Spec.Components, out.Spec.Whiten = 0, k, whiten
	out.Variance = slices.Clone(t.Variance[:k])
	out.Loadings = make([]float32, 0, t.F()*k)
	for j := range t.F() {
		out.Loadings = append(out.Loadings, t.Loadings[j*width:j*width+k]...)
	}
	// t has kept a share of the variance already, of which the first k have kept / all.
	var kept, all float64
	for i, v := range t.Variance {
		all += float64(v)
		if i < k {
			kept += float64(v)
		}
	}
	out.VarianceKept = t.VarianceKept * kept / all
	return &out
}
