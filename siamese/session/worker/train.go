package worker

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// modelObject is a model in memory, with how it was trained.
type modelObject struct{ *siamese.Result }

func (m *modelObject) bytes() int64 {
	var n int64
	for _, l := range slices.Concat(m.Model.Encoders()...) {
		n += int64(len(l.Weights) + len(l.Biases))
	}
	return 8*n + 64*int64(len(m.Model.Transform.Columns)) // of the host and of the device
}

func (m *modelObject) close() { _ = m.Model.Close() } // memory of a device that cannot be freed stays

// Files of a model.
const (
	modelFile  = "model.safetensors"
	resultFile = "result.json"
)

// kept is what a result has beside the model.
type kept struct {
	History   []history.Epoch `json:"history,omitempty"`
	Best      int             `json:"best"`
	Stopped   bool            `json:"stopped,omitempty"`
	Collapsed bool            `json:"collapsed,omitempty"`
	Elsewhere []string        `json:"elsewhere,omitempty"`
	Warnings  []string        `json:"warnings,omitempty"`
}

// modelMade returns a model as a value. first is when its first step began, from the call; 0 = it was not trained here.
func modelMade(name, split string, first time.Duration, r *siamese.Result) *made {
	m := r.Model
	facts := session.Model{Config: m.Config, Settings: m.Transform.Settings, Threshold: m.Threshold, Split: split,
		Best: r.Best, Stopped: r.Stopped,
		Collapsed: r.Collapsed, Cut: m.Cut, Warnings: r.Warnings, History: r.History,
		FirstStep: first, Digest: digestOf(m)}
	text := name + ": " + shape(m)
	// Whether it went on from an earlier state is no part of the value: it comes to the same bits, and another session has
	// computed it in one go.
	once := *r
	once.Resumed = 0
	if said := once.String(); said != "" {
		text += "\n" + said
	}
	return &made{name: name, text: text, facts: facts, object: &modelObject{r}, write: func(folder string) error {
		err := jsonfile.Write(filepath.Join(folder, resultFile), kept{r.History, r.Best, r.Stopped, r.Collapsed,
			r.Elsewhere, r.Warnings})
		return errors.Join(err, m.Save(filepath.Join(folder, modelFile)))
	}}
}

// digestOf returns the hash of a model's weights, of its thresholds, of its PLDA and of its gate.
func digestOf(m *siamese.Model) string {
	h := sha256.New()
	var buf []byte
	for _, l := range slices.Concat(m.Encoders()...) {
		for _, values := range [][]float32{l.Weights, l.Biases} {
			buf = binary.LittleEndian.AppendUint64(buf[:0], uint64(len(values)))
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			_, _ = h.Write(buf) // it never fails
		}
	}
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(m.Threshold)))
	for _, p := range []*plda.Model{m.EncoderPLDA, m.FeaturesPLDA} {
		if p == nil {
			continue
		}
		for _, v := range slices.Concat(p.Mean, p.Axes, p.Between) {
			_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
		}
	}
	for _, w := range m.Nested {
		_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(w.Threshold)))
	}
	if g := m.Gate; g != nil {
		for _, p := range []gate.Part{g.Encoder, g.Features} {
			for _, v := range []float64{p.Centre, p.Spread} {
				_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
			}
			for _, v := range p.Means {
				_, _ = h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// loadModel reads a kept model.
func loadModel(_ context.Context, t *task, r *store.Record) (object, error) {
	m, err := siamese.Load(t.w.store.Path(r.Key, modelFile))
	if err != nil {
		return nil, err
	}
	var k kept
	if err := jsonfile.Read(t.w.store.Path(r.Key, resultFile), &k); err != nil {
		return nil, err
	}
	return &modelObject{&siamese.Result{Model: m, History: k.History, Best: k.Best, Stopped: k.Stopped,
		Collapsed: k.Collapsed, Elsewhere: k.Elsewhere, Warnings: k.Warnings}}, nil
}

// trainArgs train a model.
type trainArgs struct {
	Split  string        `json:"split"`
	Config config.Config `json:"config"`
}

func (a *trainArgs) inputs() []string { return []string{a.Split} }
func (a *trainArgs) files() []string  { return nil }

func (a *trainArgs) run(ctx context.Context, t *task) (*made, error) {
	return a.train(ctx, t, t.w.store.Work(t.key), nil)
}

// train runs the training of a call with its progress, pauses and state, and returns the model as a value.
func (t *task) train(ctx context.Context, split string, cfg config.Config,
	run func(siamese.TrainOptions) (*siamese.Result, error)) (*made, error) {
	return t.trainIn(ctx, split, cfg, t.w.store.Work(t.key), run)
}

// trainIn is train with the folder of its state.
func (t *task) trainIn(ctx context.Context, split string, cfg config.Config, state string,
	run func(siamese.TrainOptions) (*siamese.Result, error)) (*made, error) {
	t.seed(cfg.Seed)
	source, err := t.viewsOf(cfg, split)
	if err != nil {
		return nil, err
	}
	var first time.Duration
	result, err := run(siamese.TrainOptions{State: state, Data: t.data(), Views: source,
		Progress: func(p history.Progress) {
			if first == 0 && p.Step > 0 {
				first = time.Since(t.begun)
				if p.PairsPerSec > 0 { // a report after several steps: count back
					first -= time.Duration(float64(p.Step*cfg.BatchPairs) / p.PairsPerSec * float64(time.Second))
				}
				first = max(1, first)
			}
			t.flight.event(session.Progress{Progress: p})
			t.flight.hold(ctx)
		}})
	if result == nil {
		return nil, err
	}
	if err != nil && result.Best == 0 { // no epoch was judged: nobody wants these weights
		return nil, errors.Join(err, result.Model.Close())
	}
	t.volatile(result.Model.Cut)
	m := modelMade("model", split, first, result)
	m.partial = err != nil
	return m, err
}

// preparedObject is what trainings on a split need not compute again.
type preparedObject struct{ siamese.Prepared }

func (p *preparedObject) bytes() int64 { return 16 << 20 }
func (p *preparedObject) close()       {}

// prepared returns what is remembered of a split, and holds it until the task ends.
func (t *task) prepared(split string) *siamese.Prepared {
	x, done := t.w.objects.put("prepared "+split, &preparedObject{})
	t.mu.Lock()
	t.done = append(t.done, done)
	t.mu.Unlock()
	return &x.(*preparedObject).Prepared //nolint:forcetypeassert // only these have such names
}

// loadArgs load a model.
type loadArgs struct {
	Path string `json:"path"`
}

func (a *loadArgs) inputs() []string { return nil }
func (a *loadArgs) files() []string  { return []string{a.Path} }

func (a *loadArgs) run(context.Context, *task) (*made, error) {
	m, err := siamese.Load(a.Path)
	if err != nil {
		return nil, err
	}
	return modelMade(filepath.Base(a.Path), "", 0, &siamese.Result{Model: m, Warnings: slices.Clone(m.Notes)}), nil
}

// shape returns the widths of a model in words.
func shape(m *siamese.Model) string {
	what := "encoder"
	if n := len(m.Ensemble); n > 0 {
		what = quote.Count(n+1, "encoder")
	}
	return what + " of " + quote.Count(m.F(), "feature") + ", embedding " + quote.Count(m.E(), "number") + " wide"
}

// machineOf returns what the bits of a result depend on beside program, data and settings.
func machineOf(b compute.Backend) string {
	plain, err := device.Plain(b)
	if err != nil {
		return ""
	}
	m := device.MachineOf(plain)
	return m.Backend + "|" + m.Plugin + "|" + m.Options + "|" + quote.Count(m.Threads, "thread") + "|" + m.SIMD + "|" +
		m.Processor
}
