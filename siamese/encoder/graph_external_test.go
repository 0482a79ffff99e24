package encoder_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/encodertest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/loss"
)

func TestDropoutRate(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		const rows, columns = 256, 300
		for _, rate := range []float64{0.01, 0.1, 0.5, 0.95} {
			x := encodertest.Dropped(t, backend, rows, columns, rate, 5, 2)
			zeros, sum := 0.0, 0.0
			for _, v := range x {
				sum += float64(v)
				if v == 0 {
					zeros++
				} else if !labtest.Near(float64(v), 1/(1-rate), 1e-6) {
					t.Fatalf("rate %v: a kept unit is scaled to %v, want %v", rate, v, 1/(1-rate))
				}
			}
			n := float64(len(x))
			labtest.WantShare(t, fmt.Sprintf("units dropped at rate %v", rate), zeros, n, rate)
			if mean, want := sum/n, 5*math.Sqrt(rate/(1-rate)/n); math.Abs(mean-1) > want {
				t.Errorf("rate %v: the expected value became %v, want 1 ± %.4f", rate, mean, want)
			}
			// Every row and every column loses its share: nothing is dropped in stripes.
			for _, line := range []struct {
				what            string
				n, of, far, gap int
			}{{"row", rows, columns, columns, 1}, {"column", columns, rows, 1, columns}} {
				for i := range line.n {
					lost := 0.0
					for k := range line.of {
						if x[i*line.far+k*line.gap] == 0 {
							lost++
						}
					}
					if of := float64(line.of); math.Abs(lost-of*rate) > 6*math.Sqrt(of*rate*(1-rate))+1 {
						t.Errorf("rate %v: %s %d loses %v of %v units", rate, line.what, i, lost, of)
					}
				}
			}
		}
	})
}

// Masks of different steps, layers and neighbouring units must be independent of each other: two of them drop
// the same unit as often as chance has it.
func TestDropoutMasksAreIndependent(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		const rows, columns, rate = 128, 256, 0.5
		base := encodertest.Dropped(t, backend, rows, columns, rate, 7, 2)
		if !cmp.Equal(base, encodertest.Dropped(t, backend, rows, columns, rate, 7, 2)) {
			t.Error("the same step and layer gave another mask")
		}
		others := map[string][]float32{
			"the next step":      encodertest.Dropped(t, backend, rows, columns, rate, 8, 2),
			"a step far off":     encodertest.Dropped(t, backend, rows, columns, rate, 7+1<<20, 2),
			"another layer":      encodertest.Dropped(t, backend, rows, columns, rate, 7, 4),
			"layer 0":            encodertest.Dropped(t, backend, rows, columns, rate, 7, 0),
			"the unit before":    append(base[1:len(base):len(base)], base[0]),
			"the row before":     append(base[columns:len(base):len(base)], base[:columns]...),
			"the other side":     append(base[len(base)/2:len(base):len(base)], base[:len(base)/2]...),
			"step and layer off": encodertest.Dropped(t, backend, rows, columns, rate, 9, 0),
		}
		for what, other := range others {
			both := 0.0
			for i := range base {
				if base[i] == 0 && other[i] == 0 {
					both++
				}
			}
			labtest.WantShare(t, "units dropped here and in "+what, both, float64(len(base)), rate*rate)
		}
	})
}

// Masks are whole-number arithmetic: every backend drops the same units.
func TestDropoutIsTheSameOnEveryBackend(t *testing.T) {
	backends := devicetest.SeveralBackends(t)
	want := encodertest.Dropped(t, backends[0], 64, 100, 0.3, 11, 6)
	for _, backend := range backends[1:] {
		if diff := cmp.Diff(want, encodertest.Dropped(t, backend, 64, 100, 0.3, 11, 6)); diff != "" {
			t.Errorf("%s: %s", backend.Name(), diff)
		}
	}
}

func TestDropoutSeedAndRateZero(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		rng := rand.New(rand.NewPCG(1, 1))
		layers := encoder.Init(6, []int{20, 10}, rng.Uint64())
		encode := func(rate float64, step bool, seed uint64) []float32 {
			key := tensors.FromScalar(encoder.DropoutKey(seed, 3))
			inputs := append(layerTensors(layers),
				tensortest.Matrix(labtest.Normals(rand.New(rand.NewPCG(2, 2)), 8*6, 1), 8, 6), key)
			return devicetest.Run1(t, backend, func(in []*Node) []*Node {
				n := len(in)
				key := in[n-1]
				if !step {
					key = nil
				}
				return []*Node{encoder.Encode(in[n-2], in[:n-2], encoder.Options{Dropout: rate, Key: key})}
			}, inputs...)[0]
		}
		plain := encode(0, false, 1)
		if !cmp.Equal(plain, encode(0, true, 1)) {
			t.Error("a rate of 0 changes the embedding")
		}
		if !cmp.Equal(plain, encode(0.5, false, 1)) {
			t.Error("dropout is on without a step")
		}
		first := encode(0.5, true, 1)
		if cmp.Equal(plain, first) || cmp.Equal(first, encode(0.5, true, 2)) ||
			cmp.Equal(first, encode(0.5, true, 1<<40)) {
			t.Error("dropout does nothing, or does the same for different seeds")
		}
		if !cmp.Equal(first, encode(0.5, true, 1)) {
			t.Error("the same seed and step gave another mask")
		}
	})
}

func layerTensors(layers []encoder.Layer) []*tensors.Tensor {
	var out []*tensors.Tensor
	for _, l := range layers {
		out = append(out, tensortest.Matrix(l.Weights, l.In, l.Out), tensortest.Vector(l.Biases))
	}
	return out
}

func TestEncoderAgainstOracle(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		rng := rand.New(rand.NewPCG(3, 1))
		for _, widths := range [][]int{{1}, {7}, {33, 20, 9}, {4, 4, 4, 4}} {
			const n, f = 13, 17
			layers := encoder.Init(f, widths, rng.Uint64())
			for i := range layers {
				copy(layers[i].Biases, labtest.Normals(rng, layers[i].Out, 0.3))
			}
			x := labtest.Normals(rng, n*f, 2)
			inputs := append(layerTensors(layers), tensortest.Matrix(x, n, f))
			got := devicetest.Run1(t, backend, func(in []*Node) []*Node {
				k := len(in) - 1
				z := encoder.Encode(in[k], in[:k], encoder.Options{Dropout: 0.5})
				turned := slices.Clone(in[:k])
				for i := 0; i < k; i += 2 {
					turned[i] = Transpose(turned[i], 0, 1)
				}
				return []*Node{z, loss.Normalize(z),
					Transpose(encoder.Encode(in[k], turned, encoder.Options{Columns: true}), 0, 1)}
			}, inputs...)
			var plain, unit []float64
			for i := range n {
				z := labtest.OracleEncode(labtest.Widen(x[i*f:(i+1)*f]), encodertest.OracleLayers(layers), nil)
				plain, unit = append(plain, z...), append(unit, labtest.OracleUnit(z)...)
			}
			labtest.WantNear(t, fmt.Sprintf("embedding %v", widths), got[0], plain, 1e-5)
			labtest.WantNear(t, fmt.Sprintf("unit embedding %v", widths), got[1], unit, 1e-5)
			labtest.WantNear(t, fmt.Sprintf("embedding %v, an item a column", widths), got[2], plain, 1e-5)
		}
	})
}
