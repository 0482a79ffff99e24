package step

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/loss"
)

// put adds a tensor to the state, replicated on all devices. It copies the values.
func (s *Stepper) put(v safetensors.Tensor) (err error) {
	var on device.Spread
	if v.Ints != nil {
		on, err = device.Upload(s.Exec, device.Everywhere, v.Ints, v.Shape...)
	} else {
		on, err = device.Upload(s.Exec, device.Everywhere, v.Values, v.Shape...)
	}
	if err == nil {
		s.State.add(v.Name, on)
	}
	return err
}

// Replace replaces the state, which must have the names and shapes of the current one, for instance by one from a file.
// It frees the current one first, because devices may not hold two: after an error the stepper can only be closed.
func (s *Stepper) Replace(state []safetensors.Tensor) error {
	if err := s.State.free(); err != nil {
		return err
	}
	s.State = trainState{}
	for _, v := range state {
		if err := s.put(v); err != nil {
			return err
		}
	}
	return nil
}

// initialState returns the state before the first step, in the order in which the compiled step takes it: weights and
// biases (and scales and shifts) of the layers, class centres, moments, running statistics, averages, cross-batch
// memory. Equal values share a slice, which must not be written to: they are copied to the devices anyway.
func initialState(cfg Options, layers []encoder.Layer, of batch.Contents) []safetensors.Tensor {
	var state []safetensors.Tensor
	add := func(name string, values []float32, shape ...int) {
		state = append(state, safetensors.Tensor{Name: name, Shape: shape, Values: values})
	}
	for i, l := range layers {
		add(encoder.WeightsName(i), l.Weights, l.In, l.Out)
		add(encoder.BiasesName(i), l.Biases, l.Out)
		if cfg.BatchNorm {
			add(ScaleName(i), slices.Repeat([]float32{1}, l.Out), l.Out)
			add(ShiftName(i), make([]float32, l.Out), l.Out)
		}
	}
	averaged, e := slices.Clone(state), layers[len(layers)-1].Out // centres are no part of the model: no average
	if cfg.Loss.NeedsCentres() {
		centres := initCentres(of.Classes, e, streams.Rand(cfg.Seed, streams.Centres))
		if cfg.Loss.Similarity == loss.InnerProduct { // for a cosine only the direction matters
			for i := range centres {
				centres[i] /= float32(math.Sqrt(float64(e)))
			}
		}
		add(centresName, centres, of.Classes, e)
	}
	most := cfg.XBMSize * e // numbers in the largest tensor of zeroes
	for _, t := range state {
		most = max(most, len(t.Values))
	}
	zeroes := make([]float32, most)
	for _, t := range slices.Clone(state) { // so far all are trained: each gets its moments
		add(FirstMomentName(t.Name), zeroes[:len(t.Values)], t.Shape...)
		if cfg.Optimizer != config.OptimizerSGD {
			add(SecondMomentName(t.Name), zeroes[:len(t.Values)], t.Shape...)
		}
	}
	if cfg.BatchNorm {
		from := len(state)
		for i, l := range layers {
			add(RunningMeanName(i), zeroes[:l.Out], l.Out)
			add(RunningVarianceName(i), slices.Repeat([]float32{1}, l.Out), l.Out)
		}
		averaged = append(averaged, state[from:]...)
	}
	if cfg.EMADecay > 0 {
		for _, t := range averaged {
			add(averageName(t.Name), t.Values, t.Shape...)
		}
	}
	if cfg.XBMSize > 0 {
		none := slices.Repeat([]int32{-1}, cfg.XBMSize*of.ClassesPerItem)
		add(memoryName, zeroes[:cfg.XBMSize*e], cfg.XBMSize, e)
		state = append(state,
			safetensors.Tensor{Name: memoryClassesName, Shape: []int{cfg.XBMSize * of.ClassesPerItem}, Ints: none},
			safetensors.Tensor{Name: memoryItemsName, Shape: []int{cfg.XBMSize}, Ints: none[:cfg.XBMSize]})
	}
	return state
}

// initCentres returns c random normal vectors [c, e], whose directions are uniform on the sphere.
func initCentres(c, e int, rng *rand.Rand) []float32 {
	out := make([]float32, c*e)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}
