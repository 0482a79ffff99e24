package device

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/gotype"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// ParallelExec runs one graph on several devices of a backend. The graph is written as for one device, with
// whole batches; the backend cuts its work where the inputs are cut, and puts in what the devices tell each
// other (GoMLX's AutoSharding, done by XLA's Shardy). With inputs that are cut along the items of a batch and
// parameters that every device holds whole, that is data parallel training: each device takes its part of
// the items through the encoder and back, the gradients are summed over the devices, and every device makes
// the same update. A loss still sees the whole batch, and dropout still the position in it, so results are
// those of one device but for the order of sums.
type ParallelExec struct {
	backend  compute.Backend
	Exec     *SharedExec
	devices  int
	places   []Placement // of the inputs
	Compiled bool        // whether the graph is
}

// Placement says how a value lies on the devices: whole on each of them, or cut along an axis.
type Placement int

// Everywhere is the placement of a value that every device holds whole. Other placements are the axis (0, 1, …)
// along which the value is cut into equal parts, one a device.
const Everywhere Placement = -1

// Spread is one value on the devices of a ParallelExec: a tensor for each, equal ones or parts.
type Spread []*tensors.Tensor

// meshAxis names the only axis of the mesh of devices.
const meshAxis = "data"

// NewParallelExec returns an executor of graph on the first `devices` devices of backend, for inputs that are
// placed as places says. Outputs are whole on every device. With one device nothing is cut, and any backend will do.
// key tells all that the graph depends on but devices, see TakeExec.
func NewParallelExec(backend compute.Backend, key string, devices int, places []Placement, graph func(in []*Node) []*Node) (*ParallelExec, error) {
	if n := backend.NumDevices(); devices < 1 || devices > n {
		return nil, fmt.Errorf("devices is %d: backend %s has 1…%d (\"xla,devices=%d\" as the backend's name shows a processor as so many)", devices, backend.Name(), n, devices)
	}
	p := &ParallelExec{backend: backend, devices: devices, places: slices.Clone(places)}
	if key != "" {
		key = fmt.Sprintf("%s on %d devices", key, devices)
	}
	var err error
	p.Exec, err = TakeExec(backend, key, func() (*Exec, error) {
		exec, err := NewExec(backend, graph)
		if err != nil || devices == 1 {
			return exec, err
		}
		mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{meshAxis})
		if err != nil {
			return nil, err
		}
		specs, err := shardings(mesh, places)
		if err != nil {
			return nil, err
		}
		// One specification serves all outputs: GoMLX repeats the last.
		return exec.AutoSharding(mesh).WithInputShardingSpecs(specs...).WithOutputShardingSpecs(distributed.NewReplicatedShardingSpec(mesh)), nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// shardings returns how the devices of mesh cut inputs that are placed so.
func shardings(mesh *distributed.DeviceMesh, places []Placement) (specs []*distributed.ShardingSpec, err error) {
	specs = make([]*distributed.ShardingSpec, len(places))
	for i, place := range places {
		var axes []distributed.AxisSpec
		for axis := Placement(0); axis < place; axis++ {
			axes = append(axes, distributed.ReplicatedAxis)
		}
		if place != Everywhere {
			axes = append(axes, distributed.AxisSpec{meshAxis})
		}
		if specs[i], err = distributed.NewShardingSpec(mesh, axes...); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

// Upload copies values, of the given dimensions, to the devices as place says, and returns them there; the
// axis that is cut must be a multiple of the devices. A value that lies everywhere takes its size on every device,
// those of one processor included; one that is cut takes it once.
func Upload[T gotype.Supported](p *ParallelExec, place Placement, values []T, dims ...int) (Spread, error) {
	rows, row := 1, len(values) // rows of values, of each of which every device has a part
	partDims := slices.Clone(dims)
	if place != Everywhere {
		for _, d := range dims[:place] {
			rows *= d
		}
		if dims[place]%p.devices != 0 {
			return nil, fmt.Errorf("axis %d of %v cannot be cut into %d equal parts, one a device", place, dims, p.devices)
		}
		row /= rows
		partDims[place] /= p.devices
	}
	out := make(Spread, p.devices)
	for d := range out {
		part := values
		if width := row / p.devices; place != Everywhere && rows == 1 {
			part = values[d*width : (d+1)*width]
		} else if place != Everywhere {
			part = make([]T, 0, len(values)/p.devices)
			for r := range rows {
				part = append(part, values[r*row+d*width:r*row+(d+1)*width]...)
			}
		}
		var err error
		if out[d], err = ToDevice(p.backend, compute.DeviceNum(d), part, partDims...); err != nil {
			return nil, errors.Join(err, Finalize(out[:d]...))
		}
	}
	return out, nil
}

// ToDevice copies values to a device, once. A tensor made on the host and used in a call is copied twice, and
// the first copy waits for the garbage collector.
func ToDevice[T gotype.Supported](backend compute.Backend, device compute.DeviceNum, values []T, dims ...int) (*tensors.Tensor, error) {
	shape := shapes.Make(dtypes.FromGenericsType[T](), dims...)
	if len(values) != shape.Size() {
		return nil, fmt.Errorf("%d values are not of shape %s", len(values), shape)
	}
	buffer, err := backend.BufferFromFlatData(device, values, shape)
	if err != nil {
		return nil, fmt.Errorf("%s to device %d: %w", shape, device, err)
	}
	return tensors.FromBuffer(buffer)
}

// Resident returns rows [n, f], cut into one part a device, with what fill writes: whole rows from row start on. They are
// padded with rows of zeroes to equal parts.
func (p *ParallelExec) Resident(n, f int, fill func(x []float32, start int) error) (Spread, error) {
	const some = 1024 // rows at a time, so that fill can be cut off and needs little room of its own
	part := (n + p.devices - 1) / p.devices
	out := make(Spread, p.devices)
	for d := range out {
		var err error
		out[d], err = residentOn(p.backend, compute.DeviceNum(d), part, f, func(x []float32) error {
			end := min(n, (d+1)*part)
			for start := d * part; start < end; start += some {
				at, count := start-d*part, min(some, end-start)
				if err := fill(x[at*f:(at+count)*f], start); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, errors.Join(err, Finalize(out...))
		}
	}
	return out, nil
}

// residentOn returns a tensor [n, f] on a device, with what fill writes where the device reads it.
func residentOn(backend compute.Backend, device compute.DeviceNum, n, f int, fill func(x []float32) error) (*tensors.Tensor, error) {
	x, err := tensors.FromShapeForBackend(backend, device, shapes.Make(dtypes.Float32, n, f))
	if err != nil {
		return nil, err
	}
	var fillErr error
	err = tensors.MutableFlatData(x, func(flat []float32) { fillErr = fill(flat) })
	if err = errors.Join(err, fillErr); err == nil {
		err = x.ToDevice(backend, device)
	}
	if err != nil {
		return nil, errors.Join(err, Finalize(x))
	}
	return x, nil
}

// compile compiles the graph for inputs as a call has them, once.
func (p *ParallelExec) compile(donated, kept []Spread) error {
	if p.Compiled {
		return nil
	}
	var in []shapes.Shape
	for d := range p.devices {
		for _, s := range slices.Concat(donated, kept) {
			in = append(in, s[d].Shape())
		}
	}
	err := p.Exec.Compile(in...)
	p.Compiled = err == nil
	return err
}

// Call runs the graph. The inputs are `donated`, whose buffers the call takes over and which must not be used again,
// and then `kept`. It returns the outputs, whole on every device.
func (p *ParallelExec) Call(donated, kept []Spread) ([]Spread, error) {
	if n := len(donated) + len(kept); n != len(p.places) {
		return nil, fmt.Errorf("%d inputs, want %d", n, len(p.places))
	}
	if err := p.compile(donated, kept); err != nil {
		return nil, err
	}
	args := make([]any, 0, p.devices*len(p.places)) // all of the first device, all of the second, …
	for d := range p.devices {
		for _, s := range donated {
			arg, err := DonateTensorBuffer(s[d], p.backend, compute.DeviceNum(d))
			if err != nil {
				return nil, err
			}
			args = append(args, arg)
		}
		for _, s := range kept {
			args = append(args, s[d])
		}
	}
	flat, err := p.Exec.Call(args...)
	if err != nil {
		return nil, err
	}
	out := make([]Spread, len(flat)/p.devices)
	for i := range out {
		for d := range p.devices {
			out[i] = append(out[i], flat[d*len(out)+i])
		}
	}
	return out, nil
}
