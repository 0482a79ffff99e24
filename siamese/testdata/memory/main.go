// Memory trains with the default configuration for some minutes and prints what the process takes after every epoch, in
// MB of resident memory, and the most that it ever took:
//
//	go run ./siamese/testdata/memory -minutes 30
//
// It works on Linux, whose /proc has both. "Beyond" is what the process takes besides the caller's frames and the
// matrix of training items that the backend holds; the program itself and the code of libraries are part of it. It
// should stay below 300 MB, and flat.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

func main() {
	minutes := flag.Float64("minutes", 10, "how long to train")
	items := flag.Int("items", 20_000, "training items; validation has a tenth")
	features := flag.Int("features", 2_000, "features of an item")
	pairs := flag.Int("pairs", siamese.DefaultConfig().PairsPerEpoch, "training pairs of an epoch")
	name := flag.String("backend", "", `"xla", "go" or "" = XLA if it is installed`)
	state := flag.String("state", "", "`folder` for the run's state; empty = none is saved")
	flag.Parse()
	if err := run(*minutes, *items, *features, *pairs, *name, *state); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(minutes float64, items, features, pairs int, name, state string) error {
	train, val := synthetic("train", items, features, 1), synthetic("val", items/10, features, 2)
	frames, matrix := megabytes(len(train.X)+len(val.X)), megabytes(len(train.X))
	fmt.Printf("frames %.0f MB, resident matrix %.0f MB\n", frames, matrix)
	if err := report("with the frames", 0); err != nil {
		return err
	}
	backend, err := siamese.OpenBackend(name)
	if err != nil {
		return err
	}
	fmt.Println(backend.Why)
	if err := report("with the backend", frames); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(minutes*float64(time.Minute)))
	defer cancel()
	cfg := siamese.DefaultConfig()
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience = pairs, 1_000_000, 0
	begun := time.Now()
	var failed error
	_, err = siamese.Train(ctx, backend, cfg, train, val,
		siamese.TrainOptions{State: state, Progress: func(p siamese.Progress) {
			if p.Step == p.Steps {
				failed = errors.Join(failed, report(fmt.Sprintf("%5.0f s, epoch %d", time.Since(begun).Seconds(),
					p.Epoch),
					frames+matrix))
			}
		}})
	if !errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(err, failed)
	}
	return errors.Join(failed, report("at the end", frames+matrix))
}

// report prints the memory of the process, what of it is beyond known MB, and the peak.
func report(when string, known float64) error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	value := map[string]float64{} // MB
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if kib, err := strconv.ParseFloat(fields[1], 64); err == nil {
			value[fields[0]] = kib * 1024 / 1e6
		}
	}
	now, peak := value["VmRSS:"], value["VmHWM:"]
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("%s: %.0f MB, %.0f beyond; peak %.0f MB, %.0f beyond; of these Go %.0f MB, files %.0f MB\n",
		when, now, now-known, peak, peak-known, float64(m.Sys-m.HeapReleased)/1e6, value["RssFile:"])
	return nil
}

func megabytes(floats int) float64 { return float64(floats) * 4 / 1e6 }

// synthetic returns items of 20 classes: a class mean in every third feature, and noise.
func synthetic(prefix string, n, features int, seed uint64) *data.Frame {
	rng, means := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(0, 2))
	const classes = 20
	mean := make([]float32, classes*features)
	for k := 0; k < len(mean); k += 3 {
		mean[k] = float32(means.NormFloat64())
	}
	f := &data.Frame{X: make([]float32, n*features), Blocks: []data.Block{{Name: "x", Start: 0, End: features}}}
	for i := range n {
		f.IDs, f.Labels = append(f.IDs, prefix+strconv.Itoa(i)), append(f.Labels, strconv.Itoa(i%classes))
		for k := range features {
			f.X[i*features+k] = mean[i%classes*features+k] + 4*(rng.Float32()-0.5)
		}
	}
	for k := range features {
		f.Columns = append(f.Columns, "x/"+strconv.Itoa(k))
	}
	return f
}
