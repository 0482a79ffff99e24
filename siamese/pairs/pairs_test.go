package pairs

import (
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestPairsErrors(t *testing.T) {
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
		{"one class", labtest.Labelled([]string{"a", "a", ""}, nil), "1 class(es) among 3 items"},
		{"no class with two", labtest.Labelled([]string{"a", "b", "c"}, nil), "none of the 3 classes has two items"},
		{"too few labels", short, "2 labels and 0 domains for 3 items"},
		{"too few domains", shortDomains, "3 labels and 1 domains for 3 items"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewSampler(test.frame, SamplerOptions{WithinDomain: 0.5})
			labtest.WantError(t, err, "pairs: ", test.want)
		})
	}
}
