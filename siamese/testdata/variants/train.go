package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"syscall"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/pairs"
)

// trainer holds a run: the state is the parameters of all encoders, their moments and their averages.
type trainer struct {
	backend  compute.Backend
	net      net
	cfg      config.Config
	encoders int // 1, or 2 for pairs: one for each side
	names    []string
	state    []*tensors.Tensor
	exec     *Exec
	features *tensors.Tensor // [N, F]
}

// trained is what a run ends with.
type trained struct {
	weights [][]*tensors.Tensor // of each encoder
	steps   int
	cpu     time.Duration
	loss    float64 // mean of the last epoch
}

// train trains an architecture on rows [N, F] as cfg says, one step a call, without validation: the last weights, or
// their average, are kept.
func train(ctx context.Context, backend compute.Backend, of net, cfg config.Config, encoders int, frame *data.Frame,
	rows []float32) (*trained, error) {
	began := cpuTime()
	t := &trainer{backend: backend, net: of, cfg: cfg, encoders: encoders,
		features: tensors.FromFlatDataAndDimensions(rows, frame.N(), len(rows)/frame.N())}
	if err := t.open(); err != nil {
		return nil, err
	}
	defer t.exec.Finalize()
	sampler, err := batch.NewSampler(batch.Options{SamplerOptions: pairs.SamplerOptions{WithinDomain: cfg.WithinDomain},
		BatchPairs: cfg.BatchPairs, AllPairs: cfg.Loss.NeedsBatch(), SamplesPerClass: cfg.SamplesPerClass, Devices: 1},
		frame)
	if err != nil {
		return nil, err
	}
	perEpoch := (cfg.PairsPerEpoch + cfg.BatchPairs - 1) / cfg.BatchPairs
	opt := step.Options{Steps: perEpoch * cfg.Epochs, Seed: cfg.Seed, LearningRate: cfg.LearningRate,
		WarmupSteps: cfg.WarmupSteps, Schedule: cfg.Schedule, EMADecay: cfg.EMADecay}
	out := &trained{steps: opt.Steps}
	for epoch := range cfg.Epochs {
		b, err := sampler.Draw(perEpoch, streams.Epoch(cfg.Seed, epoch), nil)
		if err != nil {
			return nil, err
		}
		var sum float64
		for k := range perEpoch {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			value, err := t.step(b.Part(k, k+1, perEpoch), opt, epoch*perEpoch+k+1)
			if err != nil {
				return nil, err
			}
			sum += float64(value)
		}
		out.loss = sum / float64(perEpoch)
		if math.IsNaN(out.loss) {
			return nil, errors.New("the loss is not finite")
		}
	}
	n := len(of.shapes)
	for k := range encoders {
		from := slices.Index(t.names, t.names[k*n]+averaged)
		if from < 0 { // no average
			from = k * n
		}
		out.weights = append(out.weights, t.state[from:from+n])
	}
	out.cpu = cpuTime() - began
	return out, nil
}

const averaged = "/average"

// open makes the first state and the graph of a step.
func (t *trainer) open() error {
	var values [][]float32
	var shapes [][]int
	for k := range t.encoders {
		rng := streams.Rand(streams.Encoder(t.cfg.Seed, k), streams.Weights)
		for i, s := range t.net.shapes {
			suffix := encoder.WeightsSuffix
			if len(s) == 1 {
				suffix = "/biases"
			}
			t.names = append(t.names, fmt.Sprintf("encoder%d/%d%s", k, i, suffix))
			values, shapes = append(values, initial(s, rng)), append(shapes, s)
		}
	}
	trainedNames := slices.Clone(t.names)
	zeroes := func(x []float32) []float32 { return make([]float32, len(x)) }
	same := func(x []float32) []float32 { return slices.Clone(x) }
	for _, more := range []struct {
		name  func(string) string
		first func([]float32) []float32
		skip  bool
	}{
		{step.FirstMomentName, zeroes, false}, {step.SecondMomentName, zeroes, false},
		{func(name string) string { return name + averaged }, same, t.cfg.EMADecay == 0},
	} {
		for i, name := range trainedNames {
			if !more.skip {
				t.names = append(t.names, more.name(name))
				values, shapes = append(values, more.first(values[i])), append(shapes, shapes[i])
			}
		}
	}
	for i, v := range values {
		t.state = append(t.state, tensors.FromFlatDataAndDimensions(v, shapes[i]...))
	}
	var err error
	t.exec, err = NewExec(t.backend, func(in []*Node) []*Node { return t.graph(trainedNames, in) })
	return err
}

// Inputs of a step before the state.
const (
	inFeatures = iota // [N, F]
	inItems           // [2B]
	inLabels          // [2B] classes, or [B] of pairs
	inNumbers         // [4], see step.NameStepNumbers
	inKey             // uint32
	nIn
)

// graph returns the state after a step, and the loss before it.
func (t *trainer) graph(trainedNames []string, in []*Node) []*Node {
	x := Gather(in[inFeatures], InsertAxes(in[inItems], -1))
	before := in[nIn:]
	of := before[:len(trainedNames)]
	n, labels := len(t.net.shapes), in[inLabels]
	var value *Node
	if t.cfg.Loss.NeedsBatch() {
		z := t.net.encode(x, &params{nodes: of, key: in[inKey]})
		classes := ConvertDType(labels, dtypes.Int32)
		value = loss.Build(t.cfg.Loss, z, z, loss.FromClasses(classes, classes).WithoutSelf())
	} else {
		var left, right *Node
		b := labels.Shape().Dim(0)
		if t.encoders == 1 {
			z := t.net.encode(x, &params{nodes: of, key: in[inKey]})
			left, right = Slice(z, AxisRange(0, b)), Slice(z, AxisRange(b, 2*b))
		} else {
			left = t.net.encode(Slice(x, AxisRange(0, b)), &params{nodes: of[:n], key: in[inKey]})
			right = t.net.encode(Slice(x, AxisRange(b, 2*b)), &params{nodes: of[n:], key: in[inKey], dropped: 100})
		}
		value = loss.Build(t.cfg.Loss, left, right, loss.FromLabels(labels, OnesLike(labels)))
	}
	grads := Gradient(value, of...)
	state := step.NameNodes(t.names, before)
	step.UpdateGraph(step.GraphOptions{Optimizer: t.cfg.Optimizer, Loss: t.cfg.Loss}, state, trainedNames, grads,
		step.NameStepNumbers(in[inNumbers]))
	after := state.Nodes()
	if t.cfg.EMADecay > 0 {
		decay := Squeeze(Slice(in[inNumbers], AxisElem(3)), 0)
		first := len(after) - len(trainedNames)
		for i := range trainedNames {
			after[first+i] = Add(Mul(after[first+i], decay), Mul(after[i], OneMinus(decay)))
		}
	}
	return append(after, value)
}

// step takes step number at, from 1, and returns the loss before it.
func (t *trainer) step(b batch.Batches, opt step.Options, at int) (float32, error) {
	numbers := opt.NumbersOf(at).Values()
	args := []any{t.features, b.Items, b.Labels, numbers[:], encoder.DropoutKey(opt.Seed, at)}
	for _, s := range t.state {
		donated, err := DonateTensorBuffer(s, t.backend, 0)
		if err != nil {
			return 0, err
		}
		args = append(args, donated)
	}
	out, err := t.exec.Call(args...)
	if err != nil {
		return 0, fmt.Errorf("step %d: %w", at, err)
	}
	t.state = out[:len(out)-1]
	value := tensors.ToScalar[float32](out[len(out)-1])
	return value, nil
}

// cpuTime is the processor time of this process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
