package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Errors of [batcher.embed] that are about the server, not about the items.
var (
	errBusy   = errors.New("too many requests wait for the model: come back later")
	errClosed = errors.New("the server is ending")
)

// batchRows is how many rows are embedded at a time, of several requests if need be. It is the larger of the two sizes
// that a model compiles.
const batchRows = 512

// batcher embeds the items of many requests together. The model does one batch at a time; requests that come meanwhile
// are the next batch, so that nobody waits for a batch to fill up.
type batcher struct {
	model   *siamese.Model
	backend compute.Backend
	jobs    chan *job
	end     chan struct{} // closed by close
	once    sync.Once
	done    chan struct{} // closed when run has returned
	rows    *metrics.PrometheusHistogram
}

// job is what one request wants embedded.
type job struct {
	ctx   context.Context //nolint:containedctx // of the request that waits
	frame *data.Frame     // its columns are those of the model, in their order
	done  chan outcome    // has room for one
}

type outcome struct {
	z   *embedding.Embeddings
	err error
}

func startBatches(m *siamese.Model, backend compute.Backend, waiting int, stats *metrics.Set) *batcher {
	b := &batcher{model: m, backend: backend, jobs: make(chan *job, waiting), end: make(chan struct{}),
		done: make(chan struct{}),
		rows: stats.NewPrometheusHistogramExt("siamese_batch_rows", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 4096})}
	stats.NewGauge("siamese_waiting_requests", func() float64 { return float64(len(b.jobs)) })
	go b.run()
	return b
}

// close ends the batcher and waits for the batch at hand.
func (b *batcher) close() {
	b.once.Do(func() { close(b.end) })
	<-b.done
}

// embed returns the embeddings of frame, whose columns are those of the model in their order. Errors are errBusy,
// errClosed, that of ctx, and those of [siamese.Model.Embed].
func (b *batcher) embed(ctx context.Context, frame *data.Frame) (*embedding.Embeddings, error) {
	j := &job{ctx, frame, make(chan outcome, 1)}
	select {
	case <-b.end:
		return nil, errClosed
	default:
	}
	select {
	case b.jobs <- j:
	default:
		return nil, errBusy
	}
	select {
	case o := <-j.done:
		return o.z, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.done: // it may have been answered last
		select {
		case o := <-j.done:
			return o.z, o.err
		default:
			return nil, errClosed
		}
	}
}

func (b *batcher) run() {
	defer close(b.done)
	for {
		var first *job
		select {
		case <-b.end:
			return
		case first = <-b.jobs:
		}
		batch, rows := []*job{first}, first.frame.N()
		for more := true; more && rows < batchRows; {
			select {
			case j := <-b.jobs:
				batch, rows = append(batch, j), rows+j.frame.N()
			default:
				more = false
			}
		}
		batch = slices.DeleteFunc(batch, func(j *job) bool { return j.ctx.Err() != nil })
		b.do(batch)
	}
}

// do embeds a batch and answers its jobs. If the items of all cannot be embedded together each job is tried alone, so
// that only those fail that have a fault.
func (b *batcher) do(batch []*job) {
	if len(batch) > 1 {
		if b.together(batch) {
			return
		}
	}
	for _, j := range batch {
		b.rows.Update(float64(j.frame.N()))
		z, err := b.model.Embed(j.ctx, b.backend, j.frame)
		j.done <- outcome{z, err}
	}
}

// together embeds the items of all jobs at once and reports whether it could.
func (b *batcher) together(batch []*job) bool {
	t := b.model.Transform
	all := &data.Frame{Columns: t.Columns, Blocks: t.Blocks}
	for _, j := range batch {
		all.X = append(all.X, j.frame.X...)
	}
	n := len(all.X) / t.F()
	for i := range n {
		all.IDs = append(all.IDs, fmt.Sprint(i))
	}
	z, err := b.model.Embed(context.Background(), b.backend, all)
	if err != nil {
		return false
	}
	b.rows.Update(float64(n))
	at := 0
	for _, j := range batch {
		next := at + j.frame.N()
		own := &embedding.Embeddings{Values: slices.Clone(z.Values[at*z.E : next*z.E]), N: j.frame.N(), E: z.E,
			Unseen: t.Unseen(j.frame), Unchecked: t.Unchecked(j.frame.Settings)}
		for _, i := range z.Zero {
			if at <= i && i < next {
				own.Zero = append(own.Zero, i-at)
			}
		}
		j.done <- outcome{own, nil}
		at = next
	}
	return true
}
