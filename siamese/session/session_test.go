package session_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/full"
	"github.com/go-siamese/lab/siamese/session/worker"
	"github.com/go-siamese/lab/siamese/study/space"
)

// asWorker makes this test program a worker, by its folder.
const asWorker = "SIAMESE_TEST_SESSION_WORKER"

// workerMemory bounds the memory of its values.
const workerMemory = "SIAMESE_TEST_SESSION_MEMORY"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asWorker); dir != "" {
		memory, _ := strconv.ParseInt(os.Getenv(workerMemory), 10, 64) // none = the default
		if err := worker.Inherit(worker.Options{Dir: dir, Backend: "go", Memory: memory}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// connect returns a session with a worker of its own, whose values are in dir.
func connect(t *testing.T, dir string) *session.Session {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asWorker, dir)
	t.Setenv("SIAMESE_SESSION", "")
	t.Setenv("SIAMESE_SESSION_WORKER", self)
	t.Setenv("SIAMESE_CELL", "cell 7")
	s, err := session.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// items writes a table of n items of three classes and returns its path.
func items(t *testing.T, n int, seed uint64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString("id,label,a,b,c,d\n")
	for i := range n {
		fmt.Fprintf(&b, "i%d,<b>%c", i, 'x'+rune(i%3)) // a label that looks like markup
		for j := range 4 {
			fmt.Fprintf(&b, ",%.3f", rng.NormFloat64()+3*float64((i+j)%3))
		}
		b.WriteByte('\n')
	}
	path := filepath.Join(t.TempDir(), "items.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// small is a configuration that trains in a moment.
func small() config.Config {
	cfg := config.Default()
	cfg.Layers, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.Epochs, cfg.ValPairs = []int{8}, 64, 16, 2, 50
	return cfg
}

// trained opens, splits and trains.
func trained(t *testing.T, s *session.Session, path string) (*session.Frame, *session.Split, *session.Model) {
	t.Helper()
	f, err := s.Open(t.Context(), path, session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := f.Split(t.Context(), session.SplitOptions{Val: .2, Test: .2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	m, err := split.Train(t.Context(), small(), session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f, split, m
}

// TestFromFileToAnswer goes the whole way, and compares with the library.
func TestFromFileToAnswer(t *testing.T) {
	ctx, dir, path := t.Context(), t.TempDir(), items(t, 90, 1)
	s := connect(t, dir)
	f, split, m := trained(t, s, path)
	if f.N != 90 || f.F != 4 || len(f.Classes) != 3 || f.Classes[0] != (session.Count{Name: "<b>x", Items: 30}) ||
		f.Known || f.Cell != "cell 7" || f.Kind != "frame" || f.Name != "items.csv" {
		t.Errorf("frame %+v", f)
	}
	want, _, err := table.Open(ctx, path, table.Options{NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if frame.Hash() != want.Hash() {
		t.Error("the mapped frame is not that of the table")
	}
	if split.Sides != (session.Sides{Train: 54, Val: 18, Test: 18}) {
		t.Errorf("sides %+v", split.Sides)
	}
	sides, err := full.Split(ctx, split, frame)
	if err != nil {
		t.Fatal(err)
	}
	// The same training by the library has the same bits.
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	result, err := siamese.Train(ctx, backend, small(), frame.Select(sides.Train), frame.Select(sides.Val),
		siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := full.Model(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(model.Layers[0].Weights, result.Model.Layers[0].Weights) || m.Threshold != result.Model.Threshold ||
		m.Best != result.Best || len(m.History) != len(result.History) {
		t.Error("the session's model is not the library's")
	}
	score, err := m.Score(ctx, f, "i3", "i4")
	if err != nil {
		t.Fatal(err)
	}
	own, err := result.Model.Score(ctx, backend, frame, 3, frame, 4)
	if err != nil {
		t.Fatal(err)
	}
	if score.Cosine != own.Cosine || score.Same != own.Same || score.Probability != own.Probability {
		t.Errorf("score %+v, the library's is %+v", score, own)
	}
	near, err := m.Similar(ctx, f, "i3", 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(near.List) != 4 || near.Query != "i3" || slices.ContainsFunc(near.List, func(n session.Neighbour) bool {
		return n.ID == "i3"
	}) {
		t.Errorf("neighbours %+v", near)
	}
	usesGallery(t, m, f, split, backend, result.Model, frame)
	report, err := m.Evaluate(ctx, split, session.EvaluateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	compared, err := full.Report(ctx, report)
	if err != nil {
		t.Fatal(err)
	}
	if compared.One().Verdict() != report.Verdict || len(report.Methods) != len(compared.One().Rows()) {
		t.Errorf("report %+v", report)
	}
	decides(t, m, split, report)
	x, err := m.Explain(ctx, f, "i3", "i4", session.ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if x.Left != "i3" || len(x.Features) == 0 {
		t.Errorf("explanation %+v", x)
	}
	d, err := f.Describe(ctx, session.DescribeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := full.Description(ctx, d); err != nil || whole.Items != 90 {
		t.Errorf("description %+v, error %v", whole, err)
	}
	// What a value shows is text: nothing of the file is markup.
	for _, v := range []interface {
		Show(context.Context) ([]session.Picture, error)
	}{f, d, split, m, report, near, x, score} {
		pictures, err := v.Show(ctx)
		if err != nil || len(pictures) == 0 {
			t.Errorf("%T shows %v, error %v", v, pictures, err)
		}
		for _, p := range pictures {
			if p.Text == "" || strings.Contains(p.HTML, "<b>x") {
				t.Errorf("%T shows %q, %q", v, p.Text, p.HTML)
			}
			if p.SVG != "" && (len(p.PNG) == 0 || p.Width == 0) {
				t.Errorf("%T has a picture without PNG or size", v)
			}
		}
	}
	if pictures, err := m.Show(ctx); err != nil || len(pictures[len(pictures)-1].PNG) == 0 {
		t.Errorf("the history has no picture: %v", err)
	}
}

// named reports whether an error that came from the worker is about an option.
func named(err error, name string) bool {
	return err != nil && strings.Contains(option.Text(err, func(n string) string { return "<" + n + ">" }), "<"+name+">")
}

// decides checks what thresholds of a model do: on test pairs as the report says, on validation pairs as well as can be; and
// that a model with another threshold is the same but for it.
func decides(t *testing.T, m *session.Model, split *session.Split, report *session.Report) {
	t.Helper()
	ctx := t.Context()
	test, err := m.Decide(ctx, split, session.DecideOptions{Side: session.Test})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(report.Methods, func(o session.Method) bool { return o.Name == "trained encoder" })
	for key, got := range map[string]float64{"accuracy": test.BalancedAccuracy, "fpr": test.FPR, "fnr": test.FNR} {
		if want := report.Methods[at].Metrics[key].Value; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s at the model's threshold is %v, in the report %v", key, got, want)
		}
	}
	if test.Threshold != m.Threshold || test.Own != m.Threshold || int64(test.Pairs) != test.Total ||
		test.SameSame+test.SameDifferent+test.DifferentSame+test.DifferentDifferent != test.Pairs {
		t.Errorf("%+v", test)
	}
	if pictures, err := test.Show(ctx); err != nil || len(pictures) != 3 || pictures[1].PNG == nil {
		t.Errorf("%v %v", pictures, err)
	}
	val, err := m.Decide(ctx, split, session.DecideOptions{})
	if err != nil || val.Side != session.Val || val.Pairs != m.Config.ValPairs {
		t.Fatalf("%+v %v", val, err)
	}
	wrong := func(d *session.Decisions) int { return d.SameDifferent + d.DifferentSame }
	for _, other := range []float64{m.Threshold - .1, m.Threshold + .1} {
		d, err := m.Decide(ctx, split, session.DecideOptions{Threshold: &other})
		if err != nil || d.Threshold != other || wrong(d) < wrong(val) {
			t.Errorf("%v: %+v %v, and at the model's own %+v", other, d, err, val)
		}
	}
	if _, err := m.Decide(ctx, split, session.DecideOptions{Side: session.Train}); !named(err, "Side") {
		t.Errorf("training pairs: %v", err)
	}
	other, err := m.WithThreshold(ctx, .625, session.Test)
	if err != nil {
		t.Fatal(err)
	}
	of, err := full.Model(ctx, other)
	if err != nil {
		t.Fatal(err)
	}
	was, err := full.Model(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	note := of.Notes[len(of.Notes)-1]
	if other.Threshold != .625 || of.Threshold != .625 || other.Split != m.Split || len(of.Notes) != len(was.Notes)+1 ||
		!strings.Contains(note, "on pairs of test items") || !slices.Equal(of.Layers[0].Weights, was.Layers[0].Weights) {
		t.Errorf("%+v, %q", other, of.Notes)
	}
	for _, bad := range []float64{-1.5, 2} {
		if _, err := m.WithThreshold(ctx, bad, ""); !named(err, "Threshold") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// TestKnown sees that the same calls compute nothing, also with a new worker, and other ones do.
func TestKnown(t *testing.T) {
	ctx, dir, path := t.Context(), t.TempDir(), items(t, 60, 2)
	first := connect(t, dir)
	_, _, m := trained(t, first, path)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s := connect(t, dir)
	f, split, again := trained(t, s, path)
	if !f.Known || !split.Known || !again.Known || again.Key != m.Key || again.Threshold != m.Threshold {
		t.Errorf("known: frame %v, split %v, model %v", f.Known, split.Known, again.Known)
	}
	if score, err := again.Score(ctx, f, "i1", "i2"); err != nil || score.Known {
		t.Errorf("score %+v, error %v", score, err)
	}
	cfg := small()
	cfg.Seed++
	if other, err := split.Train(ctx, cfg, session.TrainOptions{}); err != nil || other.Known || other.Key == m.Key {
		t.Errorf("another seed: %+v, error %v", other, err)
	}
	// The file changes, to the same size and within the clock's tick: it is another one all the same.
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-2] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	changed, err := s.Open(ctx, path, session.OpenOptions{})
	if err != nil || changed.Known || changed.Key == f.Key || f.Anew != "" ||
		!strings.HasPrefix(changed.Anew, filepath.Base(path)+" has changed") || !strings.Contains(changed.String(), changed.Anew) {
		t.Errorf("changed file: %+v, error %v", changed, err)
	}
	if told, err := s.Open(ctx, path, session.OpenOptions{}); err != nil || !told.Known || told.Anew != "" {
		t.Errorf("it is told once: %+v, error %v", told, err)
	}
	// The old handle still has the old values.
	if old, err := f.Data(ctx); err != nil || old.N() != 60 {
		t.Errorf("old frame: error %v", err)
	}
	all, err := s.Values(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all, func(l session.Listed) bool {
		return l.Key == m.Key && l.Kind == "model" && l.Cell == "cell 7" && l.Bytes > 0 && !l.Made.IsZero()
	}) {
		t.Errorf("values %v", all)
	}
	byID, err := s.ModelByID(ctx, m.ID())
	if err != nil || byID.Threshold != m.Threshold {
		t.Errorf("by id: %+v, error %v", byID, err)
	}
	cleared, err := s.Clear(ctx, m.ID())
	if err != nil || cleared.Values != 1 {
		t.Errorf("cleared %+v, error %v", cleared, err)
	}
	var gone *session.Error
	if err := again.Save(ctx, filepath.Join(t.TempDir(), "m.safetensors")); !errors.As(err, &gone) ||
		gone.Kind != failure.Gone {
		t.Errorf("a cleared value: error %v", err)
	}
	if cleared, err = s.Clear(ctx); err != nil || cleared.Values != len(all)-1 {
		t.Errorf("cleared %+v of %d, error %v", cleared, len(all), err)
	}
}

// TestErrors sees that errors come as the library has them: with options, places and hints.
func TestErrors(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	path := items(t, 60, 3)
	f, split, m := trained(t, s, path)
	named := func(what string, err error, option string) {
		t.Helper()
		var e *session.Error
		if !errors.As(err, &e) || e.Kind != failure.Call || !slices.Contains(e.Options, option) {
			t.Errorf("%s: error %v (%+v), want one about %s", what, err, e, option)
		}
	}
	_, err := s.Open(ctx, path, session.OpenOptions{Label: "nothing"})
	named("column", err, "Label")
	_, err = s.Open(ctx, path, session.OpenOptions{Width: 64})
	named("width", err, "Width")
	_, err = f.Split(ctx, session.SplitOptions{Val: -1})
	named("share", err, "Val")
	_, err = f.Split(ctx, session.SplitOptions{By: "colour"})
	named("by", err, "By")
	_, err = m.Score(ctx, f, "i3", "I4")
	named("id", err, "Item")
	if !strings.Contains(err.Error(), "i4") {
		t.Errorf("no hint of the item meant: %v", err)
	}
	cfg := small()
	cfg.BatchPairs = 0
	if _, err := split.Train(ctx, cfg, session.TrainOptions{}); !slices.Contains(option.Names(err), "batch_pairs") {
		t.Errorf("configuration: error %v", err)
	}
	bad := filepath.Join(t.TempDir(), "bad.csv")
	if err := os.WriteFile(bad, []byte("id,label,a\nx,l,1\ny,l,oops\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var e *session.Error
	if _, err := s.Open(ctx, bad, session.OpenOptions{}); !errors.As(err, &e) || e.Line != 3 || e.Column != "a" ||
		e.File == "" {
		t.Errorf("bad cell: error %v (%+v)", err, e)
	}
	// A front prints its own names.
	_, err = f.Split(ctx, session.SplitOptions{By: "colour"})
	if text := option.Text(err, func(string) string { return "--by" }); !strings.HasPrefix(text, "--by: ") {
		t.Errorf("spelt %q", text)
	}
	if _, err := s.Open(ctx, filepath.Join(t.TempDir(), "none.csv"), session.OpenOptions{}); err == nil {
		t.Error("a file that is not there")
	}
}

// TestStop stops a training, and sees that the same call goes on from there to the same model.
func TestStop(t *testing.T) {
	dir, path := t.TempDir(), items(t, 60, 4)
	s := connect(t, dir)
	_, split, _ := trained(t, s, path)
	cfg := small()
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience = 1600, 40, 0
	stopped := func() (*session.Model, error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		return split.Train(ctx, cfg, session.TrainOptions{Progress: func(p session.Progress) {
			if p.Epoch >= 3 {
				cancel()
			}
		}})
	}
	part, err := stopped()
	for range 20 {
		if err != nil {
			break
		}
		cfg.Seed++ // it had ended when the stop came, since this process got no processor: another training
		part, err = stopped()
	}
	if !errors.Is(err, context.Canceled) || part == nil || part.Cut == "" && part.Best == 0 {
		t.Fatalf("stopped: %+v, error %v", part, err)
	}
	resumed, err := split.Train(t.Context(), cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	other := connect(t, t.TempDir())
	_, split, _ = trained(t, other, path)
	whole, err := split.Train(t.Context(), cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := full.Model(t.Context(), resumed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := full.Model(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Layers[0].Weights, b.Layers[0].Weights) || len(resumed.History) != len(whole.History) {
		t.Error("the resumed training is not the whole one")
	}
}

// TestPause holds a training.
func TestPause(t *testing.T) {
	s := connect(t, t.TempDir())
	_, split, _ := trained(t, s, items(t, 60, 5))
	cfg := small()
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience = 16000, 4, 0
	begun, until := time.Now(), time.Now().Add(700*time.Millisecond)
	reports := 0
	_, err := split.Train(t.Context(), cfg, session.TrainOptions{
		Paused: func() bool { return time.Now().Before(until) }, Progress: func(session.Progress) { reports++ }})
	if err != nil || time.Since(begun) < 600*time.Millisecond || reports == 0 {
		t.Errorf("it took %v with %d reports, error %v", time.Since(begun), reports, err)
	}
}

// TestSweep compares configurations, one of which was trained before.
func TestSweep(t *testing.T) {
	ctx, s := t.Context(), connect(t, t.TempDir())
	_, split, m := trained(t, s, items(t, 60, 9))
	other := small()
	other.LearningRate = 0.01
	names := map[string]bool{}
	sweep, err := split.Sweep(ctx, []session.Trial{{Name: "default", Config: small()}, {Name: "fast", Config: other}},
		session.TrainOptions{Progress: func(p session.Progress) { names[p.Trial] = true }})
	if err != nil {
		t.Fatal(err)
	}
	if len(sweep.Trials) != 2 || names["default"] || !names["fast"] {
		t.Errorf("trials %v, trained %v", sweep.Trials, names)
	}
	if a, b := sweep.Trials[0].Monitored, sweep.Trials[1].Monitored; a > b {
		t.Errorf("validation losses %v and %v: the best is not first", a, b)
	}
	best, err := sweep.Model(ctx, 0)
	if err != nil || best.Config.LearningRate != sweep.Trials[0].Config.LearningRate {
		t.Errorf("best model %+v, error %v", best, err)
	}
	if !slices.ContainsFunc(sweep.Trials, func(r session.TrialResult) bool { return r.Model == m.Key }) {
		t.Error("the trained model is not one of the sweep's")
	}
	if pictures, err := sweep.Show(ctx); err != nil || len(pictures) == 0 {
		t.Errorf("pictures %v, error %v", pictures, err)
	}
	bad := small()
	bad.Epochs = 0
	var e *session.Error
	if _, err := split.Sweep(ctx, []session.Trial{{Name: "a", Config: bad}, {Name: "a", Config: small()}},
		session.TrainOptions{}); !errors.As(err, &e) || !slices.Contains(e.Options, "epochs") ||
		!slices.Contains(e.Options, "Trials") {
		t.Errorf("bad trials: error %v", err)
	}
}

// TestTogether calls the same thing from several cells at once: it is computed once.
func TestTogether(t *testing.T) {
	s := connect(t, t.TempDir())
	_, split, _ := trained(t, s, items(t, 60, 10))
	cfg := small()
	cfg.Seed, cfg.PairsPerEpoch = 5, 3200
	const cells = 4
	keys := make(chan string, cells)
	for range cells {
		go func() {
			m, err := split.Train(context.Background(), cfg, session.TrainOptions{})
			if err != nil {
				t.Error(err)
				m = &session.Model{}
			}
			keys <- m.Key
		}()
	}
	first := <-keys
	for range cells - 1 {
		if key := <-keys; key != first {
			t.Errorf("models %s and %s", first, key)
		}
	}
	all, err := s.Values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	models := 0
	for _, v := range all {
		if v.Kind == "model" {
			models++
		}
	}
	if models != 2 {
		t.Errorf("%d models, want the first and this one", models)
	}
}

// TestKept lists and clears without a worker, by the functions of the command.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	s := connect(t, dir)
	_, _, m := trained(t, s, items(t, 60, 11))
	kept, err := worker.Kept(dir)
	if err != nil || len(kept) != 3 || !strings.Contains(kept[0].String(), kept[0].ID()) {
		t.Fatalf("kept %v, error %v", kept, err)
	}
	if _, err := worker.Clear(dir, m.ID(), "zz"); err == nil {
		t.Error("an id that is not there")
	}
	if c, err := worker.Clear(dir, m.ID()); err != nil || c.Values != 1 || c.Bytes == 0 {
		t.Errorf("cleared %+v, error %v", c, err)
	}
	if c, err := worker.Clear(dir); err != nil || c.Values != 2 {
		t.Errorf("cleared %+v, error %v", c, err)
	}
	// The worker still runs, and computes again what is gone.
	_, _, again := trained(t, s, items(t, 60, 11))
	if again.Known || again.Threshold != m.Threshold {
		t.Errorf("again %+v", again)
	}
}

// TestTwoWorkers has two kernels' workers train the same at once: one computes, and the other one waits for it.
func TestTwoWorkers(t *testing.T) {
	dir, path := t.TempDir(), items(t, 60, 12)
	cfg := small()
	cfg.PairsPerEpoch, cfg.Seed = 6400, 3
	models := make(chan *session.Model, 2)
	for range 2 {
		s := connect(t, dir)
		_, split, _ := trained(t, s, path)
		go func() {
			m, err := split.Train(context.Background(), cfg, session.TrainOptions{})
			if err != nil {
				t.Error(err)
			}
			models <- m
		}()
	}
	a, b := <-models, <-models
	if a == nil || b == nil || a.Key != b.Key || a.Known == b.Known {
		t.Errorf("models %+v and %+v", a, b)
	}
}

// TestPairs trains and evaluates on labelled pairs of items without classes.
func TestPairs(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	path := items(t, 90, 13)
	rng := rand.New(rand.NewPCG(13, 2))
	var b strings.Builder
	b.WriteString("left,right,same\n")
	for range 900 {
		i, j := rng.IntN(90), rng.IntN(90)
		if i != j {
			fmt.Fprintf(&b, "i%d,i%d,%d\n", i, j, map[bool]int{true: 1}[i%3 == j%3])
		}
	}
	table := filepath.Join(t.TempDir(), "pairs.csv")
	if err := os.WriteFile(table, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(s *session.Session) (*session.Pairs, *session.Model, *session.Report) {
		t.Helper()
		f, err := s.Open(ctx, path, session.OpenOptions{Label: "-", Ignore: []string{"label"}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.SplitPairs(ctx, table, session.PairOptions{Val: .2, Test: .2, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Train(ctx, small(), session.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.EvaluatePairs(ctx, p, session.EvaluateOptions{Gallery: session.GalleryOptions{Rerank: 3}})
		if !about(err, "Rerank") {
			t.Errorf("a gallery of pairs: %v", err)
		}
		r, err := m.EvaluatePairs(ctx, p, session.EvaluateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return p, m, r
	}
	s := connect(t, dir)
	p, m, r := run(s)
	f, err := s.Open(ctx, path, session.OpenOptions{Label: "-", Ignore: []string{"label"}})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := full.Pairs(ctx, p, frame)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Train.Left) != p.Sides.Train || len(whole.Val.Left) != p.Sides.Val || len(whole.Test.Left) != p.Sides.Test {
		t.Errorf("%v, want %+v", whole, p.Sides)
	}
	if p.Sides.Train == 0 || p.Sides.Val == 0 || p.Sides.Test == 0 || p.Lost == 0 || m.Known || r.Verdict == "" {
		t.Errorf("pairs %+v, model %+v, report %+v", p, m, r)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Another worker knows them, and reads the pairs for another training.
	s = connect(t, dir)
	p, m, r = run(s)
	if !p.Known || !m.Known || !r.Known {
		t.Errorf("known: pairs %v, model %v, report %v", p.Known, m.Known, r.Known)
	}
	cfg := small()
	cfg.Seed++
	if other, err := p.Train(ctx, cfg, session.TrainOptions{}); err != nil || other.Known {
		t.Errorf("another seed: %+v, error %v", other, err)
	}
	if pictures, err := r.Show(ctx); err != nil || len(pictures) == 0 {
		t.Errorf("pictures %v, error %v", pictures, err)
	}
	var e *session.Error
	if _, err := p.Train(ctx, func() config.Config {
		cfg := small()
		cfg.DomainBatches, cfg.Loss.Name, cfg.Monitor = 1, "supcon", config.MonitorAUC
		cfg.Loss.Temperature = .1
		return cfg
	}(), session.TrainOptions{}); !errors.As(err, &e) || !slices.Contains(e.Options, "domain_batches") {
		t.Errorf("a setting that pairs cannot serve: %v", err)
	}
}

// TestLittleMemory goes the way with a worker that can hold no value in memory beyond a call: all come from the disk,
// and nothing is given back while it is used.
func TestLittleMemory(t *testing.T) {
	path := items(t, 90, 14)
	run := func(memory string) (float64, []session.Neighbour, string) {
		t.Helper()
		t.Setenv(workerMemory, memory)
		s := connect(t, t.TempDir())
		f, split, m := trained(t, s, path)
		type answer struct {
			near *session.Neighbours
			err  error
		}
		answers := make(chan answer, 4)
		for i := range cap(answers) { // at once, so that each gives back what others may use
			go func() {
				near, err := m.Similar(context.Background(), f, fmt.Sprintf("i%d", i), 3)
				answers <- answer{near, err}
			}()
		}
		for range cap(answers) {
			if a := <-answers; a.err != nil {
				t.Fatal(a.err)
			}
		}
		near, err := m.Similar(t.Context(), f, "i5", 4)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Evaluate(t.Context(), split, session.EvaluateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if status, err := s.Status(t.Context()); err != nil || memory == "1" && status.Values != 0 {
			t.Errorf("status %+v, error %v", status, err)
		}
		return m.Threshold, near.List, r.Verdict
	}
	threshold, near, verdict := run("1")
	wantThreshold, wantNear, wantVerdict := run("")
	if threshold != wantThreshold || !slices.Equal(near, wantNear) || verdict != wantVerdict {
		t.Errorf("%v, %v, %q; with memory %v, %v, %q", threshold, near, verdict, wantThreshold, wantNear, wantVerdict)
	}
}

// TestSearch searches a space, and finds it again in another session on the folder.
func TestSearch(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := connect(t, dir)
	frame, err := s.Open(ctx, items(t, 120, 9), session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	trials := map[string]bool{}
	opt := session.SearchOptions{Space: space.Space{space.Range("dropout", 0, .5)}, Sampler: "random", Trials: 3,
		SameClasses: true}
	one, err := frame.Search(ctx, small(), opt, session.TrainOptions{Progress: func(p session.Progress) {
		trials[p.Trial] = true
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Result.Runs) != 3 || one.Result.Honest == nil || !trials["trial 0 (1 of 3)"] {
		t.Errorf("%+v, trained %v", one.Result, trials)
	}
	winner, _ := one.Result.Winner()
	m, err := one.Model(ctx)
	if err != nil || m.Config.Dropout != winner.Config.Dropout {
		t.Errorf("%+v, %v", m, err)
	}
	if pictures, err := one.Show(ctx); err != nil || len(pictures) == 0 {
		t.Errorf("pictures %v, error %v", pictures, err)
	}
	whole, err := full.Search(ctx, one)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Model.Config.Dropout != winner.Config.Dropout || whole.Honest != one.Result.Honest || whole.Report == nil ||
		whole.Report.Trained.Values["map_at_r"] != winner.HeldOut {
		t.Errorf("%+v", whole)
	}
	for name, want := range map[string]string{"s.journal": `"study_name":"s"`, "s.csv": "trial,state,score", "s.parquet": "PAR1",
		"s.html": "<svg", "runs": ""} {
		path := filepath.Join(t.TempDir(), name)
		if err := one.Save(ctx, path); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want == "" {
			path = filepath.Join(path, "trial-0002")
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
			continue
		}
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q: %v\n%.300s", name, want, err, text)
		}
	}
	var wrong *session.Error
	if err := one.Save(ctx, filepath.Join(t.TempDir(), "s.xlsx")); !errors.As(err, &wrong) ||
		!slices.Equal(wrong.Options, []string{"path"}) {
		t.Errorf("a search in a format that there is not: %v", err)
	}
	again, err := frame.Search(ctx, small(), opt, session.TrainOptions{})
	if err != nil || !again.Known || again.Key != one.Key {
		t.Errorf("searched again: %+v, %v", again, err)
	}
	opt.Folds, opt.Trials = 2, 1
	clear(trials)
	nested, err := frame.Search(ctx, small(), opt, session.TrainOptions{Progress: func(p session.Progress) {
		trials[p.Trial] = true
	}})
	if err != nil || nested.Known || nested.Result.Outer == nil || len(nested.Result.Outer.Folds) != 2 ||
		!trials["fold 2 of 2, trial 0 (1 of 1)"] || !strings.Contains(nested.Text, "on 2 folds") {
		t.Errorf("%v, trained %v, error %v", nested, trials, err)
	}
	opt.Space[0].High = 2
	var e *session.Error
	if _, err := frame.Search(ctx, small(), opt, session.TrainOptions{}); !errors.As(err, &e) ||
		!slices.Contains(e.Options, "dropout") {
		t.Errorf("a dropout of 2: %v", err)
	}
}
