package siamese

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/loss"
)

// put adds a value to the state, whole on every device.
func (s *stepper) put(v namedTensor) (err error) {
	var on spread
	if v.ints != nil {
		on, err = upload(s.exec, everywhere, v.ints, v.shape...)
	} else {
		on, err = upload(s.exec, everywhere, v.values, v.shape...)
	}
	if err == nil {
		s.state.add(v.name, on)
	}
	return err
}

// replace exchanges the state.
func (s *stepper) replace(state []namedTensor) error {
	if err := s.state.free(); err != nil {
		return err
	}
	s.state = trainState{}
	for _, v := range state {
		if err := s.put(v); err != nil {
			return err
		}
	}
	return nil
}

// initialState returns the state before the first step. Values that are the same share a slice.
func initialState(cfg stepOptions, layers []Layer, of contents) []namedTensor {
	var state []namedTensor
	add := func(name string, values []float32, shape ...int) {
		state = append(state, namedTensor{name: name, shape: shape, values: values})
	}
	for i, l := range layers {
		add(weightsName(i), l.Weights, l.In, l.Out)
		add(biasesName(i), l.Biases, l.Out)
		if cfg.BatchNorm {
			add(scaleName(i), slices.Repeat([]float32{1}, l.Out), l.Out)
			add(shiftName(i), make([]float32, l.Out), l.Out)
		}
	}
	averaged, e := slices.Clone(state), layers[len(layers)-1].Out
	if cfg.Loss.NeedsCentres() {
		centres := initCentres(of.classes, e, streams.Rand(cfg.Seed, streams.Centres))
		if cfg.Loss.Similarity == loss.InnerProduct { // a cosine sees their directions only
			for i := range centres {
				centres[i] /= float32(math.Sqrt(float64(e)))
			}
		}
		add(centresName, centres, of.classes, e)
	}
	most := cfg.Memory * e
	for _, t := range state {
		most = max(most, len(t.values))
	}
	zeroes := make([]float32, most)
	for _, t := range slices.Clone(state) {
		add(firstMomentName(t.name), zeroes[:len(t.values)], t.shape...)
		if cfg.Optimizer != OptimizerSGD {
			add(secondMomentName(t.name), zeroes[:len(t.values)], t.shape...)
		}
	}
	if cfg.BatchNorm {
		from := len(state)
		for i, l := range layers {
			add(runningMeanName(i), zeroes[:l.Out], l.Out)
			add(runningVarianceName(i), slices.Repeat([]float32{1}, l.Out), l.Out)
		}
		averaged = append(averaged, state[from:]...)
	}
	if cfg.AverageDecay > 0 {
		for _, t := range averaged {
			add(averageName(t.name), t.values, t.shape...)
		}
	}
	if cfg.Memory > 0 {
		none := slices.Repeat([]int32{-1}, cfg.Memory*of.perItem)
		add(memoryName, zeroes[:cfg.Memory*e], cfg.Memory, e)
		state = append(state,
			namedTensor{name: memoryClassesName, shape: []int{cfg.Memory * of.perItem}, ints: none},
			namedTensor{name: memoryItemsName, shape: []int{cfg.Memory}, ints: none[:cfg.Memory]})
	}
	return state
}

// initCentres returns c random directions of e numbers.
func initCentres(c, e int, rng *rand.Rand) []float32 {
	out := make([]float32, c*e)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}
