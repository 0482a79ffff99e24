package device

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// A buffer says which backend it is of, and GoMLX refuses those of others: these are XLA's own, but for that.
type portableBuffer struct {
	compute.Buffer
	of *portable
}

func (b *portableBuffer) Backend() compute.Backend { return b.of }

func (b *portableBuffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	copied, err := b.Buffer.CopyToDevice(device)
	return b.of.buffer(copied), err
}

// buffer returns XLA's buffer as one of p; nil for none.
func (p *portable) buffer(b compute.Buffer) compute.Buffer {
	if b == nil {
		return nil
	}
	return &portableBuffer{b, p}
}

func (p *portable) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	b, err := p.told.BufferFromFlatData(device, flat, shape)
	return p.buffer(b), err
}

func (p *portable) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	b, flat, err := p.told.NewSharedBuffer(device, shape)
	return p.buffer(b), flat, err
}

// portableExecutable takes and returns buffers of its backend.
type portableExecutable struct {
	compute.Executable
	of *portable
}

func (e *portableExecutable) Execute(inputs []compute.Buffer, donate []bool,
	device compute.DeviceNum) ([]compute.Buffer, error) {
	own := make([]compute.Buffer, len(inputs))
	for i, b := range inputs {
		own[i] = b
		if p, ok := b.(*portableBuffer); ok {
			own[i] = p.Buffer
		}
	}
	out, err := e.Executable.Execute(own, donate, device)
	for i, b := range out {
		out[i] = e.of.buffer(b)
	}
	return out, err
}
