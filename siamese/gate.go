package siamese

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gate"
)

// checkGate returns why a gate cannot be fitted to the labels of train and val, or nil: before hours of training.
func checkGate(c Config, train, val *data.Frame) error {
	switch {
	case c.UnknownShare == 0 || len(ofKnownClasses(train, val)) > 0:
		return nil
	case !slices.ContainsFunc(train.Labels, func(label string) bool { return label != "" }):
		return option.Errorf("unknown_share", "items are known by the classes of the training items, which have no "+
			"labels: give labels, or set it to 0")
	}
	return option.Errorf("unknown_share", "validation items show how near items of known classes are, and none is of a "+
		"training class: validate on items of these classes, or set it to 0")
}

// ofKnownClasses returns the items of val whose class is one of train, in order.
func ofKnownClasses(train, val *data.Frame) []int {
	known := map[string]bool{}
	for _, label := range train.Labels {
		known[label] = label != ""
	}
	var items []int
	for i, label := range val.Labels {
		if known[label] {
			items = append(items, i)
		}
	}
	return items
}

// addGate fits the gate to the training and the validation items and what the best encoder makes of them, where the run
// wants one, and chooses the threshold and the calibration again. Without a judged epoch there is nothing to fit.
func (r *run) addGate(ctx context.Context) error {
	if r.cfg.UnknownShare == 0 || r.result.Best == 0 {
		return nil
	}
	m := r.result.Model
	fitted, err := r.fitGate(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if err := m.Close(); err != nil { // the compiled graph has no gate
		return err
	}
	m.Gate, m.Config.UnknownShare = fitted, r.cfg.UnknownShare
	return r.chooseAgain(ctx)
}

// fitGate returns the gate of the encoder's outputs. Validation items of other classes say nothing of known ones.
func (r *run) fitGate(ctx context.Context) (g *gate.Model, err error) {
	alone := r.result.Model.EncoderAlone()
	alone.Config.PLDA, alone.EncoderPLDA = "", nil // it goes by the plain output
	defer func() { err = errors.Join(err, alone.Close()) }()
	parts := func(f *data.Frame) (of gate.Items, err error) {
		if of.Encoder, err = alone.Embed(ctx, r.backend, f); err == nil {
			of.Features, err = embedding.UnitRows(ctx, alone.Transform, f)
		}
		return of, err
	}
	train, err := parts(r.train)
	if err != nil {
		return nil, fmt.Errorf("gate: training items: %w", err)
	}
	val, err := parts(r.val.frame.Select(ofKnownClasses(r.train, r.val.frame)))
	if err != nil {
		return nil, fmt.Errorf("gate: validation items: %w", err)
	}
	return gate.Fit(ctx, train, r.train.Labels, val)
}

// validateGate returns what is wrong with the gate of the model, whose layers fit each other, or nil.
func (m *Model) validateGate() error {
	if wanted := m.Config.UnknownShare > 0; wanted != (m.Gate != nil) {
		return fmt.Errorf("the configuration says unknown_share %v, and whether there is a gate: %v", m.Config.UnknownShare,
			m.Gate != nil)
	}
	if m.Gate == nil {
		return nil
	}
	if err := m.Gate.Validate(); err != nil {
		return err
	}
	if e, f := outputs(m.Encoders()), m.Transform.Width(); m.Gate.Encoder.Width != e || m.Gate.Features.Width != f {
		return fmt.Errorf("the gate is of %d and %d numbers, and encoder and features have %d and %d", m.Gate.Encoder.Width,
			m.Gate.Features.Width, e, f)
	}
	return nil
}
