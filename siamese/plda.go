package siamese

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/plda"
)

// checkPLDA returns why PLDA cannot be fitted to the labels of train, or nil: before hours of training, not after them.
func checkPLDA(c Config, train *data.Frame) error {
	if c.PLDA == "" {
		return nil
	}
	counts := map[string]int{}
	for _, label := range train.Labels {
		if label != "" {
			counts[label]++
		}
	}
	if len(counts) < 2 || slices.Max(slices.Collect(maps.Values(counts))) < 2 {
		return option.Errorf("plda", "it is fitted to two classes or more, one of them of two items or more, and the "+
			"training items have %d class(es): give labels, or leave it out", len(counts))
	}
	return nil
}

// fitFeaturesPLDA returns the PLDA of the labelled items of train, at unit length in the space of transform. What is in
// its way is an [option.Error] about the setting.
func fitFeaturesPLDA(ctx context.Context, cfg Config, transform *preprocess.Transform,
	train *data.Frame) (*plda.Model, error) {
	if err := checkPLDA(cfg, train); err != nil {
		return nil, err
	}
	z, err := embedding.UnitRows(ctx, transform, train)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	return fitPLDA(ctx, cfg, z, train)
}

// fitPLDA returns the PLDA of labelled items with the vectors z.
func fitPLDA(ctx context.Context, cfg Config, z *embedding.Embeddings, train *data.Frame) (*plda.Model, error) {
	m, err := plda.Fit(ctx, z, train.Labels, plda.Options{Seed: cfg.Seed})
	if err != nil && ctx.Err() == nil {
		return nil, option.Errorf("plda", "the training items do not allow it (%w): leave it out", err)
	}
	return m, err
}

// notesOfPLDA returns what whoever uses a model should know of the PLDA of a part of it; nil where there is none.
func notesOfPLDA(part string, p *plda.Model) []string {
	if p == nil || p.Tried != nil {
		return nil
	}
	return []string{fmt.Sprintf("PLDA of %s took the isotropic share %v, since the training items have too few classes to "+
		"choose it by: %d", part, p.Isotropic, p.Classes)}
}

// whileTraining returns the configuration of a model as long as its encoder is trained: its PLDA and its gate, which
// are fitted to the best encoder, are not there yet.
func whileTraining(c Config) Config {
	c.UnknownShare = 0
	if features, _ := c.ByPLDA(); features {
		c.PLDA = config.PLDAFeatures
	} else {
		c.PLDA = ""
	}
	return c
}

// addEncoderPLDA fits PLDA to what the best encoder makes of the training items, where the run wants it, and chooses the
// threshold and the calibration again, on the same pairs as before. An encoder that does not allow it, for instance
// because it has collapsed, keeps its plain cosine, with a note that stays with the model: a run of hours should not fail
// over it. Without a judged epoch there is nothing to fit.
func (r *run) addEncoderPLDA(ctx context.Context) error {
	if _, wanted := r.cfg.ByPLDA(); !wanted || r.result.Best == 0 {
		return nil
	}
	m := r.result.Model
	with, err := m.withEncoderPLDA(ctx, r.backend, r.cfg, r.train)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if names := option.Names(err); len(names) > 0 {
		text := fmt.Sprintf("the encoder is compared by its plain cosine: %v", err)
		r.warn("%s", text)
		m.Notes = append(m.Notes, text)
		return nil
	}
	if err != nil {
		return fmt.Errorf("PLDA of the encoder: %w", err)
	}
	if err := m.Close(); err != nil { // the compiled graph is that of the plain cosine
		return err
	}
	m.EncoderPLDA, m.Config.PLDA = with, r.cfg.PLDA
	m.Notes = append(m.Notes, notesOfPLDA("the encoder", with)...)
	return r.chooseAgain(ctx)
}

// chooseAgain chooses the threshold and the calibration of the model for what its embeddings have become, on the same
// pairs as before.
func (r *run) chooseAgain(ctx context.Context) error {
	m := r.result.Model
	z, err := m.Embed(ctx, r.backend, r.val.frame)
	if err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	cosines, same := pairs.Scores(z, r.val.pairs)
	warnings, err := m.settle(scoredPairs{cosines, same, r.val.pairs.Weight, z})
	r.warnOnce(warnings)
	return err
}

// withEncoderPLDA returns the PLDA of what the encoder of m makes of the labelled items of train.
func (m *Model) withEncoderPLDA(ctx context.Context, backend compute.Backend, cfg Config,
	train *data.Frame) (p *plda.Model, err error) {
	alone := m.EncoderAlone()
	alone.Config.PLDA, alone.EncoderPLDA = "", nil
	defer func() { err = errors.Join(err, alone.Close()) }()
	z, err := alone.Embed(ctx, backend, train)
	if err != nil {
		return nil, err
	}
	return fitPLDA(ctx, cfg, z, train)
}

// WithPLDA returns a model that differs from m in the parts of its embeddings that are compared by PLDA, as Config.PLDA
// says it: parts is "", "features", "encoder" or "both". PLDA that m has not is fitted on the items of train, which
// should be those that m was trained on; train is not read otherwise and may be nil. Threshold and calibration are those
// of m and do not hold for the other cosines; shorter embeddings have none. The two models share layers and
// preprocessing; close both.
//
// Parts that are not known, the features of a model without a feature share, and items whose labels do not allow it are
// errors of the option "plda".
func (m *Model) WithPLDA(ctx context.Context, backend compute.Backend, train *data.Frame, parts string) (*Model, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	other := m.Copy()
	other.Config.PLDA = parts
	if err := other.Config.Validate(); err != nil {
		return nil, err
	}
	ofFeatures, ofEncoder := other.Config.ByPLDA()
	if (ofFeatures && m.FeaturesPLDA == nil || ofEncoder && m.EncoderPLDA == nil) && train == nil {
		return nil, option.Errorf("plda", "%q is fitted on training items: give them", parts)
	}
	if train != nil {
		if err := checkPLDA(other.Config, train); err != nil {
			return nil, err
		}
	}
	if parts != m.Config.PLDA {
		other.Nested = nil // chosen on other cosines
	}
	var err error
	switch {
	case !ofFeatures:
		other.FeaturesPLDA = nil
	case m.FeaturesPLDA == nil:
		if other.FeaturesPLDA, err = fitFeaturesPLDA(ctx, other.Config, m.Transform, train); err != nil {
			return nil, err
		}
	}
	switch {
	case !ofEncoder:
		other.EncoderPLDA = nil
	case m.EncoderPLDA == nil:
		if other.EncoderPLDA, err = m.withEncoderPLDA(ctx, backend, other.Config, train); err != nil {
			return nil, err
		}
	}
	return other, nil
}

// EncoderAlone returns a model of the encoder's part of the embeddings of m, without features beside it. Threshold and
// calibration are those of m and do not hold for its cosines. The two share layers and preprocessing; close both.
func (m *Model) EncoderAlone() *Model {
	other := m.Copy()
	if m.Config.FeatureShare > 0 {
		other.Nested = nil // chosen on other cosines
	}
	other.Config.FeatureShare, other.Config.PLDA, other.FeaturesPLDA = 0, "", nil
	other.Config.UnknownShare, other.Gate = 0, nil
	if m.EncoderPLDA != nil {
		other.Config.PLDA = config.PLDAEncoder
	}
	return other
}

// Features returns what of an embedding is not the encoder's, at unit length [N, width]: the preprocessed features, or
// what PLDA makes of them. It is there whatever Config.FeatureShare is. Errors are those of [Model.Embed].
func (m *Model) Features(ctx context.Context, frame *data.Frame) (*embedding.Embeddings, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	z, err := embedding.UnitRows(ctx, m.Transform, frame)
	if err != nil {
		return nil, fmt.Errorf("the model's features: %w", err)
	}
	if m.FeaturesPLDA == nil {
		return z, nil
	}
	return m.FeaturesPLDA.Project(z)
}

// validatePLDA returns what is wrong with the PLDA of the model, whose layers fit each other, or nil.
func (m *Model) validatePLDA() error {
	ofFeatures, ofEncoder := m.Config.ByPLDA()
	for _, one := range []struct {
		part   string
		wanted bool
		p      *plda.Model
		width  int
	}{{"the encoder", ofEncoder, m.EncoderPLDA, outputs(m.Encoders())},
		{"the features", ofFeatures, m.FeaturesPLDA, m.Transform.Width()}} {
		if one.wanted != (one.p != nil) {
			return fmt.Errorf("the configuration says plda %q, and whether there is PLDA of %s: %v", m.Config.PLDA, one.part,
				one.p != nil)
		}
		if one.p == nil {
			continue
		}
		if err := one.p.Validate(); err != nil {
			return fmt.Errorf("PLDA of %s: %w", one.part, err)
		}
		if k := one.p.K(); k != one.width {
			return fmt.Errorf("PLDA of %s is damaged: it is of %d numbers, and they have %d", one.part, k, one.width)
		}
	}
	return nil
}
