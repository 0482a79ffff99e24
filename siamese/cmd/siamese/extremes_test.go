package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

// extremeInts are numbers that no setting is meant to have.
var extremeInts = []int64{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 / 2, 1 << 40, math.MaxInt32 + 1,
	math.MaxInt32,
	math.MinInt64, math.MinInt32, -1}

// bounded calls fn, which must neither panic nor allocate gigabytes nor take long. Whether it returns an error is its
// own affair.
func bounded(t *testing.T, what string, fn func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := func() (err error) {
		defer func() {
			if found := recover(); found != nil {
				t.Errorf("%s: panic: %v", what, found)
			}
		}()
		return fn(ctx)
	}()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<30 {
		t.Errorf("%s: %d MB were allocated, %v", what, took>>20, err)
	}
	if ctx.Err() != nil {
		t.Errorf("%s: it takes more than a minute, %v", what, err)
	}
}

// extremes sets every whole number in the options, in nested structs and lists too, to every extreme, calls call, and
// puts back what was there. It returns how many settings it found.
func extremes(t *testing.T, options any, call func(context.Context) error) int {
	t.Helper()
	count := 0
	var walk func(name string, v reflect.Value)
	walk = func(name string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(name+"."+v.Type().Field(i).Name, v.Field(i))
				}
			}
		case reflect.Array:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", name, i), v.Index(i))
			}
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Int {
				was := reflect.ValueOf(v.Interface())
				v.Set(reflect.MakeSlice(v.Type(), 1, 1))
				walk(name+"[0]", v.Index(0))
				v.Set(was)
			}
		case reflect.Int, reflect.Int64:
			if v.Type() == reflect.TypeFor[metric.Similarity]() {
				return
			}
			count++
			was := v.Int()
			for _, extreme := range extremeInts {
				v.SetInt(extreme)
				bounded(t, fmt.Sprintf("%s = %d", name, extreme), call)
			}
			v.SetInt(was)
		}
	}
	v := reflect.ValueOf(options).Elem()
	walk(v.Type().String(), v)
	return count
}

// Every whole number of every options struct may be anything: the call fails or works.
func TestExtremeOptions(t *testing.T) {
	backend := devicetest.Go(t)
	frame, val := labtest.Toy("i", 4, 10, 6, 0.5, 1), labtest.Toy("v", 4, 10, 6, 0.5, 2)
	cfg := toymodel.Config()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.ValPairs = 1, 2*cfg.BatchPairs, 20
	trained, err := siamese.Train(t.Context(), backend, cfg, frame, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := trained.Model.Embed(t.Context(), backend, val)
	if err != nil {
		t.Fatal(err)
	}
	_, classes := val.Classes()
	labels := make([]int32, len(classes))
	for i, c := range classes {
		labels[i] = int32(c)
	}
	csv := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(csv, []byte("id,a,b\nx,1,2\ny,3,4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	pictures, err := builtin.Sample(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	var left, right []int32
	var scores []float64
	var label []float32
	for i := range int32(val.N() - 1) {
		left, right, label, scores = append(left, i), append(right, i+1), append(label, float32(i%2)),
			append(scores, float64(i))
	}
	var same []bool
	for _, l := range label {
		same = append(same, l == 1)
	}

	found := 0
	walk := func(options any, call func(ctx context.Context) error) {
		t.Helper()
		found += extremes(t, options, call)
	}
	for _, name := range []string{"mse", "supcon"} {
		c := cfg
		if name != "mse" {
			c.Loss, c.Monitor = labtest.LossOf(name), siamese.MonitorMAP
		}
		walk(&c, func(ctx context.Context) error {
			_, err := siamese.Train(ctx, backend, c, frame, val, siamese.TrainOptions{})
			return err
		})
	}
	var explained explain.Options
	explained.Background, explained.Items, explained.Steps, explained.Orders = frame, 4, 2, 2
	walk(&explained, func(ctx context.Context) error {
		_, err := explain.Pair(ctx, backend, trained.Model, val, 0, 1, explained)
		return err
	})
	blocks := explain.BlocksOptions{Explain: explained, Pairs: 2, NoIntervals: true}
	walk(&blocks, func(ctx context.Context) error {
		_, err := explain.Blocks(ctx, backend, trained.Model, val, blocks)
		return err
	})
	evaluated := evaluate.Options{Bootstrap: true, Resamples: 20}
	walk(&evaluated, func(ctx context.Context) error {
		_, err := evaluate.Items(ctx, backend, evaluate.One(trained.Model), "x", frame, val, evaluated)
		return err
	})
	protocols := study.ProtocolOptions{Protocols: []string{protocol.Items}, Folds: 2, Seeds: []uint64{1}}
	protocols.Evaluate.NoIntervals = true
	walk(&protocols, func(ctx context.Context) error {
		_, err := study.RunProtocols(ctx, backend, frame, cfg, protocols)
		return err
	})
	var intervals stats.Options
	intervals.Resamples = 20
	walk(&intervals, func(ctx context.Context) error {
		_, err := stats.Intervals(ctx, stats.One("x", z.Values, 0.5), labels, intervals)
		return err
	})
	ofPairs := stats.PairOptions{Method: stats.Percentile, Resamples: 20}
	walk(&ofPairs, func(ctx context.Context) error {
		_, err := stats.PairIntervals(ctx, stats.PairSystem{Name: "x", Scores: scores},
			stats.LabelledPairs{Left: left, Right: right, Label: label}, ofPairs)
		return err
	})
	var reliability stats.ReliabilityOptions
	walk(&reliability, func(context.Context) error {
		_, err := stats.MeasureReliability(make([]float64, len(same)), same, nil, reliability)
		return err
	})
	var metrics metric.Options
	walk(&metrics, func(ctx context.Context) error {
		_, err := metric.AllPairs(ctx, z.Values, labels, metrics)
		return err
	})
	var estimate metric.EstimateOptions
	walk(&estimate, func(ctx context.Context) error {
		_, err := metric.EstimatePairs(ctx, z.Values, labels, estimate)
		return err
	})
	var clustering metric.ClusteringOptions
	walk(&clustering, func(ctx context.Context) error {
		_, err := metric.Cluster(ctx, z.Values, labels, clustering)
		return err
	})
	var expansion gallery.Options
	walk(&expansion, func(ctx context.Context) error {
		_, err := gallery.Expand(ctx, z, expansion)
		return err
	})
	var reranking gallery.RerankOptions
	walk(&reranking, func(ctx context.Context) error {
		r, err := gallery.NewReranker(ctx, z, reranking)
		if err != nil {
			return err
		}
		_, all := r.Overlaps(ctx)
		_, one := r.SearchItem(ctx, 0, 3, 0)
		return errors.Join(all, one)
	})
	near := duplicates.Options{Near: true, Threshold: 0.5}
	walk(&near, func(ctx context.Context) error {
		_, err := duplicates.Find(ctx, frame, near)
		return err
	})
	described := describe.Options{Duplicates: near}
	walk(&described, func(ctx context.Context) error {
		_, err := describe.Frame(ctx, frame, described)
		return err
	})
	advised := advise.Options{NoLabels: true, Confidence: 0.9}
	walk(&advised, func(ctx context.Context) error {
		_, err := advise.Run(ctx, frame, advised)
		return err
	})
	classSplit := split.ClassOptions{Val: 0.2}
	walk(&classSplit, func(context.Context) error {
		_, err := split.Classes(frame, classSplit)
		_, foldErr := split.FoldClasses(frame, 2, classSplit)
		return errors.Join(err, foldErr)
	})
	domainSplit := split.DomainOptions{Val: 0.2}
	walk(&domainSplit, func(context.Context) error {
		_, err := split.Domains(frame, domainSplit)
		_, foldErr := split.FoldDomains(frame, domainSplit)
		return errors.Join(err, foldErr)
	})
	read := table.Options{NoCache: true}
	walk(&read, func(ctx context.Context) error {
		_, _, err := table.Open(ctx, csv, read)
		for _, scanErr := range table.Scan(ctx, csv, read) {
			err = errors.Join(err, scanErr)
		}
		return err
	})
	var inFolder images.FolderOptions
	walk(&inFolder, func(ctx context.Context) error {
		_, _, err := images.Open(ctx, folder, inFolder)
		return err
	})
	extracted := features.Default()
	extracted.LBP = features.LBPConfig{Points: 8, Radius: 1, Method: features.LBPUniform, Grids: []int{1}}
	walk(&extracted, func(ctx context.Context) error {
		_, err := features.Extract(ctx, pictures, extracted, nil)
		return err
	})
	// Counts that are arguments.
	counts := struct{ K int }{}
	sampler, err := pairs.NewSampler(frame, pairs.SamplerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	walk(&counts, func(context.Context) error {
		_, nearestErr := embedding.Nearest(z, z, counts.K, false)
		_, itemErr := split.FoldItems(frame, counts.K, split.ItemOptions{Val: 0.2})
		_, classErr := split.FoldClasses(frame, counts.K, split.ClassOptions{Val: 0.2})
		_, pairErr := pairs.Folds(labtest.Must(sampler.Draw(20, 1)), frame, counts.K, pairs.SplitOptions{Val: 0.2})
		_, listErr := pairs.FromLabels(frame, "", counts.K, 1)
		show.FrameOutputs(frame, counts.K)
		return errors.Join(nearestErr, itemErr, classErr, pairErr, listErr)
	})
	if found < 70 {
		t.Errorf("only %d settings were found", found)
	}
}

// Every flag that is a whole number, or holds some, may be anything too.
func TestExtremeFlags(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	t.Chdir(dir)
	if err := table.Save(in("items.csv"), labtest.Toy("i", 4, 15, 6, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"split --out s.json --val 0.3 --test 0.3 items.csv",
		"train --out m.safetensors --split s.json --backend go --layers 4 --epochs 1 --pairs-per-epoch 32 " +
			"--batch-pairs 16 --val-pairs 20 items.csv", "index build --backend go --out m.index m.safetensors items.csv"} {
		if status, _, errOut := call(strings.Fields(args)...); status != 0 {
			t.Fatal(errOut)
		}
	}
	if err := os.MkdirAll(in("pictures/a"), 0o755); err != nil {
		t.Fatal(err)
	}
	short := " --backend go --layers 4 --epochs 1 --pairs-per-epoch 32 --batch-pairs 16 --val-pairs 20 items.csv"
	lines := map[string]string{
		"features": "features --out f.parquet pictures", "describe": "describe items.csv",
		"advise":    "advise --no-labels items.csv",
		"split":     "split --out t.json items.csv",
		"train":     "train --out n.safetensors --split s.json" + short,
		"protocols": "protocols --protocols items --folds 2 --seeds 1 --no-intervals" + short,
		"evaluate":  "evaluate --backend go --no-baselines --split s.json m.safetensors items.csv",
		"search":    "search --backend go --query i0 m.safetensors items.csv",
		"explain": "explain --backend go --blocks-only --split s.json --pairs 2 --background 2 --orders 2 --no-intervals " +
			"m.safetensors items.csv",
		"serve":        "serve --check --port 0 --token-file token --backend go m.safetensors items.csv",
		"index build":  "index build --backend go --out i.index m.safetensors items.csv",
		"index search": "index search --backend go --query i0 m.safetensors m.index",
		"index serve":  "index serve --check --port 0 --token-file token --backend go m.safetensors m.index",
		"bench":        "bench --work=none",
	}
	settings := map[string]bool{}
	cfg := siamese.DefaultConfig()
	for _, field := range fields.Of(&cfg) {
		if kind := field.Value.Kind(); kind == reflect.Int || kind == reflect.Slice {
			settings[kebab(field.Name)] = true
		}
	}
	found := 0
	for _, command := range commands(t) {
		for _, flag := range command.Flags {
			kind := flag.Target.Kind()
			of := kind == reflect.Slice && flag.Target.Type().Elem().Kind() == reflect.Uint64
			if kind != reflect.Int && kind != reflect.Uint64 && !of && !settings[flag.Name] {
				continue
			}
			found++
			for _, extreme := range []int64{0, math.MaxInt64, 1 << 40, math.MaxInt32, math.MinInt64} {
				value := strconv.FormatInt(extreme, 10)
				if extreme == 0 {
					value = "18446744073709551615" // a seed
				}
				args := append(strings.Fields(lines[nameOf(command)]), "--"+flag.Name+"="+value)
				if settings[flag.Name] && nameOf(command) == "protocols" && extreme != math.MaxInt64 {
					continue // as in train
				}
				bounded(t, nameOf(command)+" --"+flag.Name+"="+value, func(ctx context.Context) error {
					var out, errOut bytes.Buffer
					if status := run(ctx, args, &out, &errOut); status == 130 {
						return errors.New(errOut.String())
					}
					return nil
				})
			}
		}
	}
	if found < 35 {
		t.Errorf("only %d flags were found", found)
	}
	for _, text := range []string{"--resize=9223372036854775807x9223372036854775807", "--resize=65536x65536",
		"--hog=cell=9223372036854775807x1", "--hog=orientations=9223372036854775807",
		"--hog=block=9223372036854775807x9223372036854775807", "--glcm=levels=9223372036854775807",
		"--glcm=distances=1e300", "--glcm=grids=9223372036854775807", "--glcm=grids=2147483647",
		"--lbp=points=9223372036854775807", "--lbp=radius=1e300", "--lbp=grids=9223372036854775807"} {
		bounded(t, "features "+text, func(ctx context.Context) error {
			var out, errOut bytes.Buffer
			run(ctx, []string{"features", "--out=f.parquet", text, "pictures"}, &out, &errOut)
			return errors.New(errOut.String())
		})
	}
}
