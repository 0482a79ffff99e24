package study

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// String returns the name of the trial.
func (t Trial) String() string { return t.Name }

// String returns the result of the trial in a line.
func (t *TrialResult) String() string {
	if t.Result == nil {
		return t.Name + ": not trained"
	}
	text := fmt.Sprintf("%s: %d epochs in %.1f s", t.Name, len(t.Result.History), t.Seconds)
	if b := t.Result.Best; b > 0 && b <= len(t.Result.History) {
		text += "; the best is " + t.Result.History[b-1].String()
	}
	return text
}

// String returns the sizes of the fold's sides, and the classes that are held out.
func (f ProtocolFold) String() string {
	text := fmt.Sprintf("fold %d: %d training, %d validation and %d test items, %d seeds", f.Number, f.Train, f.Val,
		f.Test, len(f.Seeds))
	if len(f.HeldOut) > 0 {
		text += fmt.Sprintf("; held out: %q", f.HeldOut)
	}
	return text
}

// String returns the mean over folds, with its interval where there is one.
func (m ProtocolMetric) String() string {
	text := m.Name + " " + decimal.Fixed(m.Value, 4)
	if m.Folds != nil {
		text += fmt.Sprintf(" [%s, %s]", decimal.Fixed(m.Folds.Mean.Low, 4), decimal.Fixed(m.Folds.Mean.High, 4))
	}
	return text
}

// String returns the metrics of the method.
func (m ProtocolMethod) String() string {
	parts := make([]string, len(m.Metrics))
	for k, one := range m.Metrics {
		parts[k] = one.String()
	}
	return m.Name + ": " + strings.Join(parts, ", ")
}

// String returns how far the protocols are.
func (p ProtocolProgress) String() string {
	return fmt.Sprintf("%d of %d trainings: %s, fold %d of %d, seed %d", p.Done, p.All, titleOfProtocol(p.Protocol),
		p.Fold, p.Folds, p.Seed)
}
