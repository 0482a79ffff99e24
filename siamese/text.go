package siamese

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// String returns the score as a sentence: the prediction with its cosine, the probability where there is one, and the
// warnings.
func (s Score) String() string {
	verdict := "different"
	if s.Same {
		verdict = "the same"
	}
	text := fmt.Sprintf("%s (cosine %s", verdict, decimal.Fixed(s.Cosine, 4))
	if s.Calibrated {
		text += fmt.Sprintf(", probability %.3f that they are the same", s.Probability)
	}
	return strings.Join(append([]string{text + ")"}, s.Warnings...), "; warning: ")
}

// String returns the metrics of the epoch in a line.
func (e Epoch) String() string {
	text := fmt.Sprintf("epoch %d: loss %.4f; validation %s", e.Number, e.Loss, e.validation())
	if e.UnseenAUC > 0 {
		text += fmt.Sprintf("; unseen classes ROC-AUC %.4f, MAP@R %.4f", e.UnseenAUC, e.UnseenMAP)
	}
	return text
}

// String returns how far the training is, in a line.
func (p Progress) String() string {
	text := fmt.Sprintf("epoch %d of %d, batch %d of %d: loss %.4f, %.0f pairs/s", p.Epoch, p.Epochs, p.Step, p.Steps,
		p.Loss, p.PairsPerSec)
	if p.Ended {
		text = fmt.Sprintf("trained %d epochs", p.Epoch)
	}
	if p.Last != nil {
		text += "; " + p.Last.String()
	}
	return strings.Join(append([]string{text}, p.Warnings...), "; warning: ")
}

// String returns the numbers by which a collapse is seen.
func (d Diagnostics) String() string {
	return fmt.Sprintf("mean cosine %s of same and %s of different pairs, effective rank %.1f, %d zero embeddings",
		decimal.Fixed(d.MeanSame, 3), decimal.Fixed(d.MeanDifferent, 3), d.EffectiveRank, d.Zero)
}

// String returns what the model is in a line: its sizes, its threshold, and what is to be known of its training.
func (m *Model) String() string {
	if m.Validate() != nil {
		return "a model without layers"
	}
	text := fmt.Sprintf("model: %d features to embeddings of %d numbers, the same from cosine %s on", m.F(), m.E(),
		decimal.Fixed(m.Threshold, 3))
	if m.Calibration != nil {
		text += ", calibrated"
	}
	notes := m.Notes
	if m.Cut != "" {
		notes = append(notes[:len(notes):len(notes)], "its training was cut, "+m.Cut)
	}
	return strings.Join(append([]string{text}, notes...), "; ")
}
