package siamese

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/metric"
)

// validation is what chooses the best epoch and the threshold.
type validation struct {
	frame   *data.Frame
	pairs   Pairs       // of frame
	classes bool        // whether items have classes: then all their pairs are judged, else the listed ones
	unseen  *data.Frame // labelled items of other classes; nil = none

	separator string // of the classes in labels; "" = a label is a class
}

// pairScored are the cosines of pairs and what is known of them.
type pairScored struct {
	cosines []float32
	same    []bool
	weights []float32 // nil = all 1
}

// check returns what keeps the validation from being used, or nil.
func (v *validation) check(cfg Config, m *Model, train *data.Frame) error {
	if _, err := m.Transform.Match(v.frame.Columns); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	wantsUnseen := cfg.Monitor == MonitorUnseenAUC || cfg.Monitor == MonitorUnseenMAP
	switch {
	case v.unseen == nil && wantsUnseen:
		return option.Errorf("monitor", "%q needs items of unseen classes, and there are none: use %q", cfg.Monitor, MonitorMAP)
	case !v.classes && cfg.Monitor == MonitorMAP:
		return option.Errorf("monitor", "%q needs classes, and there are pairs only: use %q", cfg.Monitor, MonitorAUC)
	case v.unseen == nil:
		return nil
	}
	if err := cfg.Preprocess.Check(v.unseen); err != nil {
		return fmt.Errorf("unseen items: %w", err)
	}
	if _, err := m.Transform.Match(v.unseen.Columns); err != nil {
		return fmt.Errorf("unseen items: %w", err)
	}
	return errors.Join(disjoint("training", train, "unseen", v.unseen), disjoint("validation", v.frame, "unseen", v.unseen), newClasses(train, v.unseen, v.separator))
}

// newClasses returns an error when a class of unseen is one of train, or unseen has none.
func newClasses(train, unseen *data.Frame, separator string) error {
	known, names := labellingOf(train, separator).names, labellingOf(unseen, separator).names
	for _, name := range names {
		if slices.Contains(known, name) {
			return fmt.Errorf("unseen items: class %q is trained on: give items of other classes", name)
		}
	}
	if len(names) < 2 {
		return fmt.Errorf("unseen items: %d class(es) among %d items: give items of at least two", len(names), unseen.N())
	}
	return nil
}

// judge fills in the validation figures of e for the weights of m.
func (v *validation) judge(ctx context.Context, backend compute.Backend, m *Model, e *Epoch) (pairScored, error) {
	z, err := m.Embed(ctx, backend, v.frame)
	if err != nil {
		return pairScored{}, err
	}
	cosines, same := pairScores(z, v.pairs)
	scored := pairScored{cosines, same, v.pairs.Weight}
	e.ValLoss = squaredError(cosines, v.pairs)
	if e.Health, err = healthOf(m.encoderPart(z), cosines, same); err != nil {
		return scored, err
	}
	if v.classes {
		e.ValAUC, e.ValMAP, err = allPairs(ctx, z, v.frame, v.separator)
	} else {
		var figures metric.Verification
		figures, err = metric.Verify(cosines, same, scored.weights, metric.VerificationOptions{FPRs: []float64{}})
		e.ValAUC = figures.ROCAUC
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

// allPairs returns ROC-AUC and MAP@R over all pairs of the items of frame, whose embeddings are z.
func allPairs(ctx context.Context, z *Embeddings, frame *data.Frame, separator string) (auc, mapAtR float64, err error) {
	if separator != "" {
		return labellingOf(frame, separator).judge(ctx, z)
	}
	_, labels := classNumbers(frame)
	figures, err := metric.AllPairs(ctx, z.Values, labels, metric.Options{})
	if err != nil {
		return 0, 0, err
	}
	return figures.Verification.ROCAUC, figures.Retrieval.MAPAtR, nil
}

// pairScores returns the cosine of every pair and whether its items are the same.
func pairScores(z *Embeddings, pairs Pairs) (scores []float32, same []bool) {
	scores, same = make([]float32, pairs.Len()), make([]bool, pairs.Len())
	for k := range scores {
		scores[k] = float32(z.Cosine(int(pairs.Left[k]), int(pairs.Right[k])))
		same[k] = pairs.same(k)
	}
	return scores, same
}

// CosinesByLabel returns the cosines of the positive and of the negative pairs by z, each in the order of pairs.
// It panics when a pair names an item that is not there.
func CosinesByLabel(z *Embeddings, pairs Pairs) (same, different []float32) {
	scores, isSame := pairScores(z, pairs)
	for k, score := range scores {
		if isSame[k] {
			same = append(same, score)
		} else {
			different = append(different, score)
		}
	}
	return same, different
}

// squaredError returns the weighted mean squared difference of cosines and labels.
func squaredError(cosines []float32, pairs Pairs) float64 {
	var sum, weights float64
	for k, s := range cosines {
		d, w := float64(s)-float64(pairs.Label[k]), float64(pairs.weight(k))
		sum += w * d * d
		weights += w
	}
	return sum / weights
}
