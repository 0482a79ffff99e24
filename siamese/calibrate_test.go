package siamese

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/stats"
)

// The calibration is that of the best epoch's validation pairs, whatever the method.
func TestCalibrationOfTraining(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for _, method := range []string{stats.Platt, stats.Isotonic, CalibrationNone} {
		cfg := toyConfig()
		cfg.Calibration = method
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m := result.Model
		defer m.Close()
		if method == CalibrationNone {
			if m.Calibration != nil {
				t.Errorf("%+v, and none was wanted", m.Calibration)
			}
			_, err := m.Probability(0.5, 0)
			if !errors.Is(err, errNoCalibration) {
				t.Error(err)
			}
			continue
		}
		scores, same := pairs.Scores(embed(t, m, backend, val),
			labtest.Must(pairstest.SamplerOf(t, val, cfg.WithinDomain).DrawFrom(
				streams.Rand(cfg.Seed, streams.ValPairs), cfg.ValPairs)))
		want, _, err := stats.FitCalibration(method, scores, same, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, m.Calibration); diff != "" {
			t.Errorf("%s: another calibration: %s", method, diff)
		}
		loaded, err := decodeBytes(bytesOf(t, m))
		if err != nil {
			t.Fatal(err)
		}
		sameModel(t, m, loaded)
		score, err := m.Score(t.Context(), backend, val, 0, val, 1)
		if err != nil {
			t.Fatal(err)
		}
		if p := want.Probability(score.Cosine); !score.Calibrated || score.Probability != p {
			t.Errorf("%+v, want probability %v", score, p)
		}
	}
}

func TestProbability(t *testing.T) {
	m := handmade(3, 2, 1)
	m.Calibration = &stats.Calibration{Method: stats.Platt, Slope: 4, Offset: -2, Pairs: 100, Fitted: 0.5,
		Prevalence: 0.5}
	for _, c := range []struct{ cosine, prevalence, want float64 }{
		{0.5, 0, 0.5}, {0.5, 0.5, 0.5}, {0.5, 0.1, 0.1}, {1, 0, 1 / (1 + math.Exp(-2))}, {-1, 0, 1 / (1 + math.Exp(6))},
		{1, 0.2, 1 / (1 + 4*math.Exp(-2))}, // odds of 1 to 4 times those at half and half
	} {
		got, err := m.Probability(c.cosine, c.prevalence)
		if err != nil {
			t.Fatal(err)
		}
		if !labtest.Near(got, c.want, 1e-12) {
			t.Errorf("%+v: %v", c, got)
		}
	}
	for _, c := range []struct {
		cosine, prevalence float64
		want               string
	}{{math.NaN(), 0, "NaN"}, {math.Inf(1), 0, "+Inf"}, {0, 1, "prevalence"}, {0, -0.5, "-0.5"},
		{0, math.NaN(), "prevalence"}} {
		_, err := m.Probability(c.cosine, c.prevalence)
		labtest.WantError(t, err, c.want)
	}
	m.Calibration.Slope = math.NaN()
	_, err := m.Probability(0, 0)
	labtest.WantError(t, err, "NaN")
	_, err = (*Model)(nil).Probability(0, 0)
	if !errors.Is(err, errNoCalibration) {
		t.Error(err)
	}
}

// A file must name every choice of its configuration: one that leaves the calibration out is refused by that name.
func TestLoadWithoutCalibration(t *testing.T) {
	m, _ := trained(t)
	defer m.Close()
	header, numbers := parts(bytesOf(t, m))
	metadata := header[safetensors.MetadataKey].(map[string]any)
	var info map[string]any
	if err := json.Unmarshal([]byte(metadata[modelKey].(string)), &info); err != nil {
		t.Fatal(err)
	}
	delete(info["config"].(map[string]any), "calibration")
	text, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	metadata[modelKey] = string(text)
	delete(metadata, safetensors.SumKey)
	_, err = decodeBytes(join(header, numbers))
	labtest.WantOptions(t, err, "calibration")
}

// Pairs that no calibration can be fitted on give one warning and stop nothing.
func TestCalibrateDegenerate(t *testing.T) {
	r := &run{result: &Result{Model: &Model{}}}
	calibrate := func(scores scoredPairs) (c *stats.Calibration) {
		for range 2 {
			var warnings []string
			c, warnings = calibrationOf(toyConfig(), scores)
			r.warnOnce(warnings)
		}
		return c
	}
	c := calibrate(scoredPairs{cosines: []float32{0.1, 0.2}, same: []bool{true, true}})
	if w := r.result.Warnings; c != nil || len(w) != 1 || !strings.Contains(w[0], "no probabilities") {
		t.Errorf("%+v, %q", c, w)
	}
	c = calibrate(scoredPairs{cosines: []float32{0.9, 0.1}, same: []bool{false, true}})
	if w := r.result.Warnings; c == nil || len(w) != 2 ||
		!strings.Contains(w[1], "calibration: positives do not score above") {
		t.Errorf("%+v, %q", c, w)
	}
}
