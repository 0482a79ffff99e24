package main

import (
	"context"
	"errors"
	"go/ast"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

// notCounts are functions with a whole number that is no count, or is one of what the caller holds already: beside such
// a number they also take what it is about, as slices do. Their comments say what they expect.
var notCounts = map[string]bool{
	"embedding.Embeddings.Select": true, "embedding.Pick": true, "embedding.Embeddings.Row": true,
	"embedding.Embeddings.Read": true, "embedding.Streamed.Read": true, "embedding.Streamed.Cosines": true,
	"embedding.Embeddings.Cosine": true, "embedding.Embeddings.Cosines": true, "metric.Rows.Item": true, "metric.Rows.Class": true,
	"pairs.Pairs.WeightOf": true, "pairs.Pairs.Same": true, "pairs.Pairs.Pick": true, "pairs.Pairs.Items": true,
	"encoder.TransposeWeights": true, "encoder.InitAll": true, "encoder.Prefix": true, "gallery.Overlaps.Similarity": true, "gallery.Overlaps.More": true,
	// They ask a worker, which checks: the tests of package session.
	"session.Session.Builtin": true, "session.Model.Similar": true, "session.Model.SimilarTo": true,
	"session.Sweep.Model": true,
	// The face of these, and of space's.
	"lab.Builtin": true, "lab.Model.Similar": true, "lab.Model.SimilarTo": true, "lab.Size": true, "lab.Seed": true,
	"lab.IntRange": true, "lab.Trials": true, "lab.Split.TrainFor": true, "lab.Split.Draw": true,
	"lab.Model.Expand": true, "lab.Model.Rerank": true, "lab.Model.HardPairs": true, "lab.Report.Hardest": true, "lab.Folds": true, "lab.Search.Seeds": true,
	// The number of a trial, beside the trials before it.
	"search.CMAES.Needs": true, "search.CMAES.Propose": true, "search.Grid.Needs": true, "search.Grid.Propose": true,
	"search.Random.Needs": true, "search.Random.Propose": true, "search.Sobol.Needs": true,
	"search.Sobol.Propose": true, "search.TPE.Needs": true, "search.TPE.Propose": true,
	// Numbers of items that the index gave.
	"search.Exact.Item": true, "search.Exact.Embeddings": true, "search.Exact.Deleted": true,
	// Ends of a range, which Space.Validate checks.
	"space.IntRange": true, "space.LogIntRange": true,
	// A figure.
	"metric.ReadBytes": true,
	// The widths are those of a configuration that Validate bounds.
	"encoder.Init": true,
	// Functions of a graph panic with what is wrong.
	"loss.ToCentres": true,
	// The width of tensors in a file, which their reader compares with the file.
	"plda.Model.ReadTensors": true,
	// Lists of numbers of classes, which may be any.
	"forensic.Disjoint": true, "forensic.Independent": true,
	"metric.AllPairs": true, "metric.ByClass": true, "metric.ByDomain": true, "metric.Cluster": true,
	"metric.Confusion": true, "metric.EstimatePairs": true, "metric.EstimateRead": true,
	"metric.NewRows": true, "stats.Compare": true,
	"stats.Intervals": true, "stats.Thresholds": true, "stats.System.Measured": true,
	"explain.Explainer.Pair": true, // as explain.Pair, which makes one
	"show.Frame":             true, // displays show.FrameOutputs
	"show.Hardest":           true, // displays show.HardestOutputs
}

// returns is a call that cannot fail.
func returns(call func(n int)) func(context.Context, int) error {
	return func(_ context.Context, n int) error { call(n); return nil }
}

// countCalls returns for every other function a call with a number.
func countCalls(t *testing.T) map[string]func(ctx context.Context, n int) error {
	backend := devicetest.Go(t)
	frame := labtest.Toy("i", 4, 10, 6, 0.5, 1)
	cfg := toymodel.Config()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.ValPairs = 1, 2*cfg.BatchPairs, 20
	trained, err := siamese.Train(t.Context(), backend, cfg, frame, labtest.Toy("v", 4, 10, 6, 0.5, 2),
		siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	model := trained.Model
	z := labtest.Must(model.Embed(t.Context(), backend, frame))
	sampler := labtest.Must(pairs.NewSampler(frame, pairs.SamplerOptions{}))
	drawn := labtest.Must(sampler.Draw(20, 1))
	_, classes := frame.Classes()
	labels := make([]int32, len(classes))
	for i, c := range classes {
		labels[i] = int32(c)
	}
	rows := labtest.Must(metric.NewRows(z.Values, labels, metric.Cosine))
	sampled := metric.EstimateOptions{Queries: 20, Batches: 4}
	sampled.Ks, sampled.Verification.Thresholds = []int{1}, []float64{0.5}
	estimate := labtest.Must(metric.EstimatePairs(t.Context(), z.Values, labels, sampled))
	ranker := labtest.Must(gallery.NewReranker(t.Context(), z, gallery.RerankOptions{K1: 3}))
	llrs := labtest.Must(forensic.New([]float64{-1, 0.5, 1, 2}, []bool{false, true, false, true}, nil))
	events := labtest.Must(tensorboard.NewWriter(t.TempDir()))
	t.Cleanup(func() { _ = events.Close() })
	return map[string]func(context.Context, int) error{
		"embedding.Nearest": func(_ context.Context, n int) error {
			_, err := embedding.Nearest(z, z, n, false)
			return err
		},
		"embedding.Insert": func(_ context.Context, n int) error {
			got := embedding.Insert(nil, embedding.Neighbour{Item: 1}, n)
			if len(embedding.Insert(got, embedding.Neighbour{Item: 2}, n)) > max(0, n) {
				t.Errorf("Insert keeps more than %d", n)
			}
			return nil
		},
		"forensic.Supported": returns(func(n int) { forensic.Supported(n) }),
		"forensic.NewRate": func(_ context.Context, n int) error {
			if r := forensic.NewRate("FPR", 0.01, n, 0.95); r.Bound != nil && !(*r.Bound > 0 && *r.Bound <= 1) {
				t.Errorf("of %d pairs a bound of %v", n, *r.Bound)
			}
			return nil
		},
		"forensic.Sample.Bounds": func(_ context.Context, n int) error {
			if b := llrs.Bounds(n, n); !(b.Low <= 0 && b.High >= 0) {
				t.Errorf("of %d pairs %v", n, b)
			}
			return nil
		},
		"gallery.DefaultK1": func(_ context.Context, n int) error {
			if k := gallery.DefaultK1(n); k < 20 || k > 80 {
				t.Errorf("DefaultK1(%d) = %d", n, k)
			}
			return nil
		},
		"gallery.Reranker.Search": func(ctx context.Context, n int) error {
			var errs []error
			for _, counts := range [][2]int{{n, 0}, {n, n}, {1, n}} {
				_, err := ranker.Search(ctx, z, counts[0], counts[1])
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
		"gallery.Reranker.SearchItem": func(ctx context.Context, n int) error {
			var errs []error
			for _, counts := range [][3]int{{n, 1, 1}, {1, n, 0}, {1, n, n}, {1, 1, n}} {
				_, err := ranker.SearchItem(ctx, counts[0], counts[1], counts[2])
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
		"encoder.DropoutKey":  returns(func(n int) { _ = encoder.DropoutKey(1, n) }),
		"encoder.WeightsName": returns(func(n int) { encoder.WeightsName(n) }),
		"encoder.BiasesName":  returns(func(n int) { encoder.BiasesName(n) }),
		"explain.Pair": func(ctx context.Context, n int) error {
			opt := explain.Options{Background: frame, Items: 4, Steps: 2}
			_, err := explain.Pair(ctx, backend, model, frame, n, 1, opt)
			return err
		},
		"siamese.Model.Narrow": func(_ context.Context, n int) error {
			_, err := model.Narrow(n, true)
			return err
		},
		"siamese.Model.Score": func(ctx context.Context, n int) error {
			_, err := model.Score(ctx, backend, frame, 0, frame, n)
			return err
		},
		"history.Diagnostics.Collapsed": returns(func(n int) { history.Diagnostics{}.Collapsed(n) }),
		"metric.ClusteringOptions.Validate": func(_ context.Context, n int) error {
			return metric.ClusteringOptions{K: 2}.Validate(n)
		},
		"metric.Retrieval.Recall": returns(func(n int) { metric.Retrieval{}.Recall(n) }),
		"metric.Rows.Sweep": func(ctx context.Context, n int) error {
			return rows.Sweep(ctx, n, nil, func(int, int, []float32) {})
		},
		"metric.Rows.Keep": rows.Keep,
		"pairs.Pairs.Validate": func(_ context.Context, n int) error {
			_, err := pairs.Pairs{}.Validate(n)
			return err
		},
		"pairs.Pairs.Classes": func(_ context.Context, n int) error {
			_, err := pairs.Pairs{}.Classes(n)
			return err
		},
		"pairs.Folds": func(_ context.Context, n int) error {
			_, err := pairs.Folds(drawn, frame, n, pairs.SplitOptions{Val: 0.2})
			return err
		},
		"pairs.FromLabels": func(_ context.Context, n int) error {
			_, err := pairs.FromLabels(frame, "", n, 1)
			return err
		},
		"pairs.Sampler.Mine": func(_ context.Context, n int) error {
			_, err := sampler.Mine(rand.New(rand.NewPCG(1, 1)), z, n)
			return err
		},
		"pairs.Sampler.Draw": func(_ context.Context, n int) error {
			_, err := sampler.Draw(n, 1)
			return err
		},
		"pairs.Sampler.DrawFrom": func(_ context.Context, n int) error {
			_, err := sampler.DrawFrom(rand.New(rand.NewPCG(1, 1)), n)
			return err
		},
		"report.Details.CutClasses": func(_ context.Context, n int) error {
			d := report.Details{Of: []*report.Detail{{Classes: make([]report.ClassDetail, 3)}}}
			if d.CutClasses(n); len(d.Of[0].Classes) != min(3, max(0, n)) {
				t.Errorf("CutClasses(%d) leaves %d", n, len(d.Of[0].Classes))
			}
			new(report.Details).CutClasses(n)
			return nil
		},
		"report.Detail.Visit": returns(func(n int) { new(report.Detail).Visit(n, func(string, int, *float64) {}) }),
		"hnsw.New": func(_ context.Context, n int) error {
			x, err := hnsw.New(n, hnsw.Config{})
			if err == nil {
				err = x.Close()
			}
			return err
		},
		"search.New": func(_ context.Context, n int) error {
			_, err := search.New(n, search.Config{})
			return err
		},
		"show.HardestOutputs": func(_ context.Context, n int) error {
			_, err := show.HardestOutputs(&report.Report{}, n, nil)
			return err
		},
		"show.FrameOutputs": returns(func(n int) { show.FrameOutputs(frame, n) }),
		"stats.SampledMetrics": func(_ context.Context, n int) error {
			_, err := stats.SampledMetrics("x", estimate, n, 0)
			return err
		},
		"stats.Subsamples": func(_ context.Context, n int) error {
			var errs []error
			for _, counts := range [][3]int{{n, 1, 1}, {4, n, 1}, {4, 1, n}, {0, 0, n}} {
				_, err := stats.Subsamples(counts[0], counts[1], counts[2], 1)
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
		"tensorboard.Writer.Scalar": func(_ context.Context, n int) error { return events.Scalar("a", int64(n), 1) },
		"tensorboard.Writer.Text":   func(_ context.Context, n int) error { return events.Text("a", int64(n), "b") },
		"tensorboard.Writer.Histogram": func(_ context.Context, n int) error {
			return events.Histogram("a", int64(n), []float32{1})
		},
	}
}

// Every exported function that takes a count may get any: it works, or returns an error. Those that would take memory
// for it name the argument, or say how much memory that is.
func TestExtremeCounts(t *testing.T) {
	calls := countCalls(t)
	for name, call := range calls {
		for _, n := range []int{0, -1, math.MinInt, math.MaxInt, math.MaxInt - 1, math.MaxInt32, 1 << 40} {
			bounded(t, name, func(ctx context.Context) error { return call(ctx, n) })
		}
	}
	for _, test := range []struct {
		name     string
		negative []string // options in the error for -1
		memory   bool     // that MaxInt is refused for
	}{
		{"pairs.Sampler.Draw", []string{"n"}, true}, {"pairs.Sampler.DrawFrom", []string{"n"}, true},
		{"pairs.Sampler.Mine", []string{"n"}, true}, {"pairs.Pairs.Validate", []string{"n"}, false},
		{"pairs.Pairs.Classes", []string{"n"}, true},
		{"stats.Subsamples", []string{"n", "size", "count", "count"}, true},
	} {
		if err := calls[test.name](t.Context(), -1); !slices.Equal(option.Names(err), test.negative) {
			t.Errorf("%s(-1): %v names %q", test.name, err, option.Names(err))
		}
		var short *memory.Error
		if err := calls[test.name](t.Context(), math.MaxInt); errors.As(err, &short) != test.memory {
			t.Errorf("%s(MaxInt): %v", test.name, err)
		}
	}
	for _, name := range functionsOfNumbers(t) {
		if _, called := calls[name]; called == notCounts[name] {
			t.Errorf("%s: called %v, and not a count: %v; give it a call or a reason", name, called, notCounts[name])
		}
		delete(calls, name)
	}
	for name := range calls {
		t.Errorf("there is no function %s", name)
	}
}

// functionsOfNumbers returns the exported functions and methods of the packages of siamese that take whole numbers, as
// "package.Function" or "package.Type.Method".
func functionsOfNumbers(t *testing.T) (names []string) {
	t.Helper()
	for _, s := range librarySources(t) {
		if !strings.HasPrefix(s.path, "siamese/") || strings.Contains(s.path, "/internal/") {
			continue
		}
		for _, d := range s.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || !takesNumber(fn.Type) {
				continue
			}
			name := path.Base(path.Dir(s.path)) + "."
			if fn.Recv != nil {
				of := fn.Recv.List[0].Type
				if pointer, ok := of.(*ast.StarExpr); ok {
					of = pointer.X
				}
				if ident, ok := of.(*ast.Ident); !ok || !ident.IsExported() {
					continue
				}
				name += of.(*ast.Ident).Name + "."
			}
			names = append(names, name+fn.Name.Name)
		}
	}
	if len(names) < 30 {
		t.Errorf("only %d functions were found: the search is broken", len(names))
	}
	return names
}

// takesNumber reports whether a parameter is a whole number or a list of some.
func takesNumber(fn *ast.FuncType) bool {
	return slices.ContainsFunc(fn.Params.List, func(p *ast.Field) bool {
		of := p.Type
		switch list := of.(type) {
		case *ast.ArrayType:
			of = list.Elt
		case *ast.Ellipsis:
			of = list.Elt
		}
		ident, ok := of.(*ast.Ident)
		return ok && slices.Contains([]string{"int", "int32", "int64"}, ident.Name)
	})
}
