package siamese

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// NestedWidth is what a model knows of the first numbers of its embeddings: a threshold and a calibration of their own,
// chosen like Model.Threshold and Model.Calibration on the validation pairs of the best epoch.
type NestedWidth struct {
	Width       int                `json:"width"` // of every encoder's part, one of Config.Nested
	Threshold   float64            `json:"threshold"`
	Calibration *stats.Calibration `json:"calibration,omitempty"` // nil = none
}

// String returns the width with its threshold.
func (w NestedWidth) String() string {
	text := fmt.Sprintf("%d numbers, the same from cosine %s on", w.Width, decimal.Fixed(w.Threshold, 3))
	if w.Calibration != nil {
		text += ", calibrated"
	}
	return text
}

// Narrow returns a model of shorter embeddings: the first width numbers of every encoder, with the features beside
// them, if there are any, whole and with the same share of the cosine. It is the last layer without its other outputs,
// and like any model is saved, searched, served and exported. Threshold and calibration are those of the width. The two
// models share memory; close both.
//
// Widths that m was not trained for (Config.Nested) are an [option.Error] of "width", unless untrained is set: then the
// threshold is that of the whole embedding, which hardly holds, there is no calibration, and a note that stays with the
// model says so. PLDA of the encoder and the gate are of all its numbers and cannot be cut: that is an error too. The
// model's whole width gives a copy of m.
func (m *Model) Narrow(width int, untrained bool) (*Model, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	other := m.Copy()
	whole := m.Layers[len(m.Layers)-1].Out
	if width == whole {
		return other, nil
	}
	narrowest := math.MaxInt
	for _, layers := range m.Encoders() {
		narrowest = min(narrowest, layers[len(layers)-1].Out)
	}
	trained := slices.Contains(m.Config.Nested, width)
	switch {
	case width < 1 || width >= narrowest:
		return nil, option.Errorf("width", "%d: give 1 to %d, or %d for all numbers of the encoder", width, narrowest-1,
			whole)
	case m.Gate != nil:
		return nil, option.Errorf("width", "%d: features weigh by all %d numbers of the encoder, of which the first alone "+
			"say something else: train with unknown_share 0", width, whole)
	case m.EncoderPLDA != nil:
		return nil, option.Errorf("width", "%d: PLDA compares all %d numbers of the encoder together, of which the first "+
			"alone cannot be taken: train with plda %q or none", width, whole, config.PLDAFeatures)
	case !trained && !untrained:
		return nil, option.Errorf("width", "%d: the model was trained for %s: train with nested %d, or ask for an untrained "+
			"width, which finds less and has no threshold of its own", width, widthsText(m.Config.Nested, whole), width)
	}
	// What is below the width stays nested in it. Config describes the model that this is.
	is := func(w NestedWidth) bool { return w.Width == width }
	below, _ := slices.BinarySearch(m.Config.Nested, width)
	other.Config.Nested = m.Config.Nested[:below:below]
	other.Nested = slices.DeleteFunc(slices.Clone(m.Nested), func(w NestedWidth) bool { return w.Width >= width })
	note := fmt.Sprintf("its embeddings are the first %d of %d numbers", width, whole)
	if k := slices.IndexFunc(m.Nested, is); k >= 0 {
		other.Threshold, other.Calibration = m.Nested[k].Threshold, m.Nested[k].Calibration
	} else {
		other.Calibration = nil
		if !trained {
			note += ", for which it was not trained"
		}
		note += fmt.Sprintf("; the threshold %s is that of all %d: choose it anew on items of your own",
			decimal.Fixed(m.Threshold, 3), whole)
	}
	other.Notes = append(slices.Clone(m.Notes), note)
	all := m.Encoders()
	widths := slices.Clone(m.Config.Encoders())
	for k, layers := range all {
		last := len(layers) - 1
		all[k] = append(slices.Clone(layers[:last]), firstOutputs(layers[last], width))
		widths[k] = append(slices.Clone(widths[k][:last]), width)
	}
	other.take(all)
	other.Config.Layers, other.Config.Ensemble = widths[0], nil
	if len(widths) > 1 {
		other.Config.Ensemble = widths[1:]
	}
	return other, nil
}

// validateNested returns what is wrong with the thresholds of shorter embeddings, or nil.
func (m *Model) validateNested() error {
	if n := len(m.Nested); n > 0 && n != len(m.Config.Nested) {
		return fmt.Errorf("there are thresholds of %d shorter embeddings, and the configuration is nested at %v", n,
			m.Config.Nested)
	}
	for i, w := range m.Nested {
		if w.Width != m.Config.Nested[i] {
			return fmt.Errorf("there is a threshold of %d numbers, and the configuration is nested at %v", w.Width,
				m.Config.Nested)
		}
		if t := w.Threshold; math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("the threshold of %d numbers is %v", w.Width, t)
		}
		if w.Calibration != nil {
			if err := w.Calibration.Validate(); err != nil {
				return fmt.Errorf("calibration of %d numbers: %w", w.Width, err)
			}
		}
	}
	return nil
}

// widthsText returns "32, 64 and 256 numbers".
func widthsText(nested []int, whole int) string {
	text := ""
	for _, width := range nested {
		text += fmt.Sprintf("%d, ", width)
	}
	if len(nested) > 0 {
		text = text[:len(text)-2] + " and "
	}
	return fmt.Sprintf("%s%d numbers", text, whole)
}

// firstOutputs returns the layer with its first width outputs alone.
func firstOutputs(l encoder.Layer, width int) encoder.Layer {
	weights := make([]float32, 0, l.In*width)
	for row := range slices.Chunk(l.Weights, l.Out) {
		weights = append(weights, row[:width]...)
	}
	return encoder.Layer{In: l.In, Out: width, Weights: weights, Biases: l.Biases[:width:width]}
}

// narrowed returns the embeddings that [Model.Narrow] gives, but for rounding, of the embeddings z of m, which has no
// PLDA of the encoder.
func (m *Model) narrowed(z *embedding.Embeddings, width int) *embedding.Embeddings {
	share := m.Config.FeatureShare
	var parts []*embedding.Embeddings
	from := 0
	for _, layers := range m.Encoders() {
		parts = append(parts, columns(z, from, from+width))
		from += layers[len(layers)-1].Out
	}
	out := beside(parts...) // where an encoder has nothing to say the others count for it
	if share == 0 {
		return out
	}
	features := columns(z, from, z.E)
	scale(out, math.Sqrt(1-share))
	scale(features, math.Sqrt(share))
	return beside(out, features)
}

// scale multiplies embeddings by a factor.
func scale(z *embedding.Embeddings, factor float64) {
	for i := range z.Values {
		z.Values[i] = float32(float64(z.Values[i]) * factor)
	}
}

// beside returns parts side by side, every row at unit length.
func beside(parts ...*embedding.Embeddings) *embedding.Embeddings {
	out := &embedding.Embeddings{N: parts[0].N}
	for _, part := range parts {
		out.E += part.E
	}
	out.Values = make([]float32, 0, out.N*out.E)
	for i := range out.N {
		for _, part := range parts {
			out.Values = append(out.Values, part.Row(i)...)
		}
	}
	out.ToUnit()
	return out
}

// settleNested chooses the thresholds and calibrations of Config.Nested by pairs of the validation items, whose
// embeddings are z, and returns warnings.
func (m *Model) settleNested(z *embedding.Embeddings, of pairs.Pairs) (warnings []string, err error) {
	m.Nested = nil
	for _, width := range m.Config.Nested {
		scores := scoredPairs{weights: of.Weight}
		scores.cosines, scores.same = pairs.Scores(m.narrowed(z, width), of)
		chosen, err := metric.Verify(scores.cosines, scores.same, scores.weights, metric.VerificationOptions{})
		if err != nil {
			return nil, fmt.Errorf("validation: threshold of %d numbers: %w", width, err)
		}
		calibration, more := calibrationOf(m.Config, scores)
		warnings = append(warnings, more...)
		m.Nested = append(m.Nested, NestedWidth{Width: width, Threshold: chosen.Natural.BestAccuracy.Threshold,
			Calibration: calibration})
	}
	return warnings, nil
}
