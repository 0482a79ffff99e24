package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
)

// fakePython stands for an interpreter with the peers: it prints known measurements, and fails for one of them.
const fakePython = `#!/bin/sh
[ -z "$OPENBLAS_CORETYPE$OPENBLAS_L2_SIZE" ] || { echo "OpenBLAS is told what to do" >&2; exit 1; }
case "$1" in -c*) echo "jax 1, torch 2"; exit ;; esac
while read line; do
case "$1$2 $3" in
*"jax train") echo '{"unit": "pairs/s", "value": 1000}' ;;
*"jax embed") echo '{"unit": "items/s", "value": 4000}' ;;
*"torch train") [ "$PRECISION$TURNS" = bfloat161 ] && echo '{"unit": "pairs/s", "value": 500}' ;;
*"torch embed") echo "a word before"; echo '{"unit": "items/s", "value": 8000}' ;;
*"sgemm train") echo '{"unit": "pairs/s", "value": 2000, "gflops": 48.5}' ;;
*"--work train") echo '{"unit": "pairs/s", "value": 1500}' ;;
*"--work embed") echo '{"unit": "items/s", "value": 12000}' ;;
*) echo "a first line" >&2; echo "no module named $2" >&2; exit 1 ;;
esac
done
`

func TestBenchSpeed(t *testing.T) {
	python := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(python, []byte(fakePython), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	t.Setenv("OPENBLAS_L2_SIZE", "1")
	var errOut bytes.Buffer
	b := bench{python: python, rounds: 3, seconds: 0.5, precision: "bfloat16", lab: []string{python, "x"},
		script: "peers.py", errOut: &errOut}
	text, err := b.speed(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Siamese Lab, XLA | 1500 (1500–1500) | 1.50 | 0.75 | 12000 (12000–12000) | 1.50 |",
		"| jax | 1000 (1000–1000) | 1.00 | 0.50 | 4000 (4000–4000) | 0.50 |",
		"| torch | 500 (500–500) | 0.50 | 0.25 | 8000 (8000–8000) | 1.00 |",
		"| keras-jit | not measured |  |  | not measured |  |",
		"limit is 2000 pairs/s", "training: bfloat16", "48 GFLOP/s", "3 rounds of 0.5 seconds",
		"Peers: jax 1, torch 2.", "cores",
		"keras failed at least once: ", "no module named keras",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if !strings.Contains(errOut.String(), "round 3 of 3: torch, embed") {
		t.Error(errOut.String())
	}
	b.lab = []string{filepath.Join(t.TempDir(), "none")}
	if _, err := b.speed(context.Background(), true); err == nil ||
		!strings.Contains(err.Error(), "this lab could not be measured") {
		t.Errorf("without a lab: %v", err)
	}
}

// What this lab does is measured for real, on less than the peers have.
func TestBenchWork(t *testing.T) {
	w := peerWork("bfloat16", 0.2)
	w.items, w.features, w.cfg.Layers = 300, 20, []int{16, 8}
	for _, task := range []string{"train", "embed"} {
		var out bytes.Buffer
		if err := w.measure(context.Background(), task, "go", strings.NewReader("\n\n"), &out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 {
			t.Errorf("%s: %q in two turns", task, lines)
		}
		for _, line := range lines {
			var m measurement
			if err := json.Unmarshal([]byte(line), &m); err != nil || !(m.Value > 100) ||
				m.Unit != map[string]string{"train": "pairs/s", "embed": "items/s"}[task] {
				t.Errorf("%s: %s, %v", task, line, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.measure(ctx, "train", "go", strings.NewReader("\n"), &bytes.Buffer{}); err == nil {
		t.Error("a cancelled measurement gives a measurement")
	}
	for args, want := range map[string]string{
		"bench --work fly --backend go": "--work: ",
		"bench --rounds -1":             "--rounds: -1",
		"bench --precision half":        "--precision: ",
		"bench --quality --target 1":    "--target: 1",
		"bench more":                    "more",
	} {
		if status, _, errOut := call(strings.Fields(args)...); status != 2 || !strings.Contains(errOut, want) {
			t.Errorf("siamese %s: status %d, %s", args, status, errOut)
		}
	}
}

// Training ends when MAP@R on validation items is where it is to be, and not before.
func TestQualityRun(t *testing.T) {
	cfg := allPairsConfig(1)
	if err := cfg.Validate(); err != nil || cfg.Loss.Name != "supcon" {
		t.Errorf("%v, %v", cfg.Loss, err)
	}
	frame, err := builtinFrame(context.Background(), "20", true)
	if err != nil {
		t.Fatal(err)
	}
	split, err := split.Items(frame, split.ItemOptions{Val: 0.2, Test: 0.2, Stratify: true})
	if err != nil {
		t.Fatal(err)
	}
	q := qualityData{frame.Select(split.Train), frame.Select(split.Val), frame.Select(split.Test)}
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Layers, cfg.BatchPairs, cfg.PairsPerEpoch, cfg.Epochs, cfg.SamplesPerClass = []int{32, 16}, 30, 240, 60, 3
	r := &qualityRun{name: "all pairs"}
	const target = 0.5
	if err := r.measure(context.Background(), backend, cfg, q, target); err != nil {
		t.Fatal(err)
	}
	if r.val[0] < target || !(r.test[0] > 0.3) || !(r.seconds[0] > 0) {
		t.Errorf("%+v", r)
	}
	text := qualityTable([]*qualityRun{{name: "peer", seconds: []float64{40}, val: []float64{0.8},
		test: []float64{0.79}}, {name: "lab", seconds: []float64{4}, val: []float64{0.81}, test: []float64{0.795}}},
		"backend: x", "m", "", 1, 0)
	if !strings.Contains(text, "| lab | 4.0 | 0.100 | 0.8100 | 0.7950 |") {
		t.Error(text)
	}
	x := &data.Frame{X: []float32{3, 4, 0, 0}, IDs: []string{"a", "b"}, Columns: []string{"u", "v"}}
	if unit(x); math.Abs(float64(x.X[1])-0.8) > 1e-6 || x.X[2] != 0 {
		t.Errorf("%v", x.X)
	}
}
