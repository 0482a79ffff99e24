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

// ParallelExec runs one graph on several devices of a backend. The graph is written for one device and whole batches;
// the backend partitions it by the sharding of its inputs and adds the communication (GoMLX's AutoSharding, XLA's
// Shardy). Inputs sharded by items with replicated parameters give data-parallel training: each device processes its
// items, gradients are summed over devices, and all make the same update. A loss still sees the whole batch and dropout
// the position in it, so that results are those of one device but for the order of sums.
//
// It is not safe for concurrent use. Release Exec after use.
type ParallelExec struct {
	backend  compute.Backend
	Exec     *SharedExec
	devices  int
	places   []Placement // of the inputs
	Compiled bool        // whether the graph is: the first call compiles it, for the shapes of its inputs
}

// Placement is the sharding of a value: replicated, or split along an axis. The zero value is Everywhere.
type Placement struct {
	split bool
	axis  int // where split
}

// Everywhere is the placement of a replicated value: every device has a copy.
var Everywhere Placement

// Along returns the placement of a value that is split along an axis, counted from 0, into equal parts, one a device.
func Along(axis int) Placement { return Placement{split: true, axis: axis} }

// Spread is one value on the devices of a ParallelExec: a tensor for each, copies or parts in the order of the devices.
type Spread []*tensors.Tensor

// meshAxis names the only axis of the mesh of devices.
const meshAxis = "data"

// NewParallelExec returns an executor of graph on the first devices of backend, for inputs with these places. Outputs
// are replicated. key identifies the graph and the places, without the number of devices, see [TakeExec]. devices below
// 1 or above those of backend are an error.
func NewParallelExec(backend compute.Backend, key string, devices int, places []Placement,
	graph func(in []*Node) []*Node) (*ParallelExec, error) {
	if n := backend.NumDevices(); devices < 1 || devices > n {
		return nil, fmt.Errorf("devices is %d: backend %s has 1…%d "+
			"(the backend's name \"xla,devices=%d\" splits a processor into that many)",
			devices, backend.Name(), n, devices)
	}
	p := &ParallelExec{backend: backend, devices: devices, places: slices.Clone(places)}
	if key != "" {
		key = fmt.Sprintf("%s on %d devices", key, devices)
	}
	// One device needs no mesh: the graph is as it was written.
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
		replicated := distributed.NewReplicatedShardingSpec(mesh)
		return exec.AutoSharding(mesh).WithInputShardingSpecs(specs...).WithOutputShardingSpecs(replicated), nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// shardings returns the specifications of inputs with these places on mesh. Axes after the split one need not be named:
// they are replicated.
func shardings(mesh *distributed.DeviceMesh, places []Placement) (specs []*distributed.ShardingSpec, err error) {
	specs = make([]*distributed.ShardingSpec, len(places))
	for i, place := range places {
		var axes []distributed.AxisSpec
		if place.split {
			for range place.axis {
				axes = append(axes, distributed.ReplicatedAxis)
			}
			axes = append(axes, distributed.AxisSpec{meshAxis})
		}
		if specs[i], err = distributed.NewShardingSpec(mesh, axes...); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

// Upload copies values, of the given dimensions, to the devices by place. A split axis must be a multiple of the number
// of devices. A replicated value takes its size on every device, even on those of one processor. The caller may change
// values afterwards; the tensors are the caller's to free, or to donate to [ParallelExec.Call].
func Upload[T gotype.Supported](p *ParallelExec, place Placement, values []T, dims ...int) (Spread, error) {
	rows, row := 1, len(values) // rows of values, of each of which every device has a part
	partDims := slices.Clone(dims)
	if place.split = place.split && p.devices > 1; place.split {
		for _, d := range dims[:place.axis] {
			rows *= d
		}
		if dims[place.axis]%p.devices != 0 {
			return nil, fmt.Errorf("axis %d of %v cannot be cut into %d equal parts, one a device", place.axis, dims,
				p.devices)
		}
		row /= rows
		partDims[place.axis] /= p.devices
	}
	out := make(Spread, p.devices)
	for d := range out {
		part := values
		if width := row / p.devices; place.split && rows == 1 { // split along the first axis: no copy is needed
			part = values[d*width : (d+1)*width]
		} else if place.split {
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

// ToDevice copies values to a device as a tensor of these dimensions. A tensor made on the host would be copied twice,
// and the host copy freed only by the garbage collector.
func ToDevice[T gotype.Supported](backend compute.Backend, device compute.DeviceNum, values []T,
	dims ...int) (*tensors.Tensor, error) {
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

// Resident returns a matrix [n, f], split by rows into equal parts, one a device, the last padded with zeroes. fill
// writes len(x)/f rows, from row start on, into x; it may be called for one part after another, never concurrently. On
// one processor the parts are written in place, so that a matrix of all training items is in memory once.
func (p *ParallelExec) Resident(n, f int, fill func(x []float32, start int) error) (Spread, error) {
	const some = 1024 // rows at a time, so that fill can be cancelled and needs little memory
	// The last device gets fewer rows, or none, and padding in place of the others: XLA wants equal parts.
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

// residentOn returns a tensor [n, f] on a device; fill writes into the device's memory if the host shares it, and
// otherwise into a copy on the host that is dropped. XLA allocates it as zeroes, so that what fill leaves is padding.
func residentOn(backend compute.Backend, device compute.DeviceNum, n, f int,
	fill func(x []float32) error) (*tensors.Tensor, error) {
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

// Part returns the shape of what one device has of a value of these dimensions, see [Upload] and [ParallelExec.Resident].
func (p *ParallelExec) Part(place Placement, dtype dtypes.DType, dims ...int) shapes.Shape {
	dims = slices.Clone(dims)
	if place.split {
		dims[place.axis] = (dims[place.axis] + p.devices - 1) / p.devices
	}
	return shapes.Make(dtype, dims...)
}

// Ahead compiles the graph, beside the caller, for inputs of which every device has parts of these shapes. Call wait
// before p's backend is closed, see [SharedExec.Ahead]; nil = nothing was begun, since graphs are not shared.
func (p *ParallelExec) Ahead(parts ...shapes.Shape) (wait func()) {
	if p.Exec.cache == nil {
		return nil
	}
	return p.Exec.Ahead(slices.Repeat(parts, p.devices)...)
}

// compile compiles the graph once, for the shapes of these inputs, which later calls must have too.
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

// Call runs the graph on the inputs donated, whose buffers the call takes over and which must not be used again, then
// kept, in the order of the places. It returns the outputs, replicated. Donating lets XLA write a new state over the
// old one: without it a step would need the memory of two.
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
