// Command latency measures how long a cell of a notebook takes: its build with a warm cache, and its run beside a
// worker that stays, as under the lab's kernel. It prints the table of siamese/README.md.
//
//	go run ./siamese/session/testdata/latency
//
// It runs in the root of the checkout and takes about two minutes on two cores. Figures are medians in seconds.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

func main() {
	runs := flag.Int("runs", 5, "runs of each cell")
	items := flag.Int("items", 20_000, "items of the table")
	features := flag.Int("features", 2_000, "features of an item")
	flag.Parse()
	if err := measure(*runs, *items, *features); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

// measure prints the table.
func measure(runs, items, features int) error {
	dir, err := os.MkdirTemp("", "latency-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "items.npz")
	if err := table.Save(path, random(items, features)); err != nil {
		return err
	}
	if err := os.Setenv("SIAMESE_TABLE", path); err != nil {
		return err
	}
	if err := os.Setenv("SIAMESE_MODEL", filepath.Join(dir, "model.safetensors")); err != nil {
		return err
	}
	stop, err := startWorker(dir)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Println("| cell | build | run | both | measured in it |")
	fmt.Println("| --- | --- | --- | --- | --- |")
	for _, c := range cells {
		if err := c.measure(dir, runs); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// random returns items of 20 classes.
func random(n, f int) *data.Frame {
	rng := rand.New(rand.NewPCG(1, 2))
	out := &data.Frame{X: make([]float32, n*f), Blocks: []data.Block{{Name: "f", End: f}}}
	for j := range f {
		out.Columns = append(out.Columns, "f/"+strconv.Itoa(j))
	}
	centres := make([]float32, 20*f)
	for i := range centres {
		centres[i] = float32(rng.NormFloat64())
	}
	for i := range n {
		class := i % 20
		out.IDs = append(out.IDs, "item-"+strconv.Itoa(i))
		out.Labels = append(out.Labels, "class-"+strconv.Itoa(class))
		for j := range f {
			out.X[i*f+j] = centres[class*f+j] + 2*float32(rng.NormFloat64())
		}
	}
	return out
}

// startWorker does what the kernel does: it listens, and hands the socket to the worker.
func startWorker(dir string) (stop func(), err error) {
	worker := filepath.Join(dir, "siamese-session")
	if err := build(worker, "./siamese/cmd/siamese-session"); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, err
	}
	file, err := listener.File()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(worker, "-checkout", root)
	cmd.Stdin, cmd.Stderr, cmd.ExtraFiles = read, os.Stderr, []*os.File{file}
	cmd.Env = append(os.Environ(), "SIAMESE_LAB_DIR="+labDir(dir))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = write.Close()
		_ = cmd.Wait()
	}, os.Setenv("SIAMESE_SESSION", socket)
}

// labDir returns a lab's directory with the plugin of the usual one and without its values.
func labDir(dir string) string {
	usual := os.Getenv("SIAMESE_LAB_DIR")
	if usual == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return dir
		}
		usual = filepath.Join(cache, "siamese-lab")
	}
	out := filepath.Join(dir, "lab")
	_ = os.MkdirAll(out, 0o700)
	_ = os.Symlink(filepath.Join(usual, "plugin"), filepath.Join(out, "plugin")) // without it the Go backend computes
	return out
}

// build builds a program as the kernel builds a cell.
func build(out, pkg string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-linkmode=internal -s -w", "-o", out, pkg)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
	}
	return nil
}

// measure builds and runs the cell some times, each with another comment, so that it is compiled, and prints medians.
func (c cell) measure(dir string, runs int) error {
	folder, err := os.MkdirTemp(filepath.Join("siamese", "session", "testdata"), "cell-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	var builds, ran, both, own []float64
	for i := range runs + 1 {
		source := strings.ReplaceAll(c.source, "RUN", strconv.Itoa(i))
		if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(source), 0o600); err != nil {
			return err
		}
		program, begun := filepath.Join(dir, "cell"), time.Now()
		if err := build(program, "./"+folder); err != nil {
			return err
		}
		built := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		cmd := exec.CommandContext(ctx, program)
		cmd.Env = append(os.Environ(), "SIAMESE_LAB_DIR="+filepath.Join(dir, "lab"))
		var out, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problems
		err := cmd.Run()
		cancel()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, problems.String())
		}
		if i == 0 { // warms the caches
			continue
		}
		ended := time.Now()
		builds, ran = append(builds, built.Sub(begun).Seconds()), append(ran, ended.Sub(built).Seconds())
		both = append(both, ended.Sub(begun).Seconds())
		if v, err := strconv.ParseFloat(strings.TrimSpace(out.String()), 64); err == nil {
			own = append(own, v)
		}
	}
	inside := ""
	if len(own) > 0 {
		inside = fmt.Sprintf("%s %.3f", c.inside, median(own))
	}
	fmt.Printf("| %s | %.2f | %.2f | %.2f | %s |\n", c.name, median(builds), median(ran), median(both), inside)
	return nil
}

// median returns the middle value.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
