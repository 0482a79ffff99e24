// Command compare times AllPairs beside numpy and scikit-learn on the same embeddings, in turns, each run in a process
// of its own, and prints times, peak memory and figures side by side.
//
//	go run ./siamese/metric/testdata/compare -python python3 -n 20000 -e 256 -rounds 2
//
// Build it with GOEXPERIMENT=simd for the vector kernels.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/go-siamese/lab/siamese/metric"
)

func main() {
	python := flag.String("python", "python3", "Python with numpy and scikit-learn")
	script := flag.String("script", "siamese/metric/testdata/bench_numpy.py", "the script to compare with")
	n := flag.Int("n", 20000, "items")
	e := flag.Int("e", 256, "embedding width")
	classes := flag.Int("classes", 20, "classes")
	rounds := flag.Int("rounds", 2, "rounds")
	worker := flag.String("worker", "", "file of embeddings: compute them in this process (used by the command itself)")
	flag.Parse()
	if *worker != "" {
		work(*worker, *n, *e, *classes)
		return
	}
	dir, err := os.MkdirTemp("", "compare")
	check(err)
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "embeddings.f32")
	check(os.WriteFile(file, draw(*n, *e, *classes), 0o600))
	self, err := os.Executable()
	check(err)
	args := []string{strconv.Itoa(*n), strconv.Itoa(*e), strconv.Itoa(*classes)}
	for r := range *rounds {
		ours := run(self, "-worker", file, "-n", args[0], "-e", args[1], "-classes", args[2])
		theirs := run(*python, append([]string{*script, file}, args...)...)
		fmt.Printf("round %d\n%-20s %14s %14s %10s\n", r+1, "", "this package", "numpy+sklearn", "ratio")
		for _, k := range slices.Sorted(maps.Keys(ours)) {
			fmt.Printf("%-20s %14.9g %14.9g %10.6g\n", k, ours[k], theirs[k], theirs[k]/ours[k])
		}
	}
}

// draw returns embeddings around one random centre a class.
func draw(n, e, classes int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	centre := make([]float64, classes*e)
	for i := range centre {
		centre[i] = rng.NormFloat64()
	}
	out := make([]byte, 0, 4*n*e)
	for i := range n {
		for j := range e {
			x := float32(centre[i%classes*e+j] + 3.5*rng.NormFloat64())
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
		}
	}
	return out
}

// run returns the metrics that a process prints as JSON.
func run(name string, args ...string) map[string]float64 {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(err)
	found := map[string]float64{}
	check(json.Unmarshal(out, &found))
	return found
}

// work computes the metrics and prints them.
func work(file string, n, e, classes int) {
	raw, err := os.ReadFile(file)
	check(err)
	emb, labels := make([]float32, n*e), make([]int32, n)
	for i := range emb {
		emb[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	before := peak()
	start := time.Now()
	_, err = metric.AllPairs(context.Background(), emb, labels, metric.Options{NoRetrieval: true})
	check(err)
	verified := time.Since(start)
	start = time.Now()
	r, err := metric.AllPairs(context.Background(), emb, labels, metric.Options{})
	check(err)
	both := time.Since(start)
	v, q := r.Verification, r.Retrieval
	recall, _ := q.Recall(1)
	ndcg := 0.0
	for _, at := range q.NDCGAt {
		if at.K == 10 {
			ndcg = at.Value
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"verify_s": verified.Seconds(), "both_s": both.Seconds(), "peak_mb": peak(), "before_mb": before,
		"roc_auc": v.ROCAUC, "eer": v.EER, "average_precision": v.Natural.AveragePrecision,
		"best_accuracy": v.Natural.BestAccuracy.Value, "fnr_at_1e-4": v.FNRAtFPR[3].FNR,
		"map_at_r": q.MAPAtR, "r_precision": q.RPrecision, "mrr": q.MRR, "recall_at_1": recall, "ndcg_at_10": ndcg,
	}))
}

// peak returns the peak resident memory of this process in MB.
func peak() float64 {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Maxrss) / 1024
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
