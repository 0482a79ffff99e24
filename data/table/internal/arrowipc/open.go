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
	"context"
	"errors"
	"fmt"
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
	in      *reading.Input
	opt     *reading.Options
	account *reading.Account
	schema  *arrow.Schema
	rows    int64  // of all batches
	filled  []bool // which arrays of the batches hold a value, as they come in a batch
	reader  *ipc.Reader
}

// openFile opens an Arrow file.
func openFile(in *reading.Input, opt *reading.Options) (*source, error) {
	return open(in, opt, (*views).fileParts)
}

// openStream opens an Arrow stream.
func openStream(in *reading.Input, opt *reading.Options) (*source, error) {
	return open(in, opt, (*views).streamParts)
}

// open checks all metadata before arrow-go sees anything of the file, and reads the schema.
// The batches are read when they are asked for.
func open(in *reading.Input, opt *reading.Options, find func(*views, *reading.Input) ([]part, error)) (*source,
	error) {
	var v views
	parts, err := find(&v, in)
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	s := &source{in: in, opt: opt, account: reading.NewAccount(in, opt), filled: v.filled}
	for _, p := range parts {
		if p.kind == headerBatch {
			if s.rows += p.rows; p.rows < 0 || s.rows < 0 {
				return nil, tableerr.Damaged(in.Name, fmt.Errorf("a batch claims %d rows", p.rows))
			}
		}
	}
	mem := columnar.New(s.account)
	source := &messages{in: in, mem: mem, parts: parts}
	s.reader, err = ipc.NewReaderFromMessageReader(source,
		ipc.WithAllocator(mem), ipc.WithEnsureNativeEndian(true))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	s.schema = s.reader.Schema()
	source.schema = s.schema
	return s, nil
}

// next returns the next batch, valid until the following call, or io.EOF at the end.
func (s *source) next() (arrow.RecordBatch, error) {
	// The reader releases the batch before itself.
	if s.reader.Next() {
		return s.reader.RecordBatch(), nil
	}
	if err := s.reader.Err(); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// close lets go of the last batch.
func (s *source) close() { s.reader.Release() }

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
	return s.read(ctx, "Arrow file")
}

// readStream reads a whole stream, for [Stream].
func readStream(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation,
	error) {
	s, err := openStream(in, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.read(ctx, "Arrow stream")
}

// read makes one frame of all batches and closes s. A file without rows still is planned, so
// that an unknown column is reported before the lack of rows.
func (s *source) read(ctx context.Context, format string) (*data.Frame, *reading.Explanation, error) {
	defer s.close()
	var b *batchReader
	var m *reading.Matrix
	var t reading.Texts
	tell := reading.Teller(s.opt, int(s.rows))
	rows := 0
	for {
		batch, err := s.next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return nil, nil, tableerr.Damaged(s.in.Name, err)
		}
		// At the end there is no batch, but there may be a plan to make.
		n := 0
		if !end {
			n = int(batch.NumRows())
		}
		// The first batch with rows says how wide lists are.
		if b == nil && (n > 0 || end) {
			if b, err = newBatchReader(s, batch); err != nil {
				return nil, nil, tableerr.Damaged(s.in.Name, err)
			}
			// All rows that the batches claim, before room for them is made.
			if err := s.account.Rows(b.plan, s.rows); err != nil {
				return nil, nil, err
			}
			m = reading.NewMatrix(s.in.Name, int(s.rows), b.plan.Features, s.opt.AllowMissing)
			t = b.plan.MakeTexts(int(s.rows))
		}
		if end {
			break
		}
		if n == 0 {
			continue
		}
		if int64(rows)+int64(n) > s.rows {
			return nil, nil, tableerr.Damaged(s.in.Name, errors.New("a batch has more rows than it claims"))
		}
		if err := b.fill(ctx, batch, 0, n, rows, m, &t, s.account); err != nil {
			return nil, nil, tableerr.Damaged(s.in.Name, err)
		}
		rows += n
		if err := tell(rows); err != nil {
			return nil, nil, err
		}
	}
	if int64(rows) != s.rows {
		return nil, nil, tableerr.Damaged(s.in.Name, fmt.Errorf("the batches claim %d rows and have %d", s.rows, rows))
	}
	f, err := b.plan.Finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, reading.Explain(b.plan, format, f, m.NaN, m.Inf, m.Lost), nil
}
