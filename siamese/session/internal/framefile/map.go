package framefile

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"unsafe"

	"github.com/go-siamese/lab/data"
)

// Mapped is a frame whose values are a file's. They may be written to: changes stay in this process. The frame must not
// be used after Close.
type Mapped struct {
	*data.Frame
	memory []byte
}

// Open maps the frame in a file, from which nothing is copied but the names. The file may be closed afterwards. What is
// not such a file, or is cut short, is an error.
func Open(file *os.File) (*Mapped, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	memory, err := mapFile(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("mapping a frame: %w", err)
	}
	f, err := parse(memory)
	if err != nil {
		_ = unmap(memory)
		return nil, err
	}
	return &Mapped{f, memory}, nil
}

// Close gives the memory back.
func (m *Mapped) Close() error {
	memory := m.memory
	m.Frame, m.memory = nil, nil
	return unmap(memory)
}

// damaged returns the error of a file that is not whole.
func damaged(what string) error { return fmt.Errorf("the kept frame is damaged: %s", what) }

// parse returns the frame in a file's bytes, whose values it shares.
func parse(b []byte) (*data.Frame, error) {
	head := len(magic) + 8
	if len(b) < head || string(b[:len(magic)]) != magic {
		return nil, damaged("it does not begin as one")
	}
	size := binary.LittleEndian.Uint64(b[len(magic):])
	if size > uint64(len(b)-head) {
		return nil, damaged("its description is cut short")
	}
	var d description
	if err := json.Unmarshal(b[head:head+int(size)], &d); err != nil {
		return nil, fmt.Errorf("%w: %w", damaged("its description"), err)
	}
	if d.N < 0 || d.F < 0 || d.N > math.MaxInt32 || d.F > math.MaxInt32 || d.X < 0 || d.X%page != 0 {
		return nil, damaged("its size")
	}
	// Below 2^31 each, the product and the sum cannot overflow.
	bytes := int64(d.N) * int64(d.F) * 4
	if bytes < 0 || d.X > int64(len(b)) || bytes > int64(len(b))-d.X {
		return nil, damaged("its values are cut short")
	}
	f := &data.Frame{Blocks: d.Blocks, Numbered: d.Numbered, Settings: d.Settings}
	for _, list := range []struct {
		to    *[]string
		from  *place
		count int
	}{{&f.Columns, &d.Columns, d.F}, {&f.IDs, &d.IDs, d.N}, {&f.Labels, d.Labels, d.N}, {&f.Domains, d.Domains, d.N}} {
		if list.from == nil {
			continue
		}
		var err error
		if *list.to, err = list.from.read(b, list.count); err != nil {
			return nil, err
		}
	}
	if n := d.N * d.F; n > 0 {
		f.X = unsafe.Slice((*float32)(unsafe.Pointer(&b[d.X])), n)[:n:n]
	}
	return f, nil
}

// read returns the texts of a list, which must be as many as count.
func (p place) read(b []byte, count int) ([]string, error) {
	if p.Offset < 0 || p.Size < 0 || p.Offset > int64(len(b)) || p.Size > int64(len(b))-p.Offset ||
		p.Count != int64(count) || p.Count > p.Size/4 {
		return nil, damaged("a list of names")
	}
	list := b[p.Offset : p.Offset+p.Size]
	all := string(list[4*count:]) // one copy, of which the texts are parts
	out, at := make([]string, count), 0
	for i := range out {
		n := int(binary.LittleEndian.Uint32(list[4*i:]))
		if n > len(all)-at {
			return nil, damaged("a list of names is cut short")
		}
		out[i] = all[at : at+n]
		at += n
	}
	return out, nil
}
