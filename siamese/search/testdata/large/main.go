// Command large makes an index of many synthetic embeddings, part by part, and searches it in a process of its own:
// int8 codes in memory, the float32 rows in the file.
//
//	go run ./siamese/search/testdata/large -n 10000000 -dir /tmp/large
//
// It prints queries a second in batches, the CPU seconds of a query, the recall@10 from exact answers to a sample, and
// the most memory that each process had (VmHWM). It needs n (8 E + 30) bytes of disk while the index is made and half
// of that afterwards; an index that is there is searched again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

var (
	n       = flag.Int("n", 1000000, "items")
	width   = flag.Int("e", 256, "embedding width")
	centres = flag.Int("centres", 10000, "centres")
	spread  = flag.Float64("spread", 1, "standard deviation of an item around its centre, where centres have 1")
	dir     = flag.String("dir", os.TempDir(), "folder for the index")
	batch   = flag.Int("q", 1000, "queries in a batch")
	rounds  = flag.Int("rounds", 3, "batches")
	sample  = flag.Int("sample", 100, "queries that the recall is measured on")
	part    = flag.String("part", "", "make or search; both in processes of their own without it")
)

func main() {
	flag.Parse()
	debug.SetGCPercent(25) // as the command has it with an index
	path := filepath.Join(*dir, fmt.Sprintf("large-%d-%d.index", *n, *width))
	switch *part {
	case "make":
		write(path)
	case "search":
		ask(path)
	default:
		parts := []string{"make", "search"}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			parts = parts[1:]
		}
		for _, p := range parts {
			cmd := exec.Command(os.Args[0], append([]string{"-part", p}, os.Args[1:]...)...)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			check(cmd.Run())
		}
	}
}

// write makes the index.
func write(path string) {
	start := time.Now()
	x, err := search.New(*width, search.Config{Storage: search.Int8, Scratch: *dir, Room: *n})
	check(err)
	const some = 1 << 15
	told := time.Now()
	for from := 0; from < *n; from += some {
		check(x.Add(context.Background(), draw(uint64(1+from/some), min(some, *n-from)), nil))
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			fmt.Fprintf(os.Stderr, "%d of %d items\n", from, *n)
		}
	}
	check(x.Save(path))
	check(x.Close())
	fmt.Printf("made in %.0f s, %.1f s of the CPUs, at most %s\n", time.Since(start).Seconds(), cpu(), most())
}

// ask searches it.
func ask(path string) {
	start := time.Now()
	x, err := search.Load(context.Background(), path)
	check(err)
	fmt.Printf("loaded in %.0f s, %.1f s of the CPUs: %s\n", time.Since(start).Seconds(), cpu(), x.Stats())
	for r := range *rounds {
		queries := draw(uint64(1<<40+r), *batch)
		began, used := time.Now(), cpu()
		found, err := x.Search(context.Background(), queries, search.Options{NoCertificate: true})
		check(err)
		seconds, used := time.Since(began).Seconds(), cpu()-used
		fmt.Printf("batch of %d: %.1f queries/s, %.4f s of the CPUs a query, %d threads\n", *batch,
			float64(*batch)/seconds, used/float64(*batch), runtime.GOMAXPROCS(0))
		if r == 0 {
			fmt.Println("without exact answers: at most", most())
			c, err := x.Certify(context.Background(), queries, found, search.Options{Sample: *sample})
			check(err)
			fmt.Println(c)
		}
	}
	fmt.Println("at most", most())
	check(x.Close())
}

// draw returns embeddings around centres that are the same for every seed; each row is a stream of its own.
func draw(seed uint64, rows int) *embedding.Embeddings {
	z := &embedding.Embeddings{Values: make([]float32, rows**width), N: rows, E: *width}
	const some = 256
	parallel.For((rows+some-1)/some, func(p int) {
		for i := p * some; i < min(rows, (p+1)*some); i++ {
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			centre := rand.New(rand.NewPCG(9, uint64(rng.IntN(*centres))))
			for j := range *width {
				z.Values[i**width+j] = float32(centre.NormFloat64() + *spread*rng.NormFloat64())
			}
		}
	})
	z.ToUnit()
	return z
}

// cpu returns the seconds of the CPUs that this process took.
func cpu() float64 {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// most returns the most memory that this process had.
func most() string {
	text, err := os.ReadFile("/proc/self/status")
	check(err)
	kb, err := strconv.Atoi(string(regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(text)[1]))
	check(err)
	return fmt.Sprintf("%.2f GB of memory", float64(kb)*1024/1e9)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
