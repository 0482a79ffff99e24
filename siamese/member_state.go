package siamese

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// encoderState is how far an encoder is.
type encoderState struct {
	Step int     `json:"step"`
	Done int     `json:"done"` // batches of the current epoch; 0 = between epochs
	Sum  float64 `json:"sum"`  // of their losses
}

// snapshot returns how far m is, and the tensors of its state. Those of the batches share memory with the run.
func (m *member) snapshot() (of encoderState, list []safetensors.Tensor, err error) {
	for i, name := range m.stepper.State.Names {
		t := m.stepper.State.Spreads[i][0] // replicated: the first device has all of it
		one := safetensors.Tensor{Name: name, Shape: t.Shape().Dimensions}
		if t.DType() == dtypes.Int32 {
			one.Ints, err = tensors.CopyFlatData[int32](t)
		} else {
			one.Values, err = tensors.CopyFlatData[float32](t)
		}
		if err != nil {
			return of, nil, fmt.Errorf("reading %s: %w", name, err)
		}
		list = append(list, one)
	}
	of.Step = m.stepper.Step
	if u := m.under; u != nil {
		of.Done, of.Sum = u.done, u.sum
		list = append(list,
			safetensors.Tensor{Name: underItemsName, Shape: []int{len(u.batches.Items)}, Ints: u.batches.Items},
			safetensors.Tensor{Name: underLabelsName, Shape: []int{len(u.batches.Labels)}, Values: u.batches.Labels})
		if u.batches.Weights != nil {
			list = append(list, safetensors.Tensor{Name: underWeightsName, Shape: []int{len(u.batches.Weights)},
				Values: u.batches.Weights})
		}
	}
	return of, list, nil
}

// restored is what a state holds of an encoder.
type restored struct {
	state []safetensors.Tensor
	best  []encoder.Layer // of the best epoch; those of the run where no epoch was finished
	under *underway       // nil = the state was saved between epochs
}

// readMember reads what a state holds of m, whose best layers so far are best, and changes nothing.
func (r *run) readMember(m *member, info stateInfo, file *safetensors.File, best []encoder.Layer) (out restored,
	err error) {
	prefix := encoder.Prefix(m.number)
	for i, name := range m.stepper.State.Names {
		shape := m.stepper.State.Spreads[i][0].Shape()
		one := safetensors.Tensor{Name: name, Shape: shape.Dimensions}
		if shape.DType == dtypes.Int32 {
			one.Ints, err = file.Integers(prefix+name, shape.Dimensions)
		} else {
			one.Values, err = file.Floats(prefix+name, shape.Dimensions)
		}
		if err != nil {
			return out, err
		}
		out.state = append(out.state, one)
	}
	out.best = slices.Clone(best)
	for i := range out.best {
		if info.Best == 0 { // no epoch was finished: the file has no best weights
			break
		}
		l := &out.best[i]
		if l.Weights, err = file.Floats(prefix+bestPrefix+encoder.WeightsName(i), []int{l.In, l.Out}); err != nil {
			return out, err
		}
		if l.Biases, err = file.Floats(prefix+bestPrefix+encoder.BiasesName(i), []int{l.Out}); err != nil {
			return out, err
		}
	}
	out.under, err = r.restoreUnder(m, info.Encoders[m.number], file)
	return out, err
}

// restoreUnder returns the interrupted epoch of m, or nil if the state was saved between epochs. Items are checked
// against the frame: a graph would gather from the wrong row without an error.
func (r *run) restoreUnder(m *member, of encoderState, file *safetensors.File) (*underway, error) {
	prefix := encoder.Prefix(m.number)
	if !file.Has(prefix + underItemsName) {
		return nil, nil
	}
	steps := stepsPerEpoch(r.cfg)
	u := &underway{done: of.Done, sum: of.Sum}
	if u.done < 0 || u.done > steps {
		return nil, fmt.Errorf("%d of %d batches are done", u.done, steps)
	}
	var err error
	if u.batches.Items, err = file.Integers(prefix+underItemsName, []int{steps * m.stepper.Batch}); err != nil {
		return nil, err
	}
	for _, item := range u.batches.Items {
		if item < 0 || int(item) >= r.train.N() {
			return nil, fmt.Errorf("item %d of %d does not exist", item, r.train.N())
		}
	}
	if u.batches.Labels, err = file.Floats(prefix+underLabelsName, []int{steps * m.stepper.Width}); err != nil {
		return nil, err
	}
	if file.Has(prefix + underWeightsName) {
		u.batches.Weights, err = file.Floats(prefix+underWeightsName, []int{steps * m.stepper.Width})
	}
	return u, err
}
