package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
)

// TrainPairs is [Train] for pairs that were labelled one by one, for instance by people; the items need no classes.
// train and val hold rows of items, and no item may be in both (see [pairs.NewSplit]). Preprocessing is fitted on the
// items of train only, and so is PLDA, which needs labels of them.
//
// Every epoch takes the next PairsPerEpoch pairs of train, in random order, so that each is used once before any is
// used again. Half of a batch is positive unless Config.NaturalPairs is set. The share Config.HardMining is drawn from
// the tenth of the pairs whose cosines were farthest from their labels at the start of the epoch.
//
// For a loss on all pairs of a batch, a batch holds the items of some pairs and other items that were labelled with
// them. The loss uses the label and weight of every pair of them in train, at most 32 BatchPairs a batch, and ignores
// pairs without a label. This works best if items are in several pairs, positive and negative ones. For losses with
// class centres, cross-batch memory or batches of one domain, train on the classes that the pairs define
// ([pairs.Pairs.Classes]).
//
// Without classes MAP@R is not defined: use the monitor "val_loss" or "val_auc", over the pairs of val with their
// weights, or one of unseen classes with TrainOptions.Unseen.
//
// Results, cancelling and the errors of a run are those of [Train]. Errors about settings that pairs cannot serve are
// [option.Error].
func TrainPairs(ctx context.Context, backend compute.Backend, cfg Config, items *data.Frame, train, val pairs.Pairs,
	opts TrainOptions) (*Result, error) {
	if err := errors.Join(cfg.Validate(), checkValues(cfg, items)); err != nil {
		return nil, err
	}
	// Settings that would have no effect, or that need classes, are refused rather than ignored.
	const classes = "pairs have none: %s, or train on the classes that the pairs define"
	switch {
	case cfg.Loss.NeedsCentres():
		return nil, option.Errorf("loss.name", "%q needs classes, and "+classes, cfg.Loss.Name,
			`use one on pairs, such as "mse" or "supcon"`)
	case cfg.XBMSize > 0:
		return nil, option.Errorf("xbm_size", "%d: cross-batch memory needs classes, and "+classes, cfg.XBMSize,
			"set it to 0")
	case cfg.AcrossDomains > 0:
		return nil, option.Errorf("across_domains", "%v has no effect on given pairs: set it to 0", cfg.AcrossDomains)
	case cfg.DomainBatches > 0:
		return nil, option.Errorf("domain_batches", "%v: batches of one domain need classes, and "+classes,
			cfg.DomainBatches, "set it to 0")
	}
	warnings, err := train.Validate(items.N())
	if err != nil {
		return nil, fmt.Errorf("training %w", err)
	}
	more, err := val.Validate(items.N())
	if err != nil {
		return nil, fmt.Errorf("validation %w", err)
	}
	warnings = append(warnings, more...)
	// From here on there are two frames of only the items in pairs: preprocessing must not see validation items.
	trainItems, trainPairs := train.Only(items)
	valItems, valPairs := val.Only(items)
	if err := itemset.Disjoint("training", trainItems, "validation", valItems); err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	if same, different := valPairs.Counts(); same == 0 || different == 0 {
		return nil, fmt.Errorf("validation pairs: %d positive and %d negative: both are needed to choose an epoch and "+
			"a threshold: add pairs, or give more items to validation", same, different)
	}
	cfg, notes := fitBatches(cfg, trainItems.N)
	if err := cfg.Validate(); err != nil { // again: of smaller batches a share of views may be none
		return nil, err
	}
	if err := checkMemory(cfg, trainItems, true, opts.Stream); err != nil {
		return nil, err
	}
	t := task{
		train: trainItems, warnings: warnings, notes: notes, pairs: pairs.HashPairs(trainPairs, valPairs),
		val: validation{frame: valItems, pairs: valPairs, unseen: opts.Unseen, separator: cfg.LabelSeparator},
	}
	sampler := func() (batch.Sampler, error) {
		table, err := batch.NewTableBatches(batchOptions(cfg), trainPairs, trainItems.N())
		if err != nil || !cfg.Loss.NeedsBatch() {
			return table, err
		}
		labelled, err := batch.NewLabelledSampler(batchOptions(cfg), table, trainItems.N())
		if err == nil {
			t.of.LabelledPairs = labelled.MaxPairs
		}
		return labelled, err
	}
	if t.samplers, err = samplersOf(cfg, sampler); err != nil {
		return nil, fmt.Errorf("training pairs: %w", err)
	}
	return trainOn(ctx, backend, cfg, t, opts)
}
