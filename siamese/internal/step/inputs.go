package step

import (
	"errors"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
)

// Inputs of a compiled call after the state.
const (
	inFeatures = iota // [N, F], or [perCall, 2B F] of batches that bring their own
	inItems           // [perCall, 2B]
	inLabels          // [perCall, labels of a batch]
	inWeights         // as labels
	inNumbers         // [perCall, 4], see stepNumbers
	inLosses          // [perCall], written
	inKey             // uint32, dropout key of the first step, see encoder.DropoutKey
	inAt              // int32, the current batch, 0 at first
	inEnd             // int32, the number of batches
	nPlain            // inputs without views
)

// Inputs after those where a batch has views.
const (
	inViewAt = nPlain + iota // [perCall, 2B] of [batch.Batches].ViewAt
	inViews                  // [perCall, V F]
	nInputs
)

// mine returns the first input of a call that is freed after it: resident features stay.
func (s *Stepper) mine() int {
	if s.own > 0 {
		return inFeatures
	}
	return inItems
}

// callInputs are the inputs of a compiled call after the state.
type callInputs [nInputs]device.Spread

// free frees the inputs from index from on.
func (in *callInputs) free(from int) error {
	var errs []error
	for _, s := range in[from:] {
		errs = append(errs, device.Finalize(s...))
	}
	return errors.Join(errs...)
}

// inputs uploads the inputs of n steps, padded to the shapes of a call. first is the number of the first step, from 1.
// On an error the inputs so far are returned too, to be freed.
func (s *Stepper) inputs(b batch.Batches, numbers []float32, first, n int) (*callInputs, error) {
	in, c, byItem := &callInputs{inFeatures: s.features}, s.PerCall, device.Along(1)
	var errs [nInputs]error
	if s.own > 0 {
		in[inFeatures], errs[inFeatures] = device.Upload(s.Exec, byItem, roomy(b.Features, s.own*c), c, s.own)
	}
	in[inItems], errs[inItems] = device.Upload(s.Exec, byItem, padded(b.Items, s.Batch*c), c, s.Batch)
	in[inLabels], errs[inLabels] = device.Upload(s.Exec, byItem, padded(b.Labels, s.Width*c), c, s.Width)
	in[inWeights], errs[inWeights] = device.Upload(s.Exec, byItem, padded(b.Weights, s.Width*c), c, s.Width)
	in[inNumbers], errs[inNumbers] = device.Upload(s.Exec, device.Everywhere, padded(numbers, nStepNumbers*c), c,
		nStepNumbers)
	in[inLosses], errs[inLosses] = device.Upload(s.Exec, device.Everywhere, make([]float32, c), c)
	in[inKey], errs[inKey] = device.Upload(s.Exec, device.Everywhere, []uint32{encoder.DropoutKey(s.Cfg.Seed, first)})
	in[inAt], errs[inAt] = device.Upload(s.Exec, device.Everywhere, []int32{0})
	in[inEnd], errs[inEnd] = device.Upload(s.Exec, device.Everywhere, []int32{int32(n)})
	if s.views > 0 {
		in[inViewAt], errs[inViewAt] = device.Upload(s.Exec, byItem, padded(b.ViewAt, s.Batch*c), c, s.Batch)
		in[inViews], errs[inViews] = device.Upload(s.Exec, device.Everywhere, padded(b.Views, s.views*c), c, s.views)
	}
	return in, errors.Join(errs[:]...)
}

// roomy is padded where what lies behind values is nobody's: what pads them is not read, and they are long.
func roomy(values []float32, n int) []float32 {
	if cap(values) >= n {
		return values[:n]
	}
	return padded(values, n)
}

// padded returns values padded with zeroes to length n, so that a call always has the same shapes.
func padded[T any](values []T, n int) []T {
	if len(values) == n {
		return values
	}
	out := make([]T, n)
	copy(out, values)
	return out
}
