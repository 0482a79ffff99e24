package siamese

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/version"
)

// Untrained returns the model that [Train] starts from: the encoder has the initial weights of the seed, preprocessing
// is fitted on all items of train, the threshold is 0.5. It is for measuring speed and for tests; it checks less than
// Train. PLDA of the encoder and the gate, which only Train fits, are left out of its Config.
func Untrained(ctx context.Context, cfg Config, train *data.Frame) (*Model, error) {
	of, err := fitKnown(ctx, cfg, train, nil, nil)
	if err != nil {
		return nil, err
	}
	return untrained(cfg, of), nil
}

// fitKnown is fit with what is remembered of the frames; p may be nil.
func fitKnown(ctx context.Context, cfg Config, train, val *data.Frame, p *Prepared) (fitted, error) {
	of, err := prepared(p, train, val, fmt.Sprintf("transforms %+v", cfg.Preprocess),
		func() (fitted, error) { return fitTransforms(ctx, cfg, train) })
	if features, _ := cfg.ByPLDA(); err != nil || !features {
		return of, err
	}
	of.plda, err = prepared(p, train, val, fmt.Sprintf("PLDA %+v %d", cfg.Preprocess, cfg.Seed),
		func() (*plda.Model, error) { return fitFeaturesPLDA(ctx, cfg, of.transform, train) })
	return of, err
}

// untrained is Untrained with these transforms.
func untrained(cfg Config, of fitted) *Model {
	transform := of.transform
	m := &Model{Lab: version.Version, Config: whileTraining(cfg), Transform: transform, Standard: of.standard,
		Threshold: 0.5, FeaturesPLDA: of.plda}
	m.take(encoder.InitAll(transform.Width(), cfg.Encoders(), cfg.Seed))
	m.Notes = append(m.Notes, notesOfPLDA("the features", of.plda)...)
	if n, fewer := transform.Fewer(); fewer {
		m.Notes = append(m.Notes, fmt.Sprintf("preprocessing has %d components, since the training items vary in no "+
			"more directions; %d were asked for", n, cfg.Preprocess.Components))
	}
	return m
}

// compileAhead begins to compile the steps of a run over width features, unless the run may have ended before: then
// nothing is trained. For wait see [step.Ahead].
func compileAhead(backend compute.Backend, cfg Config, width int, t task, opts TrainOptions) (wait func(), err error) {
	if opts.State != "" {
		files, err := stateFiles(opts.State)
		if err != nil || len(files) > 0 {
			return nil, err
		}
	}
	var waits []func()
	for k, layers := range cfg.Encoders() {
		if slices.ContainsFunc(cfg.Encoders()[:k], func(other []int) bool { return slices.Equal(other, layers) }) {
			continue // it shares what is compiled
		}
		of := encoderConfig(cfg, k)
		options := stepOptions(of, of.Epochs*stepsPerEpoch(of))
		options.OwnFeatures = opts.Stream
		if wait := step.Ahead(backend, options, slices.Concat([]int{width}, layers), t.train.N(), t.of); wait != nil {
			waits = append(waits, wait)
		}
	}
	if waits == nil {
		return nil, nil
	}
	return func() {
		for _, wait := range waits {
			wait()
		}
	}, nil
}
