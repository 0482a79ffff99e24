package siamese

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images/views"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/pairs"
)

// noisyViews makes views by noise on an item's features: 0 leaves them as they are.
type noisyViews struct {
	noise  float64
	frame  *data.Frame
	made   *atomic.Int64 // rows made; nil = not counted
	failAt int64         // the row at which it fails, from 1; 0 = never
}

var errNoView = errors.New("the picture is gone")

func (n noisyViews) Views(_ context.Context, f *data.Frame, _ augment.Options) (augment.Views, error) {
	n.frame = f
	return n, nil
}

func (n noisyViews) Row(row []float32, item int, key augment.Key) error {
	if n.made != nil && n.made.Add(1) == n.failAt {
		return errNoView
	}
	rng := rand.New(rand.NewPCG(key.Seed+uint64(key.Epoch)<<32, uint64(item)<<32+uint64(key.View)))
	for k, v := range n.frame.Row(item) {
		row[k] = v + float32(n.noise*rng.NormFloat64())
	}
	return nil
}

// augmented returns a configuration with views of a share of the items.
func augmented(cfg Config, share float64) Config {
	cfg.Augment = augment.Options{Share: share, Shift: 0.1}
	return cfg
}

// apart returns how far the weights of two models are from one another, as a share of those of the first.
func apart(a, b *Model) float64 {
	var distance, norm float64
	for k, l := range a.Layers {
		for i, w := range l.Weights {
			d := float64(w - b.Layers[k].Weights[i])
			distance, norm = distance+d*d, norm+float64(w)*float64(w)
		}
	}
	return math.Sqrt(distance / norm)
}

// rounding is how far apart weights may be where a compiler may order sums otherwise in another graph.
const rounding = 1e-4

// Views that are the items themselves change nothing, whatever the loss draws batches of: in pure Go no bit. Other
// views change the weights, and the same ones give the same bits.
func TestViewsStandIn(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"pairs":   func(*Config) {},
		"classes": func(c *Config) { c.Loss, c.Monitor = labtest.LossOf("supcon"), MonitorMAP },
		"memory": func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP, 4*c.BatchPairs
		},
	} {
		t.Run(name, func(t *testing.T) {
			devicetest.OnOneOfMany(t, name == "memory", func(t *testing.T, backend *device.Backend) {
				cfg := toyConfig()
				cfg.Epochs, cfg.Dropout = 2, 0.1
				change(&cfg)
				train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
				run := func(cfg Config, source augment.Source) *Result {
					r, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Views: source})
					if err != nil {
						t.Fatal(err)
					}
					return r
				}
				plain := run(cfg, nil)
				same := run(augmented(cfg, 0.3), noisyViews{})
				if !device.Fuses(backend) {
					wantSameRun(t, same, plain)
				} else if d := apart(plain.Model, same.Model); !(d < rounding) {
					t.Errorf("items in place of themselves: weights are apart by %v", d)
				}
				noisy := run(augmented(cfg, 0.3), noisyViews{noise: 0.1})
				if d := apart(plain.Model, noisy.Model); !(d > 10*rounding) {
					t.Errorf("other views change weights by %v", d)
				}
				wantSameRun(t, run(augmented(cfg, 0.3), noisyViews{noise: 0.1}), noisy)
				if got := noisy.Model.Config.Augment; got != augmented(cfg, 0.3).Augment {
					t.Errorf("the model has the settings %+v", got)
				}
			})
		})
	}
}

// Given pairs have views as well.
func TestViewsOfGivenPairs(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	items := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	sampler, err := pairs.NewSampler(items, pairs.SamplerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := sampler.DrawFrom(rand.New(rand.NewPCG(1, 2)), 400)
	if err != nil {
		t.Fatal(err)
	}
	split, err := pairs.NewSplit(drawn, items, pairs.SplitOptions{Val: 0.3, Test: 0.1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, loss := range []string{"mse", "supcon"} {
		cfg := toyConfig()
		cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.Loss, cfg.Monitor = 1, 128, 16, labtest.LossOf(loss), MonitorAUC
		run := func(cfg Config, source augment.Source) *Result {
			r, err := TrainPairs(t.Context(), backend, cfg, items, split.Train, split.Val, TrainOptions{Views: source})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		plain := run(cfg, nil)
		wantSameRun(t, run(augmented(cfg, 0.5), noisyViews{}), plain)
		if slices.EqualFunc(run(augmented(cfg, 0.5), noisyViews{noise: 0.1}).Model.tensors(), plain.Model.tensors(),
			sameBits) {
			t.Errorf("%s: views change nothing", loss)
		}
	}
	// A share that is some items of a batch, and none of the smaller one that the items allow.
	cfg := augmented(toyConfig(), 0.004)
	cfg.PairsPerEpoch, cfg.BatchPairs, cfg.Loss, cfg.Monitor = 256, 256, labtest.LossOf("supcon"), MonitorAUC
	cfg.SmallerBatches = true
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	_, err = TrainPairs(t.Context(), backend, cfg, items, split.Train, split.Val, TrainOptions{Views: noisyViews{}})
	if got := option.Names(err); !slices.Equal(got, []string{"augment.share"}) {
		t.Errorf("views of no item: %v names %q", err, got)
	}
}

// Every batch has the same number of views, in any of its places, and views of an item are numbered through an epoch.
func TestChooseViews(t *testing.T) {
	const size, count, steps = 8, 3, 500
	v := &viewer{seed: 1, batch: size, count: count}
	rng := rand.New(rand.NewPCG(1, 2))
	b := batch.Batches{Items: make([]int32, size*steps)}
	for k := range b.Items {
		b.Items[k] = rng.Int32N(20)
	}
	chosen := v.choose(&b, 4)
	var times [size]int
	next := map[int32]int32{}
	for s := range steps {
		n := int32(0)
		for k, at := range b.ViewAt[s*size : (s+1)*size] {
			if at == 0 {
				continue
			}
			n++
			item := b.Items[s*size+k]
			if want := (view{item, next[item]}); at != n || chosen[s*count+int(n)-1] != want {
				t.Fatalf("step %d: place %d has view %d, which is %v, want %v", s, k, at, chosen[s*count+int(n)-1], want)
			}
			next[item]++
			times[k]++
		}
		if n != count {
			t.Fatalf("step %d has %d views", s, n)
		}
	}
	for k, n := range times { // 187.5 of 500, deviation 10.8
		if n < 130 || n > 245 {
			t.Errorf("place %d had a view %d times", k, n)
		}
	}
	was := slices.Clone(b.ViewAt)
	if again := v.choose(&b, 4); !slices.Equal(again, chosen) || !slices.Equal(was, b.ViewAt) {
		t.Error("another choice of the same epoch")
	}
	if v.choose(&b, 5); slices.Equal(was, b.ViewAt) {
		t.Error("another epoch has the same choice")
	}
}

func TestViewsRefused(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := augmented(toyConfig(), 0.3)
	_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if got := option.Names(err); !slices.Equal(got, []string{"augment.share"}) {
		t.Errorf("without a source: %v", err)
	}
	cfg.Augment.Share = 0.001 // of 64 items
	if got := option.Names(cfg.Validate()); !slices.Equal(got, []string{"augment.share"}) {
		t.Errorf("a share of no item: %v", cfg.Validate())
	}
	// A view that cannot be made ends the run, and is not skipped.
	made := new(atomic.Int64)
	cfg = augmented(toyConfig(), 0.3)
	r, err := Train(t.Context(), backend, cfg, train, val,
		TrainOptions{Views: noisyViews{made: made, failAt: 700, noise: 0.1}})
	if !errors.Is(err, errNoView) || r == nil {
		t.Errorf("a view that fails: %v, %v", r, err)
	}
}

// Views are made ahead of the steps, but only so far.
func TestFeedIsBounded(t *testing.T) {
	train := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	made := new(atomic.Int64)
	source, _ := noisyViews{made: made}.Views(t.Context(), train, augment.Options{})
	model, _ := trained(t)
	cfg := augmented(toyConfig(), 0.5)
	v, err := newViewer(t.Context(), cfg, model.Transform, train, noisyViews{made: made})
	if err != nil || source == nil {
		t.Fatal(err)
	}
	const ahead, steps = 3, 50
	b := batch.Batches{Items: make([]int32, steps*2*cfg.BatchPairs)}
	f := v.begin(&b, 1, 0, ahead)
	for range 10 {
		if x, err := f.take(t.Context(), 2); err != nil || len(x) != 2*v.count*v.width {
			t.Fatalf("%d values, %v", len(x), err)
		}
	}
	f.close()
	// 20 taken, those that wait, one that finds no room, and one under way when it was closed.
	if n := int(made.Load()) / v.count; n < 20 || n > 20+ahead+2 {
		t.Errorf("%d batches of views were made", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f = v.begin(&b, 1, 0, ahead)
	defer f.close()
	for range ahead + steps { // there may be some to take
		if _, err = f.take(ctx, 1); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}

// Pictures as they are, through the source of pictures: views without alterations leave every bit of a training.
func TestViewsOfPictures(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := builtin.Sample(6, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := features.Extract(t.Context(), pictures, features.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var train, val []int
	for i := range f.N() {
		if i%3 == 0 {
			val = append(val, i)
		} else {
			train = append(train, i)
		}
	}
	cfg := Recommended()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{16}, 2, 64, 16, 200
	cfg.SamplesPerClass = 4
	run := func(cfg Config, source augment.Source) *Result {
		r, err := Train(t.Context(), backend, cfg, f.Select(train), f.Select(val), TrainOptions{Views: source})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	plain := run(cfg, views.Of(pictures))
	cfg.Augment = augment.Usual(0.4)
	altered := run(cfg, views.Of(pictures))
	if slices.EqualFunc(altered.Model.Layers[0].Weights, plain.Model.Layers[0].Weights,
		func(a, b float32) bool { return a == b }) {
		t.Error("views change nothing")
	}
	wantSameRun(t, run(cfg, views.Of(pictures)), altered)
	// What is fitted saw the items as they are.
	same := func(a, b preprocess.Array) bool { return slices.Equal(*a.Values, *b.Values) }
	if !slices.EqualFunc(altered.Model.Transform.Arrays(), plain.Model.Transform.Arrays(), same) {
		t.Error("preprocessing saw views")
	}
}
