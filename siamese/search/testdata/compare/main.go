// Command compare measures searches of this package beside FAISS and hnswlib on the same embeddings, in turns, and
// prints queries a second and the recall at K of each:
//
//	python3 -m venv /tmp/v && /tmp/v/bin/pip install faiss-cpu hnswlib
//	go run ./siamese/search/testdata/compare -python /tmp/v/bin/python -n 20000,200000,1000000
//
// HNSW beside hnswlib, each with several ef, needs hnswlib's headers; at equal recall hnswlib's rate is taken between
// those of the two ef around it:
//
//	go run -tags hnswlib ./siamese/search/testdata/compare -python /tmp/v/bin/python -n 200000 \
//	  -others hnswlib:50:100:200:400 -storage hnsw:50:100:200:400
//
// All use as many threads as there are cores. A turn is a batch of queries, or as many single ones as take a second;
// the median of all turns is printed, with its ratio to FAISS. Nothing else should run on the machine.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/search/hnsw"
)

var (
	width  = flag.Int("e", 256, "embedding width")
	k      = flag.Int("k", 10, "neighbours")
	batch  = flag.Int("q", 1000, "queries in a batch")
	rounds = flag.Int("rounds", 5, "turns of each")
	around = flag.Int("centres", 1000, "centres")
	spread = flag.Float64("spread", 1, "standard deviation of an item around its centre, where centres have 1")
	python = flag.String("python", "python3", "Python with faiss-cpu and hnswlib")
	script = flag.String("script", "siamese/search/testdata/compare/faiss_hnswlib.py", "the script to compare with")
	sizes  = flag.String("n", "20000,200000,1000000", "numbers of items")
	others = flag.String("others", "faiss", "what the script measures: faiss, hnswlib:EF:EF or both with a comma")
	ours   = flag.String("storage", "float32,float16,int8", "what this package measures; hnsw:EF:EF too")
)

func main() {
	flag.Parse()
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		check(err)
		compare(n)
	}
}

// engine answers the batch of queries once or, singly, the first number of them, and returns what it found (nil =
// nothing more) and the seconds.
type engine struct {
	name   string
	peer   string // whose it is
	ef     int    // 0 = none
	recall float64
	run    func(single int) ([][]int, float64)
}

func compare(n int) {
	dir, err := os.MkdirTemp("", "compare")
	check(err)
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of temporary files
	rows, queries := draw(1, n), draw(2, *batch)
	check(os.WriteFile(filepath.Join(dir, "rows.f32"), bytesOf(rows.Values), 0o600))
	check(os.WriteFile(filepath.Join(dir, "queries.f32"), bytesOf(queries.Values), 0o600))
	var all []engine
	for name := range strings.SplitSeq(*others, ",") {
		stop, some := peer(dir, name)
		defer stop()
		all = append(all, some...)
	}
	for name := range strings.SplitSeq(*ours, ",") {
		parts := strings.Split(name, ":")
		start := time.Now()
		var x search.Index
		if parts[0] == search.EngineHNSW {
			x, err = hnsw.New(*width, hnsw.Config{Threads: runtime.NumCPU()})
		} else {
			x, err = search.New(*width, search.Config{Storage: search.Storage(name)})
		}
		check(err)
		check(x.Add(context.Background(), rows, nil))
		fmt.Printf("%s: built in %.1f s; %s\n", parts[0], time.Since(start).Seconds(), x.Stats())
		for _, ef := range efs(parts) {
			all = append(all, own(parts[0], x, queries, ef))
		}
	}
	graphs := make(map[string][]point)
	fmt.Printf("%d items, width %d, %d neighbours, %d threads\n", n, *width, *k, runtime.NumCPU())
	for _, single := range []int{0, 1} {
		rates, found := make([][]float64, len(all)), make([][][]int, len(all))
		count := make([]int, len(all))
		for r := range *rounds + 1 {
			for i, e := range all {
				ids, seconds := e.run(single * max(1, count[i]))
				done := *batch
				if single == 1 {
					done = max(1, count[i])
				}
				if r == 0 { // to warm up, and to see how many single queries take a second
					count[i] = min(*batch, max(1, int(float64(done)/seconds)))
					found[i] = ids
					continue
				}
				rates[i] = append(rates[i], float64(done)/seconds)
			}
		}
		for i, e := range all {
			base, mine := median(rates[0]), median(rates[i])
			text := "single"
			if single == 0 {
				all[i].recall = recall(rows, queries, found[i])
				text = fmt.Sprintf("batch of %d, recall@%d %.4f", *batch, *k, all[i].recall)
			}
			if e.ef > 0 {
				graphs[e.peer] = append(graphs[e.peer], point{all[i].recall, mine})
			}
			fmt.Printf("%-28s %10.1f queries/s %6.2f times %s  %s\n", e.name, mine, mine/base, all[0].name, text)
		}
		for _, p := range graphs["hnsw"] {
			if peers := rateAt(graphs["hnswlib"], p.recall); peers > 0 {
				fmt.Printf("at recall@%d %.4f: %.1f queries/s, %.2f times hnswlib's %.1f\n", *k, p.recall, p.rate,
					p.rate/peers, peers)
			}
		}
		clear(graphs)
	}
}

// point is a rate at a recall.
type point struct{ recall, rate float64 }

// rateAt returns the rate at a recall on the line through those around it; 0 = it is outside of them.
func rateAt(all []point, recall float64) float64 {
	slices.SortFunc(all, func(a, b point) int { return cmp.Compare(a.recall, b.recall) })
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.recall <= recall && recall <= b.recall && a.recall < b.recall {
			return a.rate + (b.rate-a.rate)*(recall-a.recall)/(b.recall-a.recall)
		}
	}
	return 0
}

// efs returns those in the parts of a name; 0 = it has none.
func efs(parts []string) []int {
	out := []int{0}
	for i, part := range parts[1:] {
		ef, err := strconv.Atoi(part)
		check(err)
		out = append(out[:i], ef)
	}
	return out
}

// own is an engine of this package.
func own(name string, x search.Index, queries *embedding.Embeddings, ef int) engine {
	opt := search.Options{K: *k, Ef: ef, NoCertificate: true}
	e := engine{name: "siamese/search " + name, peer: name, ef: ef}
	if ef > 0 {
		e.name += fmt.Sprint(" ", ef)
	}
	e.run = func(single int) (ids [][]int, seconds float64) {
		start := time.Now()
		ask := func(z *embedding.Embeddings) {
			found, err := x.Search(context.Background(), z, opt)
			check(err)
			for _, list := range found.Lists {
				var some []int
				for _, one := range list {
					some = append(some, one.Item)
				}
				ids = append(ids, some)
			}
		}
		if single == 0 {
			ask(queries)
		}
		for q := range single {
			ask(&embedding.Embeddings{Values: queries.Row(q), N: 1, E: *width})
		}
		return ids, time.Since(start).Seconds()
	}
	return e
}

// peer starts the script, which answers in turns.
func peer(dir, name string) (stop func(), all []engine) {
	parts := strings.Split(name, ":")
	name = parts[0]
	cmd := exec.Command(*python, *script, name, dir, strconv.Itoa(*width), strconv.Itoa(*k), strconv.Itoa(runtime.NumCPU()))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check(err)
	out, err := cmd.StdoutPipe()
	check(err)
	check(cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<26)
	line := func() string {
		if !lines.Scan() {
			log.Fatalf("%s ended", name)
		}
		return lines.Text()
	}
	fmt.Println(line())
	ask := func(single, ef int) (ids [][]int, seconds float64) {
		_, err := fmt.Fprintln(in, single, ef)
		check(err)
		seconds, err = strconv.ParseFloat(line(), 64)
		check(err)
		for list := range strings.SplitSeq(line(), ";") {
			var some []int
			for id := range strings.FieldsSeq(list) {
				n, err := strconv.Atoi(id)
				check(err)
				some = append(some, n)
			}
			ids = append(ids, some)
		}
		return ids, seconds
	}
	for _, ef := range efs(parts) {
		e := engine{name: name, peer: name, ef: ef, run: func(single int) ([][]int, float64) { return ask(single, ef) }}
		if ef > 0 {
			e.name += fmt.Sprint(" ", ef)
		}
		all = append(all, e)
	}
	return func() { check(in.Close()); check(cmd.Wait()) }, all
}

// right are the exact answers, by number of items.
var right = map[int]*search.Found{}

// recall returns the share of the exact neighbours that were found; which of equals is no matter.
func recall(rows, queries *embedding.Embeddings, found [][]int) float64 {
	if right[rows.N] == nil {
		x, err := search.New(*width, search.Config{})
		check(err)
		check(x.Add(context.Background(), rows, nil))
		right[rows.N], err = x.Search(context.Background(), queries, search.Options{K: *k})
		check(err)
	}
	hits, of := 0, 0
	for q, list := range right[rows.N].Lists {
		last := float64(list[len(list)-1].Cosine)
		for _, id := range found[q] {
			if embedding.Dot(queries.Row(q), rows.Row(id)) >= last-1e-6 {
				hits++
			}
		}
		of += len(list)
	}
	return float64(hits) / float64(of)
}

// draw returns embeddings around centres, the same for every seed.
func draw(seed uint64, n int) *embedding.Embeddings {
	middle, rng := rand.New(rand.NewPCG(9, 9)), rand.New(rand.NewPCG(seed, 1))
	at := make([]float64, *around**width)
	for i := range at {
		at[i] = middle.NormFloat64()
	}
	z := &embedding.Embeddings{Values: make([]float32, n**width), N: n, E: *width}
	for i := range n {
		c := at[rng.IntN(*around)**width:]
		for j := range *width {
			z.Values[i**width+j] = float32(c[j] + *spread*rng.NormFloat64())
		}
	}
	z.ToUnit()
	return z
}

func bytesOf(values []float32) []byte {
	out := make([]byte, 0, 4*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
