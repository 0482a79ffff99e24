package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// validation holds the items and pairs that choose the best epoch and the threshold.
type validation struct {
	frame   *data.Frame
	pairs   pairs.Pairs // of frame
	classes bool        // whether items have classes: then metrics are over all their pairs, else over pairs
	unseen  *data.Frame // labelled items of other classes; nil = none

	separator string // of the classes in labels, Config.LabelSeparator; "" = a label is a class
}

// scoredPairs are the validation pairs with their cosines, labels and weights, in lists of one length.
type scoredPairs struct {
	cosines []float32
	same    []bool
	weights []float32 // nil = all 1

	z *embedding.Embeddings // of the validation items
}

// check returns an error if the validation data do not suit the configuration, the model or the training items: other
// columns, items or classes that were trained on, or a monitor without what it is computed from.
func (v *validation) check(cfg Config, m *Model, train *data.Frame) error {
	if _, err := m.Transform.Match(v.frame.Columns); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	// A monitor that stays 0 would choose the first epoch without a word.
	wantsUnseen := cfg.Monitor == MonitorUnseenAUC || cfg.Monitor == MonitorUnseenMAP
	switch {
	case v.unseen == nil && wantsUnseen:
		return option.Errorf("monitor", "%q needs items of unseen classes, and none are given: use %q", cfg.Monitor,
			MonitorMAP)
	case !v.classes && cfg.Monitor == MonitorMAP:
		return option.Errorf("monitor", "%q needs classes, and pairs have none: use %q", cfg.Monitor, MonitorAUC)
	case v.unseen == nil:
		return nil
	}
	if err := checkValues(cfg, v.unseen); err != nil {
		return fmt.Errorf("unseen items: %w", err)
	}
	if _, err := m.Transform.Match(v.unseen.Columns); err != nil {
		return fmt.Errorf("unseen items: %w", err)
	}
	return errors.Join(itemset.Disjoint("training", train, "unseen", v.unseen),
		itemset.Disjoint("validation", v.frame, "unseen", v.unseen), itemset.NewClasses(train, v.unseen, v.separator))
}

// evaluate sets the validation metrics and diagnostics of e for the weights of m, and returns the scored validation
// pairs, from which the caller chooses the threshold. It embeds all items of the frame, and of unseen. With classes it
// compares all pairs of items, O(N² E); that gives steadier metrics than the drawn pairs, on which only ValLoss is.
func (v *validation) evaluate(ctx context.Context, backend compute.Backend, m *Model, e *Epoch) (scoredPairs, error) {
	z, err := m.Embed(ctx, backend, v.frame)
	if err != nil {
		return scoredPairs{}, err
	}
	cosines, same := pairs.Scores(z, v.pairs)
	scored := scoredPairs{cosines, same, v.pairs.Weight, z}
	e.ValLoss = pairs.SquaredError(cosines, v.pairs)
	if e.Diagnostics, err = diagnose(m.encoderPart(z), cosines, same); err != nil {
		return scored, err
	}
	if v.classes {
		e.ValAUC, e.ValMAP, err = allPairs(ctx, z, v.frame, v.separator)
	} else { // given pairs: those are all that is known
		var found metric.Verification
		found, err = metric.Verify(cosines, same, scored.weights, metric.VerificationOptions{FPRs: []float64{}})
		e.ValAUC = found.ROCAUC
	}
	if err != nil || v.unseen == nil {
		return scored, err
	}
	if z, err = m.Embed(ctx, backend, v.unseen); err != nil {
		return scored, fmt.Errorf("unseen items: %w", err)
	}
	e.UnseenAUC, e.UnseenMAP, err = allPairs(ctx, z, v.unseen, v.separator)
	return scored, err
}

// allPairs returns ROC-AUC and MAP@R over all pairs of the items of frame, whose embeddings are z. An item without a
// label is the same as no other; with a separator its pairs are unknown and left out.
func allPairs(ctx context.Context, z *embedding.Embeddings, frame *data.Frame,
	separator string) (auc, mapAtR float64, err error) {
	if separator != "" {
		return itemset.LabelsOf(frame, separator).Evaluate(ctx, z)
	}
	_, labels := itemset.ClassNumbers(frame)
	found, err := metric.AllPairs(ctx, z.Values, labels, metric.Options{})
	if err != nil {
		return 0, 0, err
	}
	return found.Verification.ROCAUC, found.Retrieval.MAPAtR, nil
}
