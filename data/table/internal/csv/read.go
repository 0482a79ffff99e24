package csv

import (
	"context"
	"errors"
	"runtime"
	"sync"

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
// overlap with parsing this way. There are at most chunksAtOnce chunks, which bounds the memory:
// a slow add makes the others wait.
func (s *source) readRows(plan *plan, opt *reading.Options, add func(*chunk) error) error {
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *chunk, chunksAtOnce())
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
		cutter := chunker{in: s.in, line: s.line + 1, size: s.chunkSize(), most: s.maxRecord()}
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

// chunksAtOnce is how many chunks there are.
func chunksAtOnce() int { return 2*runtime.GOMAXPROCS(0) + 2 }

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
