// Package arrowipc reads and writes Arrow IPC files and streams, also known as Feather version 2, with arrow-go. It
// checks the metadata first, whose decoder trusts every length (check.go).
package arrowipc

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// source gives the record batches of an Arrow file or stream.
type source struct {
	schema *arrow.Schema
	next   func() (arrow.RecordBatch, error) // io.EOF at the end; valid until the next call
	close  func()
}

func openFile(in *reading.Input, opt *reading.Options) (*source, error) {
	if err := checkFile(in); err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	r, err := ipc.NewFileReader(io.NewSectionReader(in, 0, in.Size), ipc.WithAllocator(columnar.New(in, opt)),
		ipc.WithMetadataSizeLimit(in.Size), ipc.WithBodySizeLimit(in.Size), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	at := 0
	var last arrow.RecordBatch
	return &source{
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

func openStream(in *reading.Input, opt *reading.Options) (*source, error) {
	mem := columnar.New(in, opt)
	messages := &messages{in: bufio.NewReaderSize(in.Reader(), 1<<16), left: in.Size, mem: mem}
	r, err := ipc.NewReaderFromMessageReader(messages, ipc.WithAllocator(mem), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	return &source{
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

// File is the Arrow IPC file, which is also Feather version 2.
var File = reading.Format{
	Name: "Arrow (Feather)", Is: reading.Begins("ARROW1"), Open: readFile, Scan: scanFile,
	Write: map[string]reading.Writer{".arrow": Write, ".feather": Write},
}

// Stream is the Arrow IPC stream. It has no magic word: a stream begins with a marker and a length, which no
// text does.
var Stream = reading.Format{
	Name: "Arrow stream", Is: func(h reading.Head) bool { return len(h) == 8 && h[:4] == "\xff\xff\xff\xff" },
	Open: readStream, Scan: scanStream,
	Write: map[string]reading.Writer{".arrows": WriteStream},
}

// Feather1 is Feather version 1.
var Feather1 = reading.Format{
	Is: reading.Begins("FEA1"),
	Open: func(_ context.Context, in *reading.Input, _ *reading.Options) (*data.Frame, *reading.Explanation, error) {
		return nil, nil, refuseFeather(in)
	},
	Scan: func(_ context.Context, in *reading.Input, _ *reading.Options, _ reading.Yielder) error {
		return refuseFeather(in)
	},
}

func refuseFeather(in *reading.Input) error {
	return &tableerr.Error{File: in.Name, Problem: "this is Feather version 1, which nothing writes any more",
		Fix: option.Do("write it again with a recent pandas or pyarrow (version 2)")}
}

func readFile(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	s, err := openFile(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow file")
}

func readStream(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation,
	error) {
	s, err := openStream(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow stream")
}

// read makes one frame of all batches.
func (s *source) read(ctx context.Context, in *reading.Input, opt *reading.Options, format string) (*data.Frame,
	*reading.Explanation, error) {
	defer s.close()
	var b *batchReader
	var m *reading.Matrix
	var t reading.Texts
	rows := 0
	for {
		batch, err := s.next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return nil, nil, tableerr.Damaged(in.Name, err)
		}
		n := 0
		if !end {
			n = int(batch.NumRows())
		}
		if b == nil && (n > 0 || end) {
			if b, err = newBatchReader(in, opt, s.schema, batch); err != nil {
				return nil, nil, tableerr.Damaged(in.Name, err)
			}
			m = reading.NewMatrix(in.Name, 0, b.plan.Features, opt.AllowMissing)
		}
		if end {
			break
		}
		if n == 0 {
			continue
		}
		if err := reading.Admit(opt, in.Name, in.Size, int64(rows+n), b.plan); err != nil {
			return nil, nil, err
		}
		m.Grow(n)
		t.Grow(b.plan, n)
		if err := b.fill(ctx, batch, 0, n, rows, m, &t); err != nil {
			return nil, nil, tableerr.Damaged(in.Name, err)
		}
		rows += n
		if err := reading.Teller(opt, 0)(rows); err != nil {
			return nil, nil, err
		}
	}
	f, err := b.plan.Finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, reading.Explain(b.plan, format, f, m.NaN, m.Inf), nil
}
