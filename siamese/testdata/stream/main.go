// Stream trains for an epoch on generated items, more than the memory holds if asked for, and prints what the process
// takes and how many pairs a second and a CPU second it does:
//
//	GOMEMLIMIT=1GiB go run ./siamese/testdata/stream -items 10000000 -features 512 -dir /big/disk
//	go run ./siamese/testdata/stream -items 200000 -in-memory    # for comparison
//	go run ./siamese/testdata/stream -items 20000 -features 64 -small -test 1000000 # and evaluates
//
// The features are in a file of 4 bytes a number in the folder, which is removed at the end. It works on Linux, whose
// /proc has what is printed. The last line has the hash of the trained weights: those of a run in memory are the same.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/loss"
	results "github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// classes is the number of classes of the items.
const classes = 1000

func main() {
	items := flag.Int("items", 1_000_000, "training items")
	features := flag.Int("features", 512, "features of an item")
	pairs := flag.Int("pairs", 0, "pairs of the epoch; 0 = half of the items, so that each comes about once")
	name := flag.String("backend", "", `"xla", "go" or "" = XLA if it is installed`)
	dir := flag.String("dir", os.TempDir(), "`folder` for the features")
	preset := flag.String("loss", "mse", "mse (pairs) or supcon (classes)")
	small := flag.Bool("small", false, "layers of 256 and 64 units instead of the default ones")
	inMemory := flag.Bool("in-memory", false, "hold all in memory")
	test := flag.Int("test", 0, "items to evaluate on, by estimates from 2,000 queries")
	flag.Parse()
	if err := run(*items, *features, *pairs, *name, *dir, *preset, *small, *inMemory, *test); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(items, features, pairs int, name, dir, preset string, small, inMemory bool, test int) error {
	cfg := siamese.DefaultConfig()
	var err error
	if cfg.Loss, err = loss.Default(preset); err != nil {
		return err
	}
	cfg.Epochs, cfg.PairsPerEpoch = 1, pairs
	if pairs == 0 {
		cfg.PairsPerEpoch = items / 2
	}
	if preset != "mse" {
		cfg.Monitor = siamese.MonitorMAP
	}
	if small {
		cfg.Layers = []int{256, 64}
	}
	val := known("val", 5_000, features)
	val.X = make([]float32, val.N()*features)
	rng := rand.New(rand.NewPCG(2, 1))
	for i := range val.N() {
		row(val.Row(i), i, rng)
	}
	train, err := generate("train", items, features, dir, 1)
	if err != nil {
		return err
	}
	if inMemory {
		train.X = append([]float32(nil), train.X...)
	}
	backend, err := siamese.OpenBackend(name)
	if err != nil {
		return err
	}
	fmt.Println(backend.Why)
	told := report("before training")
	begun, stepping, cpu := time.Now(), time.Time{}, 0.0
	result, err := siamese.Train(context.Background(), backend, cfg, train, val, siamese.TrainOptions{
		Stream: !inMemory, Progress: func(p siamese.Progress) {
			if stepping.IsZero() && p.Step > 0 {
				stepping, cpu = time.Now(), seconds()
				told = report(fmt.Sprintf("prepared in %.0f s", time.Since(begun).Seconds()))
			}
			if p.Step == p.Steps {
				fmt.Printf("%.0f pairs/s\n", p.PairsPerSec)
			}
		}})
	if err != nil {
		return err
	}
	fmt.Printf("an epoch of %d pairs: %.0f pairs a CPU second, validation included\n", cfg.PairsPerEpoch,
		float64(cfg.PairsPerEpoch)/(seconds()-cpu))
	hash := crc32.NewIEEE()
	for _, layer := range result.Model.Layers {
		_ = binary.Write(hash, binary.LittleEndian, layer.Weights) // a hash never fails
	}
	if told == nil {
		told = report("at the end")
	}
	fmt.Printf("weights %08x\n", hash.Sum32())
	if test == 0 || told != nil {
		return told
	}
	return assess(backend, result.Model, val, test, dir, inMemory)
}

// assess evaluates the model on generated items beside features without training.
func assess(backend *siamese.Backend, m *siamese.Model, val *data.Frame, items int, dir string, inMemory bool) error {
	test, err := generate("test", items, val.F(), dir, 3)
	if err != nil {
		return err
	}
	if inMemory {
		test.X = append([]float32(nil), test.X...)
	}
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the peak begins anew
		return err
	}
	if err := report("before the evaluation"); err != nil {
		return err
	}
	begun, cpu := time.Now(), seconds()
	compared, err := evaluate.Items(context.Background(), backend, evaluate.One(m), "new items", val, test,
		evaluate.Options{Estimate: 2000, EstimateSeed: 42, Stage: func(what string) {
			fmt.Printf("%.0f CPU s: %s\n", seconds()-cpu, what)
		}})
	if err != nil {
		return err
	}
	r := compared.One()
	for _, f := range []*results.Metrics{&r.Trained, &r.Baseline} {
		fmt.Printf("%s: MAP@R %.6f, ROC-AUC %.6f\n", f.Name, f.Values[stats.MAPAtR], f.Values[stats.ROCAUC])
	}
	fmt.Printf("evaluated in %.0f s, %.0f CPU s\n", time.Since(begun).Seconds(), seconds()-cpu)
	return report("at the end")
}

// generate returns items whose features are in a file that is gone when the process ends.
func generate(prefix string, items, features int, dir string, seed uint64) (*data.Frame, error) {
	if err := ondisk.CheckDisk("the features", dir, 4*float64(items)*float64(features)); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "stream-*.f32")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	defer os.Remove(file.Name())
	to, rng := bufio.NewWriterSize(file, 1<<20), rand.New(rand.NewPCG(seed, 1))
	x, b := make([]float32, features), make([]byte, 0, 4*features)
	for i := range items {
		row(x, i, rng)
		b = b[:0]
		for _, v := range x {
			b = binary.NativeEndian.AppendUint32(b, math.Float32bits(v))
		}
		if _, err := to.Write(b); err != nil {
			return nil, err
		}
	}
	if err := to.Flush(); err != nil {
		return nil, err
	}
	f := known(prefix, items, features)
	f.X, _, err = ondisk.Map(file, 0, items*features)
	return f, err
}

// known returns items without features.
func known(prefix string, items, features int) *data.Frame {
	f := &data.Frame{Blocks: []data.Block{{Name: "x", End: features}}, IDs: make([]string, items),
		Labels: make([]string, items)}
	var labels [classes]string
	for c := range labels {
		labels[c] = strconv.Itoa(c)
	}
	for i := range items {
		f.IDs[i], f.Labels[i] = prefix+strconv.Itoa(i), labels[i%classes]
	}
	for k := range features {
		f.Columns = append(f.Columns, "x/"+strconv.Itoa(k))
	}
	return f
}

// row fills x with noise about the mean of the class of item i, which every third feature has.
func row(x []float32, i int, rng *rand.Rand) {
	means := rand.New(rand.NewPCG(uint64(i%classes), 2))
	for k := range x {
		x[k] = 4 * (rng.Float32() - 0.5)
		if k%3 == 0 {
			x[k] += 2 * (means.Float32() - 0.5)
		}
	}
}

// seconds is the CPU time of the process.
func seconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return math.NaN()
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// report prints the memory of the process and its CPU time.
func report(when string) error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	value := map[string]float64{} // MB
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 {
			kib, _ := strconv.ParseFloat(fields[1], 64) // others are no numbers, and not used
			value[fields[0]] = kib * 1024 / 1e6
		}
	}
	fmt.Printf("%s: %.0f MB, of these files %.0f MB; peak %.0f MB; %.0f CPU s; limit of Go %.0f MB\n", when,
		value["VmRSS:"], value["RssFile:"], value["VmHWM:"], seconds(), float64(debug.SetMemoryLimit(-1))/1e6)
	return nil
}
