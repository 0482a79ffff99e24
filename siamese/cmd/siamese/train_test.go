package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// asProgram makes the test binary the program in a process of its own: to link it a second time would take seconds.
const asProgram = "SIAMESE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // which ends the process
	}
	// Hundreds of short commands in a small heap: a tenth of the time is collecting garbage more often than needed.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}

// program returns the real program with the given words, in a process of its own, which ends with ctx.
func program(ctx context.Context, t *testing.T, words ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(ctx, path, words...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// siameseCommand returns the real program with the given words, separated by blanks, in a folder.
func siameseCommand(t *testing.T, dir, args string) *exec.Cmd {
	t.Helper()
	c := program(context.Background(), t, strings.Fields(args)...)
	c.Dir, c.Env = dir, append(c.Env, "GOGC=400") // as in TestMain
	return c
}

// siameseSays runs the real program and returns what it says, which must hold every one of want.
func siameseSays(t *testing.T, dir, args string, want ...string) string {
	t.Helper()
	said, err := siameseCommand(t, dir, args).CombinedOutput()
	if err != nil {
		t.Fatalf("siamese %s: %v\n%s", args, err, said)
	}
	for _, w := range want {
		if !strings.Contains(string(said), w) {
			t.Errorf("siamese %s: %q is missing in\n%s", args, w, said)
		}
	}
	return string(said)
}

// small makes a run short; the Go backend needs nothing installed.
const small = " --backend go --layers 8,16 --epochs 3 --pairs-per-epoch 1280 --batch-pairs 32 --val-pairs 200 " +
	"--patience 0 "

// From a table to a model, its report, its embeddings, scores and neighbours, by the real program.
func TestWalkThrough(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := siameseSays(t, dir, "describe --json d.json --html d.html builtin:30", "600", "classes")
	for name, want := range map[string]string{"d.json": `"items": 600`, "d.html": "<!DOCTYPE html>"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, %.200s\n%s", name, err, text, said)
		}
	}
	siameseSays(t, dir, "split --out s.json --val 0.2 --test 0.2 --duplicates exact builtin:30",
		"360 train, 120 validation, 120 test items", "the split does not leak")
	siameseSays(t, dir,
		"train --out m.safetensors --split s.json --history h.jsonl --tensorboard tb"+small+"builtin:30",
		"360 train, 120 validation, 120 test items", "backend: pure Go", "epoch 3 of 3", "best epoch: ",
		"model: m.safetensors")
	history, err := history.Read(filepath.Join(dir, "h.jsonl"))
	if err != nil || len(history) != 3 {
		t.Errorf("history: %v, %v", history, err)
	}
	if events, err := os.ReadDir(filepath.Join(dir, "tb")); err != nil || len(events) != 1 {
		t.Errorf("event files: %v, %v", events, err)
	}

	siameseSays(t, dir, "evaluate --backend go --split s.json --json r.json m.safetensors builtin:30",
		"new items: 120 items of 20 classes", "trained encoder", "linear discriminants", "untrained encoder",
		"last hidden layer")
	siameseSays(t, dir,
		"evaluate --backend go --no-baselines --resamples 20 --confidence .8 --split s.json m.safetensors builtin:30",
		"standardised features", "80 % interval")
	saved, err := report.Load(filepath.Join(dir, "r.json"))
	if err != nil || saved.One().Items != 120 || !(saved.One().Trained.Values[stats.ROCAUC] > 0.7) {
		t.Errorf("%+v, %v", saved, err)
	}

	siameseSays(t, dir,
		"explain --backend go --split s.json --pairs 6 --steps 2 --background 4 --features 3 --json x.json "+
			"m.safetensors builtin:30",
		"120 items of 20 classes; 6 pairs, half of them same; baseline: any two of 4 background items", "100 % done",
		"  hog  ", "  glcm  ", "trained encoder: MAP@R ")
	var x explained.Blocks
	if err := jsonfile.Read(filepath.Join(dir, "x.json"), &x); err != nil || len(x.Similarities) != 2 ||
		len(x.Similarities[1].Blocks) != 2 || len(x.Similarities[1].Features) != 3 {
		t.Errorf("%+v, %v", x, err)
	}

	siameseSays(t, dir, "embed --backend go --out z.parquet m.safetensors builtin:30",
		"z.parquet: 600 items x 16 numbers")
	z, _, err := table.Open(context.Background(), filepath.Join(dir, "z.parquet"), table.Options{NoCache: true})
	if err != nil || z.N() != 600 || z.F() != 16 || z.Labels == nil || z.Domains == nil {
		t.Fatalf("%v, %v", z, err)
	}
	// Scores and neighbours are those of the embeddings.
	e := &embedding.Embeddings{Values: z.X, N: z.N(), E: z.F()}
	siameseSays(t, dir, fmt.Sprintf("compare --backend go m.safetensors builtin:30 %s %s %s", z.IDs[0], z.IDs[1],
		z.IDs[2]),
		"threshold ", fmt.Sprintf("%8.4f  ", e.Cosine(0, 1)), fmt.Sprintf("%8.4f  ", e.Cosine(1, 2)))
	model, err := siamese.Load(filepath.Join(dir, "m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag             string
		prevalence, told float64
	}{{"", 0, model.Calibration.Prevalence}, {"--prevalence 0.02 ", .02, .02}} {
		p, err := model.Probability(e.Cosine(0, 1), c.prevalence)
		if err != nil {
			t.Fatal(err)
		}
		siameseSays(t, dir, fmt.Sprintf("compare --backend go %sm.safetensors builtin:30 %s %s", c.flag, z.IDs[0],
			z.IDs[1]),
			fmt.Sprintf("  %.3f  %s", p, z.IDs[0]), fmt.Sprintf("where %.0f %% of pairs are", 100*c.told))
	}
	siameseSays(t, dir, fmt.Sprintf("explain --backend go --split s.json --pair %s,%s m.safetensors builtin:30",
		z.IDs[0], z.IDs[1]),
		fmt.Sprintf("%s and %s: cosine %.4f, ", z.IDs[0], z.IDs[1], e.Cosine(0, 1)),
		"of any two of 64 background items", "  hog  ", "  residual  ")
	near, err := embedding.Nearest(e, e, 4, true)
	if err != nil {
		t.Fatal(err)
	}
	found := siameseSays(t, dir, "search --backend go --k 4 --query "+z.IDs[5]+" m.safetensors builtin:30",
		z.IDs[5]+" ["+z.Labels[5]+"]  (threshold ")
	lines := strings.Split(strings.TrimSpace(found), "\n")
	if lines = lines[len(lines)-4:]; !strings.Contains(lines[0], z.IDs[near[5][0].Item]) ||
		!strings.Contains(lines[3], z.IDs[near[5][3].Item]) {
		t.Errorf("%q, want %v", lines, near[5])
	}
	frame, err := builtinFrame(context.Background(), "30", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Save(filepath.Join(dir, "query.npz"), frame.Select([]int{7, 8})); err != nil {
		t.Fatal(err)
	}
	siameseSays(t, dir, "search --backend go --k 2 --query query.npz m.safetensors builtin:30",
		"\n  1.0000  same       ", "  "+z.IDs[7], "  "+z.IDs[8])
	expandedSearch(t, dir, z.IDs, e)
}

// expandedSearch compares `search --expand` and `--rerank` in dir with package gallery on the embeddings of the items,
// for an item of the gallery and for the items 7 and 8 in a table of their own.
func expandedSearch(t *testing.T, dir string, ids []string, e *embedding.Embeddings) {
	t.Helper()
	opt := gallery.Options{Neighbours: 4, Power: 2}
	items := labtest.Must(gallery.Expand(t.Context(), e, opt))
	outside := labtest.Must(gallery.ExpandQueries(t.Context(), e.Select([]int{7}), e, opt))
	line := func(cosine float32, query, item int) string {
		return fmt.Sprintf("\n%8.4f%8.4f  ", cosine, e.Cosine(query, item))
	}
	near := labtest.Must(embedding.Nearest(items, items, 1, true))[5][0]
	siameseSays(t, dir, "search --backend go --expand 4 --expand-power 2 --k 1 --query "+ids[5]+
		" m.safetensors builtin:30", "uses the gallery", "4 nearest", line(near.Cosine, 5, near.Item), ids[near.Item])
	near = labtest.Must(embedding.Nearest(outside, items, 1, false))[0][0]
	siameseSays(t, dir, "search --backend go --expand 4 --expand-power 2 --k 1 --query query.npz m.safetensors builtin:30",
		line(near.Cosine, 7, near.Item), ids[near.Item])

	// Re-ranked, of the items themselves and of expanded ones.
	for flags, z := range map[string]*embedding.Embeddings{"": e, " --expand 4 --expand-power 2": items} {
		query := e.Select([]int{7})
		if z == items {
			query = outside
		}
		r := labtest.Must(gallery.NewReranker(t.Context(), z, gallery.RerankOptions{K1: 5, K2: 2, Lambda: .4}))
		search := "search --backend go --rerank 5 --rerank-k2 2 --rerank-lambda .4 --k 3 --query "
		own := labtest.Must(r.SearchItem(t.Context(), 5, 3, 0))[2]
		siameseSays(t, dir, search+ids[5]+flags+" m.safetensors builtin:30", "5 nearest", "uses the gallery", "fourth",
			line(float32(own.Similarity), 5, own.Item), ids[own.Item])
		other := labtest.Must(r.Search(t.Context(), query, 3, 0))[0][2]
		siameseSays(t, dir, search+"query.npz"+flags+" m.safetensors builtin:30",
			line(float32(other.Similarity), 7, other.Item), ids[other.Item])
	}
}

// A run that is interrupted keeps its best model and goes on when it is called again, to the bits of one undisturbed.
func TestTrainInterrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Fatal("this test sends signals, which Windows does not have")
	}
	dir := t.TempDir()
	args := "train --split s.json" + strings.Replace(small, "8,16 --epochs 3", "32,16 --epochs 5", 1) +
		"builtin:20 --out "
	siameseSays(t, dir, "split --out s.json builtin:20")
	siameseSays(t, dir, args+"whole.safetensors")

	// interrupt interrupts a training after its first epoch and returns its exit status and what it says from there.
	interrupt := func() (status int, rest []byte) {
		c := siameseCommand(t, dir, args+"m.safetensors --state state")
		stderr, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(stderr)
		first, err := lines.ReadString('\n')
		if err != nil || !strings.HasPrefix(first, "epoch 1 of 5") {
			t.Fatalf("%q, %v", first, err)
		}
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if rest, err = io.ReadAll(lines); err != nil {
			t.Error(err)
		}
		_ = c.Wait() // its status is looked at
		return c.ProcessState.ExitCode(), rest
	}
	status, rest := interrupt()
	for range 20 {
		if status != 0 {
			break
		}
		// It was quicker than this test, which got no processor: once more from the start.
		if err := errors.Join(os.RemoveAll(filepath.Join(dir, "state")),
			os.Remove(filepath.Join(dir, "m.safetensors"))); err != nil {
			t.Fatal(err)
		}
		status, rest = interrupt()
	}
	if status != 130 {
		t.Fatalf("status %d\n%s", status, rest)
	}
	for _, want := range []string{"interrupted: ", "is in m.safetensors; the same command resumes from state"} {
		if !strings.Contains(string(rest), want) {
			t.Errorf("%q is missing in\n%s", want, rest)
		}
	}
	if _, err := siamese.Load(filepath.Join(dir, "m.safetensors")); err != nil {
		t.Error(err)
	}
	siameseSays(t, dir, args+"m.safetensors --state state", "resumed after step ")
	whole, err := os.ReadFile(filepath.Join(dir, "whole.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := os.ReadFile(filepath.Join(dir, "m.safetensors"))
	if err != nil || !bytes.Equal(whole, resumed) {
		t.Errorf("the model is not that of a run that was not interrupted; %v", err)
	}
	siameseSays(t, dir, args+"m.safetensors --state state", "resumed after step ") // it has ended
}

// Classes can be held out, taken out and watched, and pairs can take the place of classes.
func TestTrainOtherwise(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	siameseSays(t, dir,
		"train --out m.safetensors --held-out digits/7,fashion/bag --unseen digits/1,digits/2,digits/1 "+
			"--loss supcon --samples-per-class 2 --loss-temperature 0.2"+small+"builtin:20",
		"unseen classes: 40 items", "288 train, 32 validation, 40 test items", "split: m.split.json",
		"unseen classes: ROC-AUC")
	siameseSays(t, dir, "evaluate --backend go --no-baselines --split m.split.json m.safetensors builtin:20",
		"unseen classes: 40 items of 2 classes")

	frame, err := builtinFrame(context.Background(), "20", true)
	if err != nil {
		t.Fatal(err)
	}
	// All pairs of groups of eight items, four of each of two classes: they can be split without a loss.
	_, class := frame.Classes()
	var groups [50][]int
	var seen [20]int
	for i, c := range class {
		of := c/2*5 + seen[c]/4
		groups[of] = append(groups[of], i)
		seen[c]++
	}
	var pairs table.Pairs
	for _, items := range groups {
		for k, j := range items {
			for _, i := range items[:k] {
				label := float32(0)
				if class[i] == class[j] {
					label = 1
				}
				pairs.Left, pairs.Right, pairs.Label = append(pairs.Left, int32(i)), append(pairs.Right, int32(j)),
					append(pairs.Label, label)
			}
		}
	}
	if err := table.SavePairs(filepath.Join(dir, "pairs.csv"), frame, pairs); err != nil {
		t.Fatal(err)
	}
	few := strings.NewReplacer("1280", "640", "--val-pairs 200 ", "") // validation pairs are listed too
	siameseSays(t, dir, "train --out p.safetensors --val 0.2 --test 0.2 --pairs pairs.csv"+
		few.Replace(small)+"builtin:20", "pairs: ", "model: p.safetensors")
	siameseSays(t, dir,
		"evaluate --backend go --split p.split.json --pairs pairs.csv --html p.html --json p.json "+
			"p.safetensors builtin:20", "trained encoder", "principal components", "from validation to test")
	page, err := os.ReadFile(filepath.Join(dir, "p.html"))
	for _, want := range []string{"Evaluation on given pairs: ", "Labelled the same, and least similar",
		"pairs.csv, sha256:", "<svg"} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("%q is missing in %.300s, %v", want, page, err)
		}
	}
	siameseSays(t, dir, "report --html again.html --images builtin p.json", "trained encoder")
	if again, err := os.ReadFile(filepath.Join(dir, "again.html")); err != nil || string(again) != string(page) {
		t.Errorf("the page of the file differs: %v", err)
	}

	// Several models on the same given pairs, with intervals, and their files without.
	evaluate := "evaluate --backend go --no-baselines --split p.split.json "
	siameseSays(t, dir,
		"train --out q.safetensors --split p.split.json --seed 2 --pairs pairs.csv"+few.Replace(small)+"builtin:20", "model: q.safetensors")
	siameseSays(t, dir,
		evaluate+"--pairs pairs.csv --html both.html --json both.json p.safetensors q.safetensors builtin:20",
		"p.safetensors\nnew items: ", "q.safetensors (new items) is ", "95 % intervals by items, one run each",
		"q.safetensors against p.safetensors")
	siameseSays(t, dir, "report --html again.html --images builtin both.json", "q.safetensors against p.safetensors")
	both, err := os.ReadFile(filepath.Join(dir, "both.html"))
	again, failed := os.ReadFile(filepath.Join(dir, "again.html"))
	if err != nil || failed != nil || string(both) != string(again) ||
		!strings.Contains(string(both),
			"q.safetensors minus p.safetensors, with 95 % intervals for pairs of other items") {
		t.Errorf("the page of the file differs, %v, %v", err, failed)
	}
	siameseSays(t, dir, evaluate+"--pairs pairs.csv --json q.json q.safetensors builtin:20", "trained encoder")
	siameseSays(t, dir, "report p.json q.json", "q.json (new items) is ", " p.json (new items): ROC-AUC ",
		"q.json against p.json: 95 % intervals by item")
	for k := range pairs.Label {
		pairs.Label[k] = 1 - pairs.Label[k]
	}
	if err := table.SavePairs(filepath.Join(dir, "other.csv"), frame, pairs); err != nil {
		t.Fatal(err)
	}
	siameseSays(t, dir, evaluate+"--pairs other.csv --pair-same 1 --json other.json q.safetensors builtin:20",
		"trained encoder")
	for name, file := range map[string]struct{ text, want string }{
		"unknown.csv":    {"left,right,label\nnone,%[2]s,1\n", `row 1: column "left": no item is called "none"`},
		"headless.csv":   {"%[1]s,%[2]s\n%[1]s,%[2]s\n", "--left, --right and --pair-label"},
		"unlabelled.csv": {"left,right,said\n%[1]s,%[2]s,1\n", `--pairs: table: unlabelled.csv`},
		"elsewhere.csv": {"left,right,label\n%[1]s,%[2]s,1\n",
			"--pairs: elsewhere.csv: none of 1 pairs has both its items among the validation items"},
	} {
		text := fmt.Sprintf(file.text, frame.IDs[pairs.Left[0]], frame.IDs[pairs.Right[0]])
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := siameseCommand(t, dir, evaluate+"--pairs "+name+" p.safetensors builtin:20").CombinedOutput()
		if err == nil || !strings.Contains(string(said), file.want) || strings.Contains(string(said), "PairOptions") {
			t.Errorf("%s: %v, %q is missing in\n%s", name, err, file.want, said)
		}
	}
	if said, err := siameseCommand(t, dir, "report p.json other.json").CombinedOutput(); err == nil ||
		!strings.Contains(string(said), "p.json (new items) and other.json (new items) are about different pairs: ") {
		t.Errorf("%v: %s", err, said)
	}
}

// A loss that is not finite ends the run, names the file with its batch, and no model that is not there.
func TestTrainNotFinite(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("id,label,a,b,c,d,e,f,g,h,i\n")
	for i := range 40 {
		fmt.Fprintf(&text, "i%d,%d%s,%d.5\n", i, i%2, strings.Repeat(",3e38", 8), i)
	}
	items := filepath.Join(dir, "items.csv")
	if err := os.WriteFile(items, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(dir, "m.safetensors")
	status, _,
		errOut := call(strings.Fields("train --out " + model + small + "--batch-pairs 4 --preprocess-scale none " +
		items)...)
	batch := filepath.Join(dir, "not-finite-step-1.csv")
	if status != 1 || !strings.Contains(errOut, "its batch is in "+batch) || strings.Contains(errOut, model) {
		t.Errorf("status %d: %s", status, errOut)
	}
	if content, err := os.ReadFile(batch); err != nil || !strings.HasPrefix(string(content), "left,right,label\ni") {
		t.Errorf("%v: %s", err, content)
	}
}

// Labels may sit in another file, and blocks be named.
func TestLabelsAndBlocks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	items := write("items.csv", "id,hog_0,hog_1,x\na,1,2,3\nb,4,5,6\nc,7,8,9\n")
	labels := write("labels.csv", "id,what\nc,cat\na,dog\nother,dog\n")
	pairs, odd := write("pairs.csv", "left,right,label\na,b,1\nb,c,0\n"),
		write("odd.csv", "left,right,label\na,b,1\nb,c,1\na,c,0\n")
	strangers := write("strangers.csv", "id,label\nother,dog\n")
	for _, c := range []struct {
		args   string
		status int
		want   []string
	}{
		{"describe --labels " + labels + " --label what " + items, 0,
			[]string{"labels of 2 of 3 items, from " + labels, "classes: 2", "1 item without a label"}},
		{"describe --block first=^hog_0 --block rest=^(hog_1|x)$ " + items, 0,
			[]string{"blocks: 2", "first        1", "rest        2"}},
		{"describe --labels " + labels + " " + items, 0, []string{"labels of 2 of 3 items", `column "what"`}},
		{"describe --labels " + strangers + " " + items, 1, []string{`it lacks 3 of 3 ids: "a"`}},
		{"describe --labels-of-pairs " + pairs + " " + items, 0,
			[]string{"labels of 3 of 3 items, from " + pairs, "classes: 2, of 1 item ("}},
		{"describe --labels-of-pairs " + odd + " " + items, 1, []string{"odd.csv: ", "pair 2 (items 0 and 2)"}},
		{"describe --labels-of-pairs " + pairs + " --labels " + labels + " " + items, 2,
			[]string{"--labels and --labels-of-pairs"}},
		{"describe --labels " + labels + " builtin:5", 2, []string{"--labels: "}},
		{"describe --block hog " + items, 2, []string{"--block: "}},
		{"describe --block hog=( " + items, 1, []string{"hog"}},
	} {
		status, said, errOut := call(strings.Fields(c.args)...)
		for _, want := range c.want {
			if status != c.status || !strings.Contains(said+errOut, want) {
				t.Errorf("siamese %s: status %d, %q is missing in\n%s%s", c.args, status, want, said, errOut)
			}
		}
	}
}

// What is wrong is named, with what to do.
func TestTrainComplaints(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "c.json")
	if err := os.WriteFile(config, []byte(`{"epoch": 3}`), 0o644); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(dir, "m.safetensors")
	for _, c := range []struct {
		args   string
		status int
		want   string // the flag at fault, or what else must be named
	}{
		{"train builtin:5", 2, "--out: "},
		{"train --out m.bin builtin:5", 2, "--out: m.bin"},
		{"train --out " + model, 2, "<data>"},
		{"train --out " + model + " --epochs x builtin:5", 2, "--epochs: "},
		{"train --out " + model + " --layers 3,x builtin:5", 2, "--layers: "},
		{"train --out " + model + " --preprocess-block-weights hog builtin:5", 2, `--preprocess-block-weights: "hog"`},
		{"train --out " + model + " --loss mae builtin:5", 2, "--loss: "},
		{"train --out " + model + " --preset mine builtin:5", 2, "--preset "},
		{"train --out " + model + " --config " + config + " builtin:5", 1, `--config: ` + config},
		{"train --out " + model + " --dropout 2 --momentum 3 builtin:5", 1, "--dropout: 2"},
		{"train --out " + model + " --dropout 2 --momentum 3 builtin:5", 1, "--momentum: 3"},
		{"train --out " + model + " --loss triplet --loss-margin -9 builtin:5", 1, "--loss-margin: -9"},
		{"train --out " + model + " --preprocess-scale none --preprocess-shrinkage 2 builtin:5", 1,
			"--preprocess-shrinkage: "},
		{"train --out " + model + " --split s.json --val 0.2 builtin:5", 2, "--val: "},
		{"train --out " + model + " --held-out a --test 0.2 builtin:5", 2, "--test: "},
		{"split --out " + filepath.Join(dir, "s.json") + " --test-items 9 builtin:5", 2, "--test-items: "},
		{"train --out " + model + " --held-out a --held-out-domains b builtin:5", 2,
			"--held-out and --held-out-domains"},
		{"train --out " + model + " --duplicates many builtin:5", 2, "--duplicates: "},
		{"train --out " + model + " --backend tpu --val 0.4 builtin:5", 1, `backend "tpu"`},
		{"train --out " + model + " --unseen cats --val 0.4 builtin:5", 1, `--unseen: "cats"`},
		{"train --out " + model + " --monitor unseen_map builtin:5", 2, "--monitor: "},
		{"train --out " + model + " builtin:many", 1, `"many"`},
		{"train --out " + model + " " + filepath.Join(dir, "none.csv"), 1, "none.csv"},
		{"split builtin:5", 2, "--out="},
		{"split --out " + filepath.Join(dir, "s.json") + " --allow ids builtin:5", 1, `--allow: "ids"`},
		{"split --out " + filepath.Join(dir, "s.json") + " --near 2 builtin:5", 1, `--near: 2`},
		{"evaluate m.safetensors builtin:5", 2, "--split="},
		{"evaluate --split s.json " + model + " builtin:5", 1, "m.safetensors"},
		{"evaluate --split s.json --estimate 50 --pairs p.csv m.safetensors builtin:5", 2, "--estimate: "},
		{"evaluate --split s.json --confidence 1 m.safetensors builtin:5", 2, "--confidence: 1"},
		{"embed m.safetensors builtin:5", 2, "--out="},
		{"compare m.safetensors builtin:5 a", 2, "one id is given"},
		{"compare --prevalence 1 m.safetensors builtin:5 a b", 2, "--prevalence: 1"},
		{"search --prevalence -1 --query a m.safetensors builtin:5", 2, "--prevalence: -1"},
		{"search m.safetensors builtin:5", 2, "--query="},
		{"search --query a --k 0 m.safetensors builtin:5", 2, "--k: 0"},
		{"explain --pair a m.safetensors builtin:5", 2, "--pair: "},
		{"explain --pair a,b --pairs 3 m.safetensors builtin:5", 2, "--pairs: "},
		{"explain m.safetensors", 2, "<data>"},
		{"describe", 2, "<data>"},
		{"describe builtin:5 more", 2, "more"},
	} {
		status, _, errOut := call(strings.Fields(c.args)...)
		see := "\nsee: siamese " + strings.Fields(c.args)[0] + " --help\n"
		if status != c.status || !strings.Contains(errOut, c.want) ||
			strings.HasSuffix(errOut, see) != (status == 2) {
			t.Errorf("siamese %s: status %d, %s", c.args, status, errOut)
		}
	}
}

// Every command has a help with an example of itself, and all flags are in kebab-case, described and of different
// names.
func TestHelp(t *testing.T) {
	parser, err := newParser(&commandLine{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	kebabCase := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	for _, node := range parser.Model.Leaves(true) {
		command := nameOf(node)
		seen := map[string]bool{"help": true}
		for _, flag := range node.Flags {
			if !kebabCase.MatchString(flag.Name) || flag.Help == "" || seen[flag.Name] {
				t.Errorf("%s --%s: %q", command, flag.Name, flag.Help)
			}
			seen[flag.Name] = true
		}
		status, help, errOut := call(append(strings.Fields(command), "--help")...)
		example := command == "version" || command == "help" ||
			strings.Contains(help, "\n    siamese "+command+" ")
		if status != 0 || errOut != "" || !strings.HasPrefix(help, "Usage: siamese "+command) || !example {
			t.Errorf("status %d, no example of %s in its help: %s%s", status, command, help, errOut)
		}
		if status, again, _ := call(append([]string{"help"}, strings.Fields(command)...)...); status != 0 || again != help {
			t.Errorf("status %d, siamese help %s is another text:\n%s", status, command, again)
		}
	}
}

// Every setting is a flag with a description, sets its field alone, and a printed configuration reads as itself.
func TestConfigFlags(t *testing.T) {
	texts := map[reflect.Kind]string{reflect.String: "z", reflect.Bool: "true", reflect.Int: "7", reflect.Uint64: "7",
		reflect.Float64: "0.25",
		reflect.Slice:   "3,4", reflect.Map: "a=2,b=0.5"}
	for _, field := range fields.Of(siamese.DefaultConfig()) {
		if field.Name == lossName {
			continue
		}
		if field.Help == "" {
			t.Errorf("%s is not described", field.Name)
		}
		var line struct {
			Train trainCommand `cmd:""`
		}
		parser, err := kong.New(&line, kong.PostBuild(longHelpsInto), kong.Vars{"losses": ""})
		if err != nil {
			t.Fatal(err)
		}
		node := parser.Model.Children[0]
		node.Flags = append(node.Flags, line.Train.settingFlags()...)
		flag := "--" + kebab(field.Name) + "=" + texts[field.Value.Kind()]
		if _, err := parser.Parse([]string{"train", flag, "builtin"}); err != nil {
			t.Errorf("%s: %v", flag, err)
			continue
		}
		cfg, _ := line.Train.config(siamese.MonitorMAP) // it need not be valid
		if d := fields.Differences(siamese.DefaultConfig(), cfg); len(d) != 1 || d[0].Name != field.Name {
			t.Errorf("%s changed %v", flag, d)
		}
	}
	status, first, errOut := call(strings.Fields("train --print-config --loss-margin 0.3 --loss triplet " +
		"--layers 8,4 --preprocess-signed-sqrt")...)
	if status != 0 || !strings.Contains(first, `"margin": 0.3`) || !strings.Contains(first, `"name": "triplet"`) ||
		!strings.Contains(first, `"monitor": "val_map"`) {
		t.Fatalf("status %d, %s%s", status, first, errOut)
	}
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte(first), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, again, errOut := call("train", "--print-config", "--config", file); again != first {
		t.Errorf("%s\nis read as\n%s%s", first, again, errOut)
	}
}

// A run that is refused, or stopped before an epoch was judged, leaves the model and the split of an older run as they
// are, and says so.
func TestTrainLeavesTheOlderModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := "train" + small + "builtin:20 --out m.safetensors --state state"
	siameseSays(t, dir, args, "model: m.safetensors\nsplit: m.split.json")
	read := func(name string) string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	model, parts := read("m.safetensors"), read("m.split.json")
	same := func() {
		t.Helper()
		if read("m.safetensors") != model || read("m.split.json") != parts {
			t.Error("the older model or its split was replaced")
		}
		if files, _ := filepath.Glob(filepath.Join(dir, ".*")); len(files) > 0 {
			t.Errorf("files are left over: %q", files)
		}
	}
	// Another seed draws another split, and is refused by the state.
	said, err := siameseCommand(t, dir, args+" --seed 7").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "--seed: it was 42 and is 7") {
		t.Errorf("%v: %s", err, said)
	}
	same()
	// The first epoch takes longer than this test may.
	c := siameseCommand(t, dir, strings.Replace(args, "--state state", "--state other --seed 7 --pairs-per-epoch "+
		"600000 --layers 512", 1))
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "backend: ") {
			break
		}
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "other", "state-*")); len(files) > 0 { // it trains
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no state is written: %s", &stderr)
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != 130 {
		t.Errorf("%v, %s", err, &stderr)
	}
	if want := "m.safetensors is as it was before; the same command resumes from other"; !strings.Contains(
		stderr.String(), want) {
		t.Errorf("%q is missing in %s", want, &stderr)
	}
	same()
}
