package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
)

// lossEvery is how many steps pass between two readings of the loss. It is a number of steps, not a time, so
// that sums are rounded alike in every run.
const lossEvery = 32

// batchSampler draws n batches: items [n, 2B] and labels, of pairs or items, as stepper.advance takes them.
type batchSampler func(n int, rng *rand.Rand) (items []int32, labels []float32)

// newBatchSampler returns the sampler that the configuration's loss needs.
func newBatchSampler(cfg Config, train *data.Frame) (batchSampler, error) {
	b := cfg.BatchPairs
	if cfg.Loss.NeedsBatch() {
		s, err := newClassSampler(train, cfg.ItemsPerClass, 2*b)
		if err != nil {
			return nil, err
		}
		return s.draw, nil
	}
	s, err := NewPairSampler(train, cfg.WithinDomain)
	if err != nil {
		return nil, err
	}
	return func(n int, rng *rand.Rand) (items []int32, labels []float32) {
		pairs := s.draw(cfg.PairsPerEpoch, rng)
		items = make([]int32, 0, 2*n*b)
		for k := 0; k < n*b; k += b {
			items = append(append(items, pairs.Left[k:k+b]...), pairs.Right[k:k+b]...)
		}
		return items, pairs.Label[:n*b]
	}, nil
}

// epoch trains on PairsPerEpoch fresh pairs and judges the weights on the validation items.
func (r *run) epoch(ctx context.Context, number int) error {
	b := r.cfg.BatchPairs
	steps := r.cfg.PairsPerEpoch / b // a last, smaller batch would compile a second graph for a few random pairs
	items, labels := r.sampler(steps, newRand(r.cfg.Seed, streamEpochs+uint64(number)))
	perStep := len(labels) / steps
	begun, told := time.Now(), time.Now()
	var sum float64
	for s := 0; s < steps; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(r.stepper.perCall, steps-s)
		if err := r.stepper.advance(items[2*s*b:2*(s+n)*b], labels[s*perStep:(s+n)*perStep]); err != nil {
			return err
		}
		if s += n; s%lossEvery != 0 && s != steps {
			continue
		}
		part, err := r.stepper.takeLoss()
		if err != nil {
			return err
		}
		sum += part
		if s < steps && time.Since(told) > 100*time.Millisecond { // the last step is told with its judgement
			r.tell(Progress{Epoch: number, Step: s, Steps: steps, Loss: sum / float64(s)}, begun)
			told = time.Now()
		}
	}
	last := Progress{Epoch: number, Step: steps, Steps: steps, Loss: sum / float64(steps)}
	trained := time.Now()
	err := r.judge(ctx, Epoch{
		Number: number, Loss: last.Loss, PairsPerSec: float64(steps*b) / trained.Sub(begun).Seconds(),
	})
	if err != nil {
		return err
	}
	last.Ended = number == r.cfg.Epochs || r.patienceLost(number)
	r.tell(last, begun.Add(time.Since(trained))) // the rate is that of training, without judging
	return nil
}

// patienceLost returns whether the best epoch lies so far back that training should stop.
func (r *run) patienceLost(epoch int) bool {
	return r.cfg.Patience > 0 && epoch-r.result.Best >= r.cfg.Patience
}

// tell fills in what follows from p and calls the progress function, if there is one.
func (r *run) tell(p Progress, begun time.Time) {
	if r.opts.Progress == nil {
		return
	}
	p.Epochs, p.PairsPerSec = r.cfg.Epochs, float64(p.Step*r.cfg.BatchPairs)/time.Since(begun).Seconds()
	if n := len(r.result.History); n > 0 {
		p.Last = &r.result.History[n-1]
	}
	done := float64(p.Epoch-1) + float64(p.Step)/float64(p.Steps)
	p.Left = time.Duration(float64(time.Since(r.begun)) * (float64(r.cfg.Epochs) - done) / done).Round(time.Second)
	r.opts.Progress(p)
}

// judge adds the validation figures of the current weights to e, and keeps the weights if they are the best.
func (r *run) judge(ctx context.Context, e Epoch) error {
	layers, err := r.stepper.layers(r.result.Model.Layers)
	if err != nil {
		return err
	}
	if err := r.current.setLayers(layers); err != nil {
		return err
	}
	z, err := r.current.Embed(ctx, r.backend, r.val)
	if err != nil {
		return err
	}
	_, labels := classNumbers(r.val)
	figures, err := metric.AllPairs(ctx, z.Values, labels, metric.Options{})
	if err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	scores, same := pairScores(z, r.valPairs)
	e.ValLoss = squaredError(scores, same)
	e.ValAUC, e.ValMAP = figures.Verification.ROCAUC, figures.Retrieval.MAPAtR

	if score := e.monitored(r.cfg.Monitor); score > r.best {
		e.Best, r.best, r.result.Best = true, score, e.Number
		chosen, err := metric.Verify(scores, same, nil, metric.VerificationOptions{})
		if err != nil {
			return fmt.Errorf("validation: threshold: %w", err)
		}
		model := r.result.Model
		model.Threshold = chosen.Natural.BestAccuracy.Threshold
		if err := model.setLayers(layers); err != nil {
			return err
		}
		if r.opts.Checkpoint != "" {
			if err := model.Save(r.opts.Checkpoint); err != nil {
				return err
			}
		}
	}
	r.result.History = append(r.result.History, e)
	if len(z.Zero) > r.val.N()/20 {
		r.warn("epoch %d: %s", e.Number, z.Warnings()[0])
	}
	return nil
}

func (r *run) warn(format string, args ...any) {
	r.result.Warnings = append(r.result.Warnings, fmt.Sprintf(format, args...))
}

// end returns the result, with the weights of the best epoch, beside err. A run that was cut off in its
// first epoch keeps the weights it has, unless the error is in them.
func (r *run) end(err error) (*Result, error) {
	if !math.IsInf(r.best, -1) {
		return r.result, err
	}
	model := r.result.Model
	layers, readErr := r.stepper.layers(model.Layers)
	if readErr != nil || !finite(layers) {
		r.warn("no epoch was trained to its end: the weights are those of the start, the threshold is not chosen")
		return r.result, errors.Join(err, readErr)
	}
	r.warn("no epoch was trained to its end: the weights are those of step %d, the threshold is not chosen", r.stepper.step)
	if setErr := model.setLayers(layers); setErr != nil {
		return r.result, errors.Join(err, setErr)
	}
	if r.opts.Checkpoint == "" {
		return r.result, err
	}
	return r.result, errors.Join(err, model.Save(r.opts.Checkpoint))
}

// finite returns whether every weight is a finite number.
func finite(layers []Layer) bool {
	for _, l := range layers {
		if firstNotFinite(l.Weights) >= 0 || firstNotFinite(l.Biases) >= 0 {
			return false
		}
	}
	return true
}

// close frees what the run holds on the device; the result stays usable.
func (r *run) close() {
	r.stepper.close() // the weights are on the host already: nothing is lost if freeing fails
	r.current.Close()
}

// pairScores returns the cosine of every pair and whether its items are the same.
func pairScores(z *Embeddings, pairs Pairs) (scores []float32, same []bool) {
	scores, same = make([]float32, pairs.Len()), make([]bool, pairs.Len())
	for k := range scores {
		scores[k] = float32(z.Cosine(int(pairs.Left[k]), int(pairs.Right[k])))
		same[k] = pairs.Label[k] == 1
	}
	return scores, same
}

// PairCosines returns the cosines of the positive and of the negative pairs, each in the order of pairs.
// It panics when a pair names an item that is not there.
func (e *Embeddings) PairCosines(pairs Pairs) (same, different []float32) {
	scores, isSame := pairScores(e, pairs)
	for k, score := range scores {
		if isSame[k] {
			same = append(same, score)
		} else {
			different = append(different, score)
		}
	}
	return same, different
}

func squaredError(scores []float32, same []bool) float64 {
	var sum float64
	for k, s := range scores {
		want := 0.0
		if same[k] {
			want = 1
		}
		sum += (float64(s) - want) * (float64(s) - want)
	}
	return sum / float64(len(scores))
}
