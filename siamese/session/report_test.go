package session_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/session"
)

// trainedMetric returns a metric of the trained encoder, the last method of a report.
func trainedMetric(r *session.Report, key string) float64 {
	return r.Methods[len(r.Methods)-1].Metrics[key].Value
}

// TestCompare: models are compared on the same items, each as it is by itself; parts of the report and its page show what
// they are asked for.
func TestCompare(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	_, split, narrow := trained(t, s, items(t, 90, 1))
	cfg := small()
	cfg.Layers = []int{2}
	wide, err := split.Train(ctx, cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	models, opt := []*session.Model{narrow, wide}, session.EvaluateOptions{Details: true}
	both, err := split.Compare(ctx, []string{"m8", "m2"}, models, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(both.Compared) != 2 || len(both.Differences) != 1 || both.NewClasses || !strings.Contains(both.Verdict, "m8") {
		t.Fatalf("compared %+v", both)
	}
	for i, m := range models {
		alone, err := m.Evaluate(ctx, split, session.EvaluateOptions{NoIntervals: true})
		if err != nil {
			t.Fatal(err)
		}
		one, err := both.Of([]string{"m8", "m2"}[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"map_at_r", "roc_auc"} {
			if got, want := trainedMetric(one, key), trainedMetric(alone, key); got != want {
				t.Errorf("%s of model %d is %v, alone %v", key, i, got, want)
			}
		}
		if one.Lead.Value != alone.Lead.Value || len(one.Same) == 0 || len(one.Different) == 0 {
			t.Errorf("model %d: lead %v, alone %v; %d and %d pairs", i, one.Lead, alone.Lead, len(one.Same),
				len(one.Different))
		}
	}
	change := both.Differences[0]["map_at_r"]
	want := trainedMetric(both.Compared[1], "map_at_r") - trainedMetric(both.Compared[0], "map_at_r")
	if math.Abs(change.Value-want) > 1e-12 || change.Low > change.Value || change.High < change.Value {
		t.Errorf("MAP@R changes by %v, want %v", change, want)
	}
	if _, err := both.Of("three"); err == nil || !strings.Contains(err.Error(), "m8, m2") {
		t.Errorf("a model that was not compared: %v", err)
	}
	two, err := both.Of("m2")
	if err != nil {
		t.Fatal(err)
	}
	shown := func(r *session.Report, part string) string {
		pictures, err := r.ShowPart(ctx, part, 3)
		if err != nil || len(pictures) == 0 {
			t.Errorf("part %q: %d pictures, %v", part, len(pictures), err)
		}
		text := ""
		for _, p := range pictures {
			text += p.Text
		}
		return text
	}
	if text := shown(two, "hardest"); !strings.Contains(text, two.Different[0][0]) || !strings.Contains(text, two.Same[0][1]) {
		t.Errorf("the hardest pairs are not %v and %v:\n%s", two.Different[0], two.Same[0], text)
	}
	if all, one := shown(both, ""), shown(two, ""); !strings.Contains(all, "m8") || strings.Contains(one, "m8") {
		t.Errorf("of both:\n%s\nof one:\n%s", all, one)
	}
	if first, second := shown(both, "thresholds"), shown(two, "thresholds"); first == second {
		t.Errorf("the thresholds of both models are\n%s", first)
	}
	shown(two, "reliability")
	var e *session.Error
	if _, err := two.ShowPart(ctx, "hard", 3); !errors.As(err, &e) || !slices.Equal(e.Options, []string{"part"}) {
		t.Errorf("a part that there is not: %v", err)
	}
	path := filepath.Join(t.TempDir(), "page.html")
	if err := both.SavePage(ctx, path, "Two <models>"); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); !strings.Contains(text, "Two &lt;models&gt;") || !strings.Contains(text, "<svg") ||
		!strings.Contains(text, "m2 minus m8") || strings.Contains(text, "<b>x") {
		t.Errorf("the page of %d bytes lacks its title, plots or differences, or has markup of labels", len(page))
	}
	for _, names := range [][]string{{"a"}, {"a", "a"}, {"a", ""}} {
		if _, err := split.Compare(ctx, names, models[:len(names)], opt, nil); !errors.As(err, &e) ||
			!slices.Equal(e.Options, []string{"Models"}) {
			t.Errorf("models %q: %v", names, err)
		}
	}
	if _, err := split.Compare(ctx, []string{"a"}, models, opt, nil); err == nil {
		t.Error("one name for two models")
	}
	blocks, err := narrow.Blocks(ctx, split, nil)
	if err != nil {
		t.Fatal(err)
	}
	if pictures, err := blocks.Show(ctx); err != nil || len(pictures) == 0 || !strings.Contains(blocks.String(), "trained encoder") {
		t.Errorf("blocks %s: %v, %v", blocks, pictures, err)
	}
}

// TestDuplicates: what occurs twice is found as by the library, and embeddings are written as they are.
func TestDuplicates(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	path := items(t, 60, 3)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	copied := strings.Replace(lines[1], "i0,", "=copy,", 1) // a spreadsheet would run its id
	near := strings.TrimSuffix(strings.Replace(lines[2], "i1,", "near,", 1), "0") + "1"
	if err := os.WriteFile(path, []byte(string(text)+copied+"\n"+near+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, _, m := trained(t, s, path)
	found, err := f.Duplicates(ctx, .999, nil)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, err := duplicates.Find(ctx, frame, duplicates.Options{Near: true, Threshold: .999})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Exact) != 1 || !slices.Equal(found.Exact[0], []string{"i0", "=copy"}) || found.PairCount != want.PairCount ||
		found.String() != want.String() || !slices.Contains(found.Pairs, [2]string{"i1", "near"}) {
		t.Errorf("found %+v, want %+v", found, want)
	}
	if pictures, err := found.Show(ctx); err != nil || !strings.Contains(pictures[0].Text, "near") {
		t.Errorf("shown %v, %v", pictures, err)
	}
	var e *session.Error
	if _, err := f.Duplicates(ctx, 1.5, nil); !errors.As(err, &e) || !slices.Contains(e.Options, "Threshold") {
		t.Errorf("a similarity of 1.5: %v", err)
	}
	for name, warned := range map[string]int{"z.npz": 0, "z.csv": 1, "z.parquet": 0} {
		path := filepath.Join(t.TempDir(), name)
		warnings, err := m.SaveEmbeddings(ctx, f, path)
		if err != nil || len(warnings) != warned {
			t.Errorf("%s: warnings %q, error %v", name, warnings, err)
			continue
		}
		z, _, err := table.Open(ctx, path, table.Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(z.IDs, frame.IDs) || !slices.Equal(z.Labels, frame.Labels) {
			t.Errorf("%s: ids %q, labels %q", name, z.IDs, z.Labels)
		}
		score, err := m.Score(ctx, f, "i3", "i4")
		if err != nil {
			t.Fatal(err)
		}
		dot := 0.0
		for k := range z.F() {
			dot += float64(z.Row(3)[k]) * float64(z.Row(4)[k])
		}
		if math.Abs(dot-score.Cosine) > 1e-6 {
			t.Errorf("%s: cosine %v, scored %v", name, dot, score.Cosine)
		}
	}
	// In an index there are the same neighbours as in the frame, of all items or of some.
	index := filepath.Join(t.TempDir(), "items.index")
	for _, storage := range []string{"", "int8"} {
		if _, err := m.SaveIndex(ctx, f, index, storage); err != nil {
			t.Fatal(err)
		}
		want := labtest.Must(m.Similar(ctx, f, "i3", 4))
		got := labtest.Must(m.SimilarIn(ctx, index, nil, "i3", 4, session.IndexOptions{}))
		as := labtest.Must(m.SimilarIn(ctx, index, f, "i3", 1, session.IndexOptions{Exact: true}))
		if len(got.List) != 4 || (got.Recall == "") != (storage == "") || as.List[0].ID != "i3" || as.Recall != "" {
			t.Errorf("%s: %+v, as another's item %+v", storage, got, as)
		}
		for i, n := range got.List {
			if w := want.List[i]; math.Abs(n.Cosine-w.Cosine) > 1e-6 || n.ID != w.ID || n.Label != w.Label || n.Same != w.Same {
				t.Errorf("%s: neighbour %d is %+v, want %+v", storage, i, n, w)
			}
		}
		if shown := labtest.Must(got.Show(ctx)); !strings.Contains(shown[0].Text, got.List[0].ID) {
			t.Errorf("%s: shown %q", storage, shown[0].Text)
		}
		some := labtest.Must(m.SimilarIn(ctx, index, nil, "i3", 4, session.IndexOptions{Labels: []string{frame.Labels[9]}}))
		if len(some.List) == 0 || some.List[0].Label != frame.Labels[9] {
			t.Errorf("%s: of a label %+v", storage, some.List)
		}
	}
	for name, use := range map[string]session.IndexOptions{"of no label": {Labels: []string{}},
		"of an unknown domain": {Domains: []string{"nowhere"}}} {
		if _, err := m.SimilarIn(ctx, index, nil, "i3", 4, use); err == nil ||
			!strings.Contains(err.Error(), "no other items of these labels and domains") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for of, says := range map[string]string{" width 2": "the first 2 numbers", "0": "with another model"} {
		file := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(ctx, file); err != nil {
			t.Fatal(err)
		}
		_, hash, err := openfile.Hash(file)
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(t.TempDir(), "other.index")
		if err := labtest.Must(search.New(2, search.Config{Of: hash + of})).Save(other); err != nil {
			t.Fatal(err)
		}
		if _, err := m.SimilarIn(ctx, other, nil, "i3", 4, session.IndexOptions{}); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("an index of another: %v, want %s", err, says)
		}
	}
	if _, err := m.SimilarIn(ctx, index, nil, "nobody", 4, session.IndexOptions{}); err == nil {
		t.Error("an item that is not in the index")
	}
	if _, err := m.SaveIndex(ctx, f, index, "int4"); !errors.As(err, &e) || !slices.Contains(e.Options, "Storage") {
		t.Errorf("numbers of 4 bits: %v", err)
	}
	if _, err := m.SaveEmbeddings(ctx, f, filepath.Join(t.TempDir(), "z.doc")); err == nil {
		t.Error("embeddings in a format that there is not")
	}
}
