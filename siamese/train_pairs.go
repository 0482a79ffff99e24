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

// TrainPairs is [Train] for pairs that were labelled one by one, by people for instance, of items that need no
// classes. train and val are pairs of rows of items; no item may be in both (see SplitPairs). Preprocessing is fitted
// on the items of train only.
//
// Every epoch takes PairsPerEpoch pairs of train, going on where the last one ended, so that each comes once before one
// comes again; half of a batch is positive unless Config.NaturalPairs is set. The share Config.HardPairs of them is taken
// from the tenth whose cosines are farthest from their labels when the epoch begins.
//
// A loss on all pairs of a batch sees the items of so many pairs, and others that were judged with them, at once: it is told
// the label and the weight of every pair of them that is in train, and leaves out those that nobody judged. An epoch has
// PairsPerEpoch / BatchPairs such batches, of which at most 32 BatchPairs pairs are told. It wants several pairs of an item in
// train, positive and negative ones. For losses with class centres, for a memory and for batches of one domain, train on the
// classes that pairs make ([pairs.Pairs.Classes]).
//
// MAP@R is not defined without classes: the monitor is "val_loss" or "val_auc", over the pairs of val with their weights,
// or one of unseen classes where TrainOptions.Unseen has labelled items.
func TrainPairs(ctx context.Context, backend compute.Backend, cfg Config, items *data.Frame, train, val pairs.Pairs, opts TrainOptions) (*Result, error) {
	if err := errors.Join(cfg.Validate(), cfg.Preprocess.Check(items)); err != nil {
		return nil, err
	}
	const classes = "there are pairs only: %s, or train on the classes that the pairs make"
	switch {
	case cfg.Loss.NeedsCentres():
		return nil, option.Errorf("loss.name", "%q needs classes, and "+classes, cfg.Loss.Name, `use one on pairs, such as "mse" or "supcon"`)
	case cfg.XBMSize > 0:
		return nil, option.Errorf("xbm_size", "%d embeddings of earlier batches are the same by their classes, and "+classes, cfg.XBMSize, "set it to 0")
	case cfg.AcrossDomains > 0:
		return nil, option.Errorf("across_domains", "%v has no effect: given pairs are taken as they are listed: set it to 0", cfg.AcrossDomains)
	case cfg.DomainBatches > 0:
		return nil, option.Errorf("domain_batches", "%v has no effect: such batches are drawn by class, and "+classes, cfg.DomainBatches, "set it to 0")
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
	trainItems, trainPairs := train.Only(items)
	valItems, valPairs := val.Only(items)
	if err := itemset.Disjoint("training", trainItems, "validation", valItems); err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	if same, different := valPairs.Counts(); same == 0 || different == 0 {
		return nil, fmt.Errorf("validation pairs: %d positive and %d negative: both are needed to choose an epoch and a threshold: add pairs, or give more items to validation", same, different)
	}
	table, err := batch.NewTableBatches(cfg.batchOptions(), trainPairs, trainItems.N())
	if err != nil {
		return nil, fmt.Errorf("training %w", err)
	}
	t := task{
		train: trainItems, sampler: table, warnings: warnings, pairs: pairs.HashPairs(trainPairs, valPairs),
		val: validation{frame: valItems, pairs: valPairs, unseen: opts.Unseen, separator: cfg.LabelSeparator},
	}
	if cfg.Loss.NeedsBatch() {
		judged, err := batch.NewLabelledSampler(cfg.batchOptions(), table, trainItems.N())
		if err != nil {
			return nil, fmt.Errorf("training %w", err)
		}
		t.sampler, t.of.LabelledPairs = judged, judged.MaxPairs
	}
	return trainOn(ctx, backend, cfg, t, opts)
}
