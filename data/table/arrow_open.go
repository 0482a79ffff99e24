package table

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// arrowSource gives the record batches of an Arrow file or stream.
type arrowSource struct {
	schema *arrow.Schema
	next   func() (arrow.RecordBatch, error) // io.EOF at the end; valid until the next call
	close  func()
}

func arrowFile(in *input, opt *Options) (*arrowSource, error) {
	if err := checkArrowFile(in); err != nil {
		return nil, damaged(in.name, err)
	}
	r, err := ipc.NewFileReader(io.NewSectionReader(in, 0, in.size), ipc.WithAllocator(newAllocator(in, opt)),
		ipc.WithMetadataSizeLimit(in.size), ipc.WithBodySizeLimit(in.size), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, damaged(in.name, err)
	}
	at := 0
	var last arrow.RecordBatch
	return &arrowSource{
		schema: r.Schema(),
		next: func() (arrow.RecordBatch, error) {
			if last != nil {
				last.Release()
				last = nil
			}
			if at >= r.NumRecords() {
				return nil, io.EOF
			}
			var err error
			last, err = r.RecordBatchAt(at)
			at++
			return last, err
		},
		close: func() {
			if last != nil {
				last.Release()
			}
			r.Close() // nothing is written
		},
	}, nil
}

func arrowStream(in *input, opt *Options) (*arrowSource, error) {
	mem := newAllocator(in, opt)
	messages := &arrowMessages{in: bufio.NewReaderSize(in.reader(), 1<<16), left: in.size, mem: mem}
	r, err := ipc.NewReaderFromMessageReader(messages, ipc.WithAllocator(mem), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, damaged(in.name, err)
	}
	return &arrowSource{
		schema: r.Schema(),
		next: func() (arrow.RecordBatch, error) {
			if r.Next() {
				return r.RecordBatch(), nil
			}
			if err := r.Err(); err != nil {
				return nil, err
			}
			return nil, io.EOF
		},
		close: r.Release,
	}, nil
}

var arrowFormat = format{
	name: "Arrow (Feather)", is: begins("ARROW1"), open: openArrowFile, scan: scanArrowFile,
	write: map[string]writer{".arrow": WriteArrow, ".feather": WriteArrow},
}

// arrowStreamFormat has no name of its own in the file: a stream begins with a marker and a
// length, which no text does.
var arrowStreamFormat = format{
	name: "Arrow stream", is: func(h head) bool { return len(h) == 8 && h[:4] == "\xff\xff\xff\xff" },
	open: openArrowStream, scan: scanArrowStream,
	write: map[string]writer{".arrows": WriteArrowStream},
}

// featherFormat is Feather version 1.
var featherFormat = format{
	is: begins("FEA1"),
	open: func(_ context.Context, in *input, _ *Options) (*data.Frame, *Explanation, error) {
		return nil, nil, refuseFeather(in)
	},
	scan: func(_ context.Context, in *input, _ *Options, _ yielder) error { return refuseFeather(in) },
}

func refuseFeather(in *input) error {
	return &Error{File: in.name, Problem: "this is Feather version 1, which nothing writes any more",
		Fix: option.Do("write it again with a recent pandas or pyarrow (version 2)")}
}

func openArrowFile(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	s, err := arrowFile(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow file")
}

func openArrowStream(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	s, err := arrowStream(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow stream")
}

// read makes one frame of all batches.
func (s *arrowSource) read(ctx context.Context, in *input, opt *Options, format string) (*data.Frame, *Explanation, error) {
	defer s.close()
	var b *arrowBatch
	var m *matrix
	var t texts
	rows := 0
	for {
		batch, err := s.next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return nil, nil, damaged(in.name, err)
		}
		n := 0
		if !end {
			n = int(batch.NumRows())
		}
		if b == nil && (n > 0 || end) {
			if b, err = planArrow(in, opt, s.schema, batch); err != nil {
				return nil, nil, damaged(in.name, err)
			}
			m = newMatrix(in.name, 0, b.plan.features, opt.AllowMissing)
		}
		if end {
			break
		}
		if n == 0 {
			continue
		}
		if err := admit(opt, in.name, in.size, int64(rows+n), b.plan); err != nil {
			return nil, nil, err
		}
		m.grow(n)
		t.grow(b.plan, n)
		if err := b.fill(ctx, batch, 0, n, rows, m, &t); err != nil {
			return nil, nil, damaged(in.name, err)
		}
		rows += n
		if err := teller(opt, 0)(rows); err != nil {
			return nil, nil, err
		}
	}
	f, err := b.plan.finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, explain(b.plan, format, f, m.nan, m.inf), nil
}

// grow makes room for n more rows.
func (m *matrix) grow(n int) {
	m.rows += n
	m.x = append(m.x, make([]float32, n*m.width)...)
}

func (t *texts) grow(p *plan, n int) {
	for _, role := range p.Roles {
		if role != data.RoleFeature && role != data.RoleIgnore {
			all := t.of(role)
			*all = append(*all, make([]string, n)...)
		}
	}
}
