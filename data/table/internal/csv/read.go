package csv

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// readRows reads all rows after the header and passes them to add in the order of the file, a
// chunk at a time. A chunk is valid until add returns. add runs on the caller's goroutine,
// never twice at a time, and must look at c.err first. The first error of add stops the reading
// and is returned; add is not called again. All goroutines have ended when readRows returns.
//
// It is a pipeline: one goroutine cuts the text into chunks, one on each core parses them, the
// caller's adds them. It is not a [parallel.Each] over pieces, because the number of chunks is
// unknown while a compressed file or a pipe is read, and because cutting and decompressing
// overlap with parsing this way. There are at most 2*workers+2 chunks, which bounds the memory:
// a slow add makes the others wait.
func (s *source) readRows(plan *plan, opt *reading.Options, add func(*chunk) error) error {
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *chunk, 2*workers+2)
	for range cap(free) {
		free <- &chunk{parsed: make(chan struct{}, 1)}
	}
	// Every chunk goes through both: to any worker, and to the caller in its order. The latter
	// has room for all chunks, so that the cutter only ever waits for a worker or for a free
	// chunk.
	work, ordered := make(chan *chunk), make(chan *chunk, cap(free))
	stop := make(chan struct{})
	var group sync.WaitGroup
	defer group.Wait()
	defer close(stop) // runs before Wait: the cutter ends, and with it the workers

	group.Go(func() {
		defer close(ordered)
		defer close(work)
		cutter := chunker{in: s.in, line: s.line + 1}
		for {
			select {
			case <-stop:
				return
			case c := <-free:
				if !cutter.fill(c) {
					return
				}
				ordered <- c
				work <- c
			}
		}
	})
	for range workers {
		group.Go(func() {
			parser := rowParser{file: s.file, plan: plan, opt: opt, seen: make(reading.Interner)}
			for c := range work {
				parser.parse(c)
				c.parsed <- struct{}{}
			}
		})
	}
	for c := range ordered {
		<-c.parsed
		if err := add(c); err != nil {
			return err
		}
		free <- c
	}
	return nil
}

// checked reports progress and returns the error of the chunk, or that of ctx, or of
// opt.Progress. The caller must call it before it uses what was parsed. An error of the input
// is wrapped here, where the order of the chunks says after which line it came.
func (s *source) checked(ctx context.Context, c *chunk, opt *reading.Options) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.err != nil {
		if bad := new(tableerr.Error); errors.As(c.err, &bad) {
			return c.err
		}
		s.line = c.line - 1
		return s.readError(c.err)
	}
	if opt.Progress != nil {
		if err := opt.Progress(s.done.Load(), s.total); err != nil {
			return &tableerr.Stopped{Err: err}
		}
	}
	return nil
}

// assembler appends chunks to a frame in the order of the file. Its methods are called by one
// goroutine.
type assembler struct {
	ctx    context.Context //nolint:containedctx // of one call, for a callback
	source *source
	plan   *plan
	opt    *reading.Options
	most   int64 // bytes of the values, 0 = no bound
	frame  *data.Frame
	lines  []int // of each row, for errors
	tally  tally
}

// add appends a copy of the chunk, whose error it returns if it has one. It is the callback of
// readRows. The bound on the values is checked before they are copied; texts do not count
// towards it.
func (a *assembler) add(c *chunk) error {
	if err := a.source.checked(a.ctx, c, a.opt); err != nil {
		return err
	}
	f := a.frame
	if most := a.most; most > 0 && 4*int64(len(f.X)+len(c.x)) > most {
		return &tableerr.Error{File: a.source.file, Line: c.line,
			Problem: fmt.Sprintf("the values take more than %d MiB", most>>20),
			Fix:     option.Do("raise %s if the file is sound", "MaxBytes").Or("use Scan")}
	}
	if total := a.source.total; len(a.lines) == 0 && total > 0 && !a.source.compressed {
		// The rest is taken to be like the first chunk, with 2 % added; growing by copying
		// would need twice the memory for a moment. A wrong guess costs a copy, or is cut back
		// by finish; of a compressed file nothing can be guessed.
		rows := int(total/int64(len(c.text))*int64(len(c.lines))) + 2*len(c.lines)
		f.X = make([]float32, 0, (rows+rows/50)*len(a.plan.Features))
	}
	f.X = append(f.X, c.x...)
	f.IDs = append(f.IDs, c.ids...)
	f.Labels = append(f.Labels, c.labels...)
	f.Domains = append(f.Domains, c.domains...)
	a.lines = append(a.lines, c.lines...)
	a.tally.missing += c.tally.missing
	a.tally.infinite += c.tally.infinite
	return nil
}

// finish returns the frame after the checks that need the whole table: that there are rows, and
// that ids are unique. It numbers items without ids, and drops labels that are all empty.
func (a *assembler) finish() (*data.Frame, error) {
	f := a.frame
	if len(a.lines) == 0 {
		return nil, headerOnly(a.source.file)
	}
	if a.plan.Has(data.RoleID) {
		first := make(map[string]int, len(f.IDs))
		for i, id := range f.IDs {
			if other, ok := first[id]; ok {
				return nil, &tableerr.Error{File: a.source.file, Line: a.lines[i], Column: a.plan.NameOf(data.RoleID),
					Text:    id,
					Problem: fmt.Sprintf("is also the id of line %d", a.lines[other]),
					Fix:     reading.OwnIDs}
			}
			first[id] = i
		}
	} else {
		f.IDs = reading.Numbered(0, len(a.lines))
	}
	f.Numbered = a.plan.CountsRows(f.IDs)
	if reading.AllEmpty(f.Labels) {
		f.Labels = nil
	}
	// The guess of add was much too high, or doubling has just made room: a copy frees more
	// than it costs.
	if cap(f.X) > len(f.X)+len(f.X)/4 {
		f.X = slices.Clone(f.X)
	}
	return f, nil
}
