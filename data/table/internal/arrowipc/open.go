// Package arrowipc reads and writes Arrow IPC files ([File], also known as Feather version
// 2) and streams ([Stream]) with arrow-go.
//
// A file lists its record batches in a footer at its end; a stream is messages one after
// the other, and can be written to a pipe. The metadata of both is checked before arrow-go
// decodes it, since its decoder trusts every length (check.go, flatbuf.go, messages.go).
// All buffers come from an allocator with a limit. The columns of a batch are copied to
// rows of a frame on all cores (batch.go).
//
// It reads columns of numbers and text, dictionaries of text, and lists of numbers of one
// length. Dates, structs, maps and unions are refused or have to be ignored.
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

// source gives the record batches of an Arrow file or stream, one at a time, so that memory
// holds one batch, unpacked. next returns io.EOF at the end; the batch is valid until the
// next call. Call close at the end, also after an error of next. It is for one goroutine.
type source struct {
	schema *arrow.Schema
	next   func() (arrow.RecordBatch, error) // io.EOF at the end; valid until the next call
	close  func()
}

// openFile checks the metadata of an Arrow file, all of it, and opens the file. The batches
// are read when they are asked for.
func openFile(in *reading.Input, opt *reading.Options) (*source, error) {
	// Before arrow-go sees anything of the file.
	if err := checkFile(in); err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	r, err := ipc.NewFileReader(io.NewSectionReader(in, 0, in.Size), ipc.WithAllocator(columnar.New(in, opt)),
		ipc.WithMetadataSizeLimit(in.Size), ipc.WithBodySizeLimit(in.Size), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	// arrow-go reads batches by their number, in any order; here they come in order, and
	// one is kept at a time.
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
			// Counted also after an error, so that next never repeats it.
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

// openStream opens an Arrow stream, whose messages are checked as they are read: a stream
// has no list of them. The first message is the schema.
func openStream(in *reading.Input, opt *reading.Options) (*source, error) {
	mem := columnar.New(in, opt)
	// The same allocator for bodies and for what is unpacked from them: one limit for both.
	messages := &messages{in: bufio.NewReaderSize(in.Reader(), 1<<16), left: in.Size, mem: mem}
	r, err := ipc.NewReaderFromMessageReader(messages, ipc.WithAllocator(mem), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	return &source{
		schema: r.Schema(),
		next: func() (arrow.RecordBatch, error) {
			// The reader releases the batch before itself.
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

// File is the Arrow IPC file, which is also Feather version 2. It is written to names that
// end in .arrow or .feather.
var File = reading.Format{
	Name: "Arrow (Feather)", Is: reading.Begins("ARROW1"), Open: readFile, Scan: scanFile,
	Write: map[string]reading.Writer{".arrow": Write, ".feather": Write},
}

// Stream is the Arrow IPC stream. It has no magic word: a stream begins with a marker and a
// length, which no text does. Streams of before Arrow 0.15 (2019), which lack the marker,
// are therefore not recognised.
var Stream = reading.Format{
	Name: "Arrow stream", Is: func(h reading.Head) bool { return len(h) == 8 && h[:4] == "\xff\xff\xff\xff" },
	Open: readStream, Scan: scanStream,
	Write: map[string]reading.Writer{".arrows": WriteStream},
}

// Feather1 is Feather version 1, a format of its own of before 2020. It is here to be
// refused with a reason: as the last format, text would take the file.
var Feather1 = reading.Format{
	Is: reading.Begins("FEA1"),
	Open: func(_ context.Context, in *reading.Input, _ *reading.Options) (*data.Frame, *reading.Explanation, error) {
		return nil, nil, refuseFeather(in)
	},
	Scan: func(_ context.Context, in *reading.Input, _ *reading.Options, _ reading.Yielder) error {
		return refuseFeather(in)
	},
}

// refuseFeather returns the error for a file of Feather version 1.
func refuseFeather(in *reading.Input) error {
	return &tableerr.Error{File: in.Name, Problem: "this is Feather version 1, which nothing writes any more",
		Fix: option.Do("write it again with a recent pandas or pyarrow (version 2)")}
}

// readFile reads a whole file, for [File].
func readFile(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	s, err := openFile(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow file")
}

// readStream reads a whole stream, for [Stream].
func readStream(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation,
	error) {
	s, err := openStream(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, in, opt, "Arrow stream")
}

// read makes one frame of all batches and closes s. The number of rows is unknown before
// the last batch, so the frame grows as batches come, each admitted by [reading.Admit]
// first. A file without rows still is planned, so that an unknown column is reported before
// the lack of rows. Progress has no total.
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
		// At the end there is no batch, but there may be a plan to make.
		n := 0
		if !end {
			n = int(batch.NumRows())
		}
		// The first batch with rows says how wide lists are.
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
		// What the batch claims, before room for it is made.
		if err := reading.Admit(opt, in.Name, in.Size, int64(rows+n), b.plan); err != nil {
			return nil, nil, err
		}
		// The batch claims n rows; its columns are checked as they are copied.
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
