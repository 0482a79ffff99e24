package explain

import (
	"math"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// With PLDA of both parts of an embedding the parts of blocks are what the model itself says of items whose blocks are
// exchanged for those of background items, and the parts of features add up.
func TestPairPLDA(t *testing.T) {
	t.Run("one encoder", func(t *testing.T) { pairPLDA(t, nil, false) })
	t.Run("ensemble", func(t *testing.T) { pairPLDA(t, [][]int{{10, 6}, {7}}, false) })
	t.Run("with a gate", func(t *testing.T) { pairPLDA(t, nil, true) })
}

func pairPLDA(t *testing.T, ensemble [][]int, gated bool) {
	backend := devicetest.Go(t)
	train, test := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 3, 2)
	cfg := toymodel.Config()
	cfg.FeatureShare, cfg.Ensemble = 0.4, ensemble
	plain, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	// Without biases embeddings near 0, whose cosine is anything, are as frequent as others.
	for _, l := range slices.Concat(plain.Encoders()...) {
		for k := range l.Biases {
			l.Biases[k] = 0.1 * float32(k%5)
		}
	}
	m, err := plain.WithPLDA(t.Context(), backend, train, config.PLDABoth)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if gated {
		alone := m.EncoderAlone()
		defer alone.Close()
		alone.Config.PLDA, alone.EncoderPLDA = "", nil
		z, err := alone.Embed(t.Context(), backend, train)
		if err != nil {
			t.Fatal(err)
		}
		x, err := embedding.UnitRows(t.Context(), m.Transform, train)
		if err != nil {
			t.Fatal(err)
		}
		of := gate.Items{Encoder: z, Features: x}
		if m.Gate, err = gate.Fit(t.Context(), of, train.Labels, of); err != nil {
			t.Fatal(err)
		}
		m.Config.UnknownShare = 0.9
	}
	background := train.Select([]int{0, 13, 20, 40})
	x, err := Pair(t.Context(), backend, m, test, 1, 7, Options{Background: background, Features: 99, Steps: 400})
	if err != nil {
		t.Fatal(err)
	}
	// v is the mean cosine with the item's own values in some blocks: wide is columns 0 to 6, narrow the others.
	v := func(wide, narrow bool) float64 {
		mixed := func(item int) *data.Frame {
			out := *background
			out.X = append([]float32(nil), background.X...)
			for i := range out.N() {
				for k, own := range test.Row(item) {
					if k < 7 && wide || k >= 7 && narrow {
						out.Row(i)[k] = own
					}
				}
			}
			return &out
		}
		left := labtest.Must(m.Embed(t.Context(), backend, mixed(1)))
		right := labtest.Must(m.Embed(t.Context(), backend, mixed(7)))
		var sum float64
		for p := range left.N {
			for q := range right.N {
				if p == q {
					continue
				}
				for k, a := range left.Row(p) {
					sum += float64(a) * float64(right.Row(q)[k]) / 12
				}
			}
		}
		return sum
	}
	for what, pair := range map[string][2]float64{
		"cosine": {x.Cosine, v(true, true)}, "baseline": {x.Baseline, v(false, false)},
		"wide":   {x.Blocks[0].Part, (v(true, false) - v(false, false) + v(true, true) - v(false, true)) / 2},
		"narrow": {x.Blocks[1].Part, (v(false, true) - v(false, false) + v(true, true) - v(true, false)) / 2},
	} {
		if !labtest.Near(pair[0], pair[1], 1e-5) {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
	without, err := Pair(t.Context(), backend, plain, test, 1, 7, Options{Background: background, NoFeatures: true})
	if err != nil || math.Abs(without.Cosine-x.Cosine) < 1e-3 {
		t.Errorf("without PLDA the cosine is %v too, %v", without, err)
	}
	if math.Abs(x.BlocksResidual) > 1e-9 || math.Abs(x.FeaturesResidual) > 2e-3 {
		t.Errorf("not complete: %+v", x)
	}
}
