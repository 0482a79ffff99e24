package siamese

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Adapt returns a model for another population, of which it needs items, two or more, without their labels: the PLDA of
// its features is adapted to them ([plda.Model.Adapt]), which is all that changes in embeddings. Of items that are
// tested on, that is transductive. Their hashes join TrainedOn, so that an evaluation finds them among its test items,
// and Notes has their number.
//
// Threshold and calibration are chosen anew on the items of val, which should be those of the training: on the same
// pairs, and of every width of Config.Nested. Without val (nil) they are those of m and do not hold for the other
// cosines, and shorter embeddings have none. The two models share layers and preprocessing; close both.
//
// A model without PLDA of its features is an error of the option "plda"; [Model.WithPLDA] adds it. Errors are also
// those of [Model.Embed].
func (m *Model) Adapt(ctx context.Context, backend compute.Backend, unlabelled, val *data.Frame) (*Model, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.FeaturesPLDA == nil {
		return nil, option.Errorf("plda", "the features of the model are compared by plain cosines, and it is PLDA that is "+
			"adapted: train it with %q or %q, and a feature share", "features", "both")
	}
	z, err := embedding.UnitRows(ctx, m.Transform, unlabelled)
	if err != nil {
		return nil, fmt.Errorf("items to adapt to: %w", err)
	}
	out := m.Copy()
	out.Nested = nil // chosen on other cosines
	if out.FeaturesPLDA, err = m.FeaturesPLDA.Adapt(ctx, z); err != nil {
		return nil, fmt.Errorf("items to adapt to: %w", err)
	}
	hashes, err := m.hashes(unlabelled)
	if err != nil {
		return nil, fmt.Errorf("items to adapt to: %w", err)
	}
	if len(m.TrainedOn) > 0 { // else it is not known, and would seem to be
		all := slices.Concat(m.TrainedOn, hashes)
		slices.Sort(all)
		out.TrainedOn = slices.Compact(all)
	}
	out.Notes = append(out.Notes, fmt.Sprintf("PLDA of the features is adapted to %d items without labels",
		out.FeaturesPLDA.Adapted))
	if val == nil {
		return out, nil
	}
	of, err := ValidationPairs(out.Config, val)
	if err != nil {
		return nil, fmt.Errorf("validation items: %w", err)
	}
	if err := out.settleOn(ctx, backend, val, of); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

// settleOn chooses all thresholds and calibrations of the model by pairs of the items of val. Warnings become notes.
func (m *Model) settleOn(ctx context.Context, backend compute.Backend, val *data.Frame, of pairs.Pairs) error {
	z, err := m.Embed(ctx, backend, val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	cosines, same := pairs.Scores(z, of)
	warnings, err := m.settle(scoredPairs{cosines, same, of.Weight, z})
	if err != nil {
		return err
	}
	more, err := m.settleNested(z, of)
	if err != nil {
		return err
	}
	for _, text := range append(warnings, more...) {
		if !slices.Contains(m.Notes, text) {
			m.Notes = append(m.Notes, text)
		}
	}
	return nil
}
