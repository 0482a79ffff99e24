package study

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// protocolConfig trains in a blink.
func protocolConfig() siamese.Config {
	cfg := toymodel.Config()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{6, 4}, 2, 256
	return cfg
}

func runProtocols(t *testing.T, f *data.Frame, cfg siamese.Config, opt ProtocolOptions) *protocol.Report {
	t.Helper()
	backend := devicetest.Go(t)
	report, err := RunProtocols(t.Context(), backend, f, cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Every protocol has its folds, every fold the reports of its seeds, which are those of Train and evaluate.Items on its
// split; what is summed up is what a loop over them gives.
func TestRunProtocols(t *testing.T) {
	backend := devicetest.Go(t)
	f, cfg := labtest.Toy("i", 6, 20, 9, 0.5, 1), protocolConfig()
	var done []int
	opt := ProtocolOptions{Folds: 3, Seeds: []uint64{5, 6}, Seed: 3, Val: .2, Evaluate: evaluate.Options{Details: true},
		Progress: func(p ProtocolProgress) {
			if p.Report != nil {
				done = append(done, p.Done)
			}
			if p.All != 16 || p.Training == nil && p.Report == nil {
				t.Errorf("progress %+v", p)
			}
		}}
	rep := runProtocols(t, f, cfg, opt)
	if len(done) != 16 || done[0] != 1 || done[15] != 16 {
		t.Errorf("done %v", done)
	}
	for i, want := range []struct {
		name  string
		folds int
	}{{protocol.Items, 3}, {protocol.Classes, 3}, {protocol.Domains, 2}} {
		p := rep.Protocols[i]
		if p.Name != want.name || len(p.Folds) != want.folds || p.Complete != want.folds || p.Planned != want.folds {
			t.Fatalf("protocol %d is %s with %d folds, %d complete", i, p.Name, len(p.Folds), p.Complete)
		}
		if len(p.Methods) != 12 || p.Methods[11].Name != report.TrainedName || len(p.Gains) != len(protocol.Metrics()) {
			t.Errorf("%s: %d methods, %d gains", p.Name, len(p.Methods), len(p.Gains))
		}
		test := 0
		for _, fold := range p.Folds {
			test += fold.Test
			if len(fold.Reports) != 2 || fold.Reports[0].Name != p.Title() || fold.Reports[0].Items != fold.Test {
				t.Fatalf("%s: %+v", p.Name, fold)
			}
			a, b := fold.Reports[0], fold.Reports[1]
			if a.Baseline.Intervals == nil || cmp.Diff(a.Others, b.Others) != "" ||
				cmp.Diff(a.Classifier, b.Classifier) != "" {
				t.Errorf("%s, fold %d: the seeds are compared with different things", p.Name, fold.Number)
			}
			if a.Trained.Values[stats.MAPAtR] == b.Trained.Values[stats.MAPAtR] &&
				a.Trained.Values[stats.ROCAUC] == b.Trained.Values[stats.ROCAUC] {
				t.Errorf("%s, fold %d: two seeds with the same metrics", p.Name, fold.Number)
			}
		}
		if test != f.N() {
			t.Errorf("%s: %d items are tested on, of %d", p.Name, test, f.N())
		}
	}
	split, err := split.FoldClasses(f, 3, split.ClassOptions{Val: .2, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	train, val, test := f.Select(split[1].Train), f.Select(split[1].Val), f.Select(split[1].Test)
	cfg.Seed = 5
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Model.Close()
	whole, err := evaluate.Items(t.Context(), backend, evaluate.One(result.Model), "unseen classes", val, test,
		evaluate.Options{Train: train, Details: true})
	if err != nil {
		t.Fatal(err)
	}
	want := whole.One()
	slices.Sort(want.Warnings) // what the encoder is compared with comes last there
	got := *rep.Protocols[1].Folds[1].Reports[0]
	got.Warnings = slices.Sorted(slices.Values(got.Warnings))
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Errorf("the report of a fold is not that of evaluate.Items: %s", diff)
	}
	if got := rep.Protocols[1].Folds[1].HeldOut; !slices.Equal(got, split[1].HeldOut) {
		t.Errorf("held out %q, want %q", got, split[1].HeldOut)
	}
	labtest.WantJSON(t, rep)
	labtest.WantText(t, rep.String(), "new items of seen classes: 3 of 3 folds finished, 2 training(s) each",
		"unseen domains: 2 of 2", "MAP@R: ", report.ClassifierName, "better in ", "for other seeds on these folds")
}

// A run that is cut off gives what it has; called again it trains the rest only and ends with the same report.
func TestRunProtocolsState(t *testing.T) {
	backend := devicetest.Go(t)
	f, cfg, dir := labtest.Toy("i", 4, 20, 9, 0.5, 1), protocolConfig(), filepath.Join(t.TempDir(), "state")
	opt := ProtocolOptions{Protocols: []string{protocol.Classes}, Folds: 2, Seeds: []uint64{5, 6}}
	want := runProtocols(t, f, cfg, opt)

	var told []provenance.Event
	restore := provenance.To(func(e provenance.Event) {
		if strings.HasPrefix(e.Text, dir) {
			told = append(told, e)
		}
	})
	t.Cleanup(restore)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opt.State = dir
	opt.Progress = func(p ProtocolProgress) {
		if p.Done == 1 && p.Training != nil && !p.Classifier { // amid the second training
			cancel()
		}
	}
	part, err := RunProtocols(ctx, backend, f, cfg, opt)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	p := part.Protocols[0]
	if len(p.Folds) != 1 || len(p.Folds[0].Reports) != 1 || p.Complete != 0 ||
		!strings.Contains(part.String(), "0 of 2 folds finished, nothing can be said") {
		t.Errorf("cut off after one training: %s", part)
	}
	trained, resumed := map[uint64]bool{}, 0
	opt.Progress = func(p ProtocolProgress) {
		if p.Training != nil && p.Fold == 1 {
			trained[p.Seed] = !p.Classifier || trained[p.Seed]
		}
		if p.Resumed {
			resumed++
		}
	}
	got := runProtocols(t, f, cfg, opt)
	if trained[5] || !trained[6] || resumed != 1 {
		t.Errorf("trained %v, read %d reports", trained, resumed)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resumed: %s", diff)
	}
	if restore(); len(told) > 0 {
		t.Errorf("files of the state are told as read or written: %v", told)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 5 { // and the lock
		t.Errorf("the state holds %q, %v", files, err)
	}
	// A report that was made where other bits come out is taken and told.
	var kept protocolFile
	if err := jsonfile.Read(files[0], &kept); err != nil {
		t.Fatal(err)
	}
	kept.Machine.Threads += 7
	if err := jsonfile.Write(files[0], kept); err != nil {
		t.Fatal(err)
	}
	if elsewhere := runProtocols(t, f, cfg, opt).Protocols[0].Warnings; len(elsewhere) != 1+len(
		got.Protocols[0].Warnings) || !strings.HasPrefix(elsewhere[0], "fold 1, seed 5 was trained where") ||
		!strings.Contains(elsewhere[0], "threads were") {
		t.Errorf("%q", elsewhere)
	}
	// Two runs do not share a state.
	var second error
	opt.Progress = func(ProtocolProgress) {
		other := opt
		other.Progress = nil
		_, second = RunProtocols(t.Context(), backend, f, cfg, other)
	}
	runProtocols(t, f, cfg, opt)
	if !errors.Is(second, atomicfile.ErrInUse) || !strings.Contains(second.Error(), dir) {
		t.Errorf("a second run: %v", second)
	}
	opt.Seeds, opt.Progress = []uint64{5, 6, 7}, nil // more seeds go on from the others
	if more := runProtocols(t, f, cfg, opt); len(more.Protocols[0].Folds[0].Reports) != 3 ||
		cmp.Diff(more.Protocols[0].Folds[1].Reports[:2], got.Protocols[0].Folds[1].Reports) != "" {
		t.Error("another seed changed the reports of the first ones")
	}
	again := func(part string) {
		t.Helper()
		report, err := RunProtocols(t.Context(), backend, f, cfg, opt)
		labtest.WantError(t, err, "classes-1-seed5.json", part)
		if report == nil {
			t.Error("no report beside the error")
		}
	}
	cfg.Dropout = 0
	again("is of another run")
	cfg = protocolConfig()
	f.X[0]++
	again("is of another run")
	f.X[0]--
	opt.Evaluate.Confidence = 0.9
	again("is of another run")
	if err := os.WriteFile(filepath.Join(dir, "classes-1-seed5.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	again("is damaged")
	if err := os.Rename(filepath.Join(dir, "classes-1-seed5.json"),
		filepath.Join(dir, "classes-2-seed5.json")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"classes-1-seed6.json", "classes-1-seed7.json"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	report, err := RunProtocols(t.Context(), backend, f, cfg, opt) // what comes before the fault is there
	labtest.WantError(t, err, "fold 2 of 2", "is damaged")
	if p := report.Protocols[0]; p.Complete != 1 || len(p.Folds) != 1 || len(p.Gains) != len(protocol.Metrics()) {
		t.Errorf("%+v", p)
	}
}

// Classes that are watched are none that are trained on or tested on, nor are items of their groups.
func TestProtocolsWatch(t *testing.T) {
	backend := devicetest.Go(t)
	f, cfg := labtest.Toy("i", 8, 12, 9, 0.5, 1), protocolConfig()
	cfg.Monitor = siamese.MonitorUnseenMAP
	cfg.Loss = labtest.LossOf("supcon")
	groups := make([]string, f.N())
	for i := range groups {
		if k := i % 12; k < 3 {
			groups[i] = f.IDs[i-i%24+k] // two items, of two classes
		}
	}
	for _, opt := range []ProtocolOptions{{Folds: 3}, {Folds: 4, ValClasses: 3, Protocols: []string{protocol.Classes}},
		{Folds: 2, Groups: groups, Protocols: []string{protocol.Items, protocol.Classes}}} {
		r, err := newProtocolRun(backend, f, cfg, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i, folds := range r.folds {
			for _, s := range folds {
				names := func(items []int, of []string) map[string]bool {
					out := map[string]bool{}
					for _, k := range items {
						if of[k] != "" {
							out[of[k]] = true
						}
					}
					return out
				}
				train, unseen := names(s.Train, f.Labels), names(s.unseen, f.Labels)
				both := func(a, b map[string]bool) bool {
					for name := range a {
						if b[name] {
							return true
						}
					}
					return false
				}
				test := names(s.Test, f.Labels)
				if n := max(2, opt.ValClasses); len(unseen) != n || len(s.classes) != n || both(train, unseen) ||
					both(names(s.Val, f.Labels), unseen) {
					t.Errorf("%s: watched %q, trained on %v", r.report.Protocols[i].Name, s.classes, train)
				}
				if both(test, unseen) {
					t.Errorf("%s: watched %q, tested on %v", r.report.Protocols[i].Name, s.classes, test)
				}
				if opt.Groups != nil && (both(names(s.Train, groups), names(s.unseen, groups)) ||
					both(names(s.Train, groups), names(s.Test, groups))) {
					t.Errorf("%s: a group is on two sides", r.report.Protocols[i].Name)
				}
				if err := s.Check(f); err != nil {
					t.Error(err)
				}
			}
		}
	}
	cfg.BatchPairs = 8
	report := runProtocols(t, f, cfg, ProtocolOptions{Protocols: []string{protocol.Classes}, Folds: 2,
		Seeds: []uint64{1}, Val: .25})
	fold := report.Protocols[0].Folds[0]
	if len(fold.ValClasses) != 2 || fold.Unseen != 24 || fold.Train+fold.Val+fold.Test+fold.Unseen != f.N() {
		t.Errorf("%+v", fold)
	}
}

func TestRunProtocolsErrors(t *testing.T) {
	backend := devicetest.Go(t)
	f := labtest.Toy("i", 6, 8, 9, 0.5, 1)
	bare := labtest.Toy("i", 6, 8, 9, 0.5, 1)
	bare.Domains = nil
	none := labtest.Toy("i", 6, 8, 9, 0.5, 1)
	none.Labels = nil
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	watching := protocolConfig()
	watching.Monitor = siamese.MonitorUnseenAUC
	bad := protocolConfig()
	bad.Dropout = 2
	for _, c := range []struct {
		name  string
		frame *data.Frame
		cfg   siamese.Config
		opt   ProtocolOptions
		want  string // the option that the error names, else words of it
	}{
		{"no frame", nil, protocolConfig(), ProtocolOptions{}, "frame is nil"},
		{"configuration", f, bad, ProtocolOptions{}, "dropout: 2"},
		{"no labels", none, protocolConfig(), ProtocolOptions{}, "0 class(es)"},
		{"protocol", f, protocolConfig(), ProtocolOptions{Protocols: []string{"people"}}, "Protocols"},
		{"twice", f, protocolConfig(), ProtocolOptions{Protocols: []string{"items", "items"}}, "Protocols"},
		{"seeds", f, protocolConfig(), ProtocolOptions{Seeds: []uint64{1, 2, 1}}, "Seeds"},
		{"domains", bare, protocolConfig(), ProtocolOptions{Protocols: []string{"domains"}}, "domains: data: split"},
		{"too many folds", f, protocolConfig(), ProtocolOptions{Protocols: []string{"classes"}, Folds: 4},
			"Folds"},
		{"nothing watched", f, protocolConfig(), ProtocolOptions{ValClasses: 2}, "ValClasses"},
		{"too many watched", f, watching, ProtocolOptions{Protocols: []string{"classes"}, ValClasses: 4},
			"two must be left for training"},
		{"level", f, protocolConfig(), ProtocolOptions{Evaluate: evaluate.Options{Confidence: 3}}, "confidence is 3"},
		{"estimate", f, protocolConfig(), ProtocolOptions{Evaluate: evaluate.Options{Estimate: 100}},
			"Evaluate.Estimate"},
		{"state", f, protocolConfig(), ProtocolOptions{State: file}, "state: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := RunProtocols(t.Context(), backend, c.frame, c.cfg, c.opt)
			if !slices.Equal(option.Names(err), []string{c.want}) {
				labtest.WantError(t, err, "protocols: ", c.want)
			}
			if report != nil {
				t.Error("a report beside the error")
			}
		})
	}
	// Lists that are empty mean the same as none.
	for _, opt := range []ProtocolOptions{{}, {Protocols: []string{}, Seeds: []uint64{}}} {
		if got, err := newProtocolRun(backend, bare, protocolConfig(), opt); err != nil ||
			len(got.report.Protocols) != 2 || len(got.report.Seeds) != 3 {
			t.Errorf("without domains: %v", err)
		}
	}
}
