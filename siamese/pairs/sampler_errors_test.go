package pairs

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestNewSamplerErrors(t *testing.T) {
	short := labtest.Labelled([]string{"a", "b", "b"}, nil)
	short.Labels = short.Labels[:2]
	shortDomains := labtest.Labelled([]string{"a", "b", "b"}, []string{"x"})
	tests := []struct {
		name  string
		frame *data.Frame
		want  string
	}{
		{"nil", nil, "no labels"},
		{"no labels", labtest.FrameOf("i", nil, []float32{1}, []float32{2}), "no labels"},
		{"unknown labels", labtest.Labelled([]string{"", "", ""}, nil), "0 class(es)"},
		{"one class", labtest.Labelled([]string{"a", "a", ""}, nil), "1 class(es)"},
		{"no class with two", labtest.Labelled([]string{"a", "b", "c"}, nil), "3 classes"},
		{"too few labels", short, "2 labels"},
		{"too few domains", shortDomains, "1 domains"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewSampler(test.frame, SamplerOptions{WithinDomain: 0.5})
			labtest.WantError(t, err, "pairs: ", test.want)
		})
	}
}

// A share that is none draws nothing sensible: it is refused, under its name.
func TestNewSamplerRefusesShares(t *testing.T) {
	frame := labtest.Labelled([]string{"a", "a", "b"}, nil)
	for _, bad := range []float64{-0.1, 1.1, math.NaN()} {
		_, err := NewSampler(frame, SamplerOptions{WithinDomain: bad, AcrossDomains: bad})
		if diff := cmp.Diff([]string{"WithinDomain", "AcrossDomains"}, option.Names(err)); diff != "" {
			t.Errorf("share %v: %v: %s", bad, err, diff)
		}
	}
	if _, err := NewSampler(frame, SamplerOptions{WithinDomain: 1, AcrossDomains: 1}); err != nil {
		t.Error(err)
	}
}
