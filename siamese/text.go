package siamese

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/provenance"
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

// String returns what the model is in a line: its sizes, its threshold, and what is to be known of its training.
func (m *Model) String() string {
	if m.Validate() != nil {
		return "a model without layers"
	}
	text := fmt.Sprintf("model: %d features to embeddings of %d numbers, the same from cosine %s on", m.F(), m.E(),
		decimal.Fixed(m.Threshold, 3))
	if n := len(m.Ensemble); n > 0 {
		text += fmt.Sprintf(", by %d encoders", n+1)
	}
	if m.Calibration != nil {
		text += ", calibrated"
	}
	if len(m.Config.Nested) > 0 {
		text += ", trained for " + widthsText(m.Config.Nested, m.Layers[len(m.Layers)-1].Out)
	}
	if m.EncoderPLDA != nil {
		text += ", the encoder compared by " + m.EncoderPLDA.String()
	}
	if m.FeaturesPLDA != nil {
		text += ", features compared by " + m.FeaturesPLDA.String()
	}
	if m.Gate != nil {
		text += fmt.Sprintf(", features weigh %v to %v by how known an item is", m.Config.FeatureShare,
			m.Config.UnknownShare)
	}
	notes := m.Notes
	if m.Cut != "" {
		notes = append(notes[:len(notes):len(notes)], "its training was cut, "+provenance.Volatile(m.Cut))
	}
	return strings.Join(append([]string{text}, notes...), "; ")
}
