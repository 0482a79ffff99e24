//go:build linux

// Command endurance trains, sweeps, writes indexes, searches and serves for hours with the command siamese, while
// processes are killed at random points, disks are full and memory is short; and says what was lost by it:
//
//	go run ./siamese/testdata/endurance --for 2h --kills 50 --seed 1
//
// Each job runs undisturbed first. From then on every job that was cut is started again by the same command, and has to
// end with the same bytes, leave no other file, no process and no temporary file. A training that goes on may repeat
// the epoch in which it was cut, no more. A server has to give the same bytes as the first one to every question, and
// may not grow in memory, open files or goroutines while it lives.
//
// It needs Linux; as root it mounts a small disk, and makes a control group with little memory. Where it cannot, it
// says what was not tried. What it prints last is one line a fault, or "no faults"; with a fault its status is 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/stop"
)

func main() {
	log.SetFlags(0)
	duration := flag.Duration("for", 2*time.Hour, "how long, without the runs at the beginning")
	kills := flag.Int("kills", 50, "how many processes are killed")
	seed := flag.Uint64("seed", 1, "of jobs, signals and times")
	backend := flag.String("backend", "", "backend; default: the best that is installed")
	program := flag.String("program", "", "the command siamese; default: it is built")
	flag.Parse()
	if flag.NArg() > 0 || *duration <= 0 || *kills < 0 {
		log.Fatal("endurance --for TIME --kills N --seed N [--backend NAME] [--program FILE]")
	}
	ctx := stop.OnSignal(context.Background())
	work, err := os.MkdirTemp("", "endurance-*")
	if err != nil {
		log.Fatal(err)
	}
	l := &lab{work: work, program: *program, backend: *backend, seen: map[string]int{}}
	err = l.all(ctx, *duration, *kills, *seed)
	if err := errors.Join(err, os.RemoveAll(work)); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}

// all prepares, works until the time is over, and prints what was seen. It returns an error if there were faults.
func (l *lab) all(ctx context.Context, duration time.Duration, kills int, seed uint64) error {
	if l.program == "" {
		l.program = filepath.Join(l.work, "siamese")
		build := exec.CommandContext(ctx, "go", "build", "-o", l.program, "./siamese/cmd/siamese")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	begun := time.Now()
	fmt.Printf("prepared; %v with %d kills begin, seed %d, backend %q\n", duration, kills, seed, l.backend)
	working, done := context.WithTimeout(ctx, duration)
	defer done()
	plan := killsAt(rand.New(rand.NewPCG(seed, 1)), kills, duration)
	killed := make(chan int)
	go func() { killed <- l.kill(working, begun, plan) }()
	served := make(chan struct{})
	go func() {
		defer close(served)
		l.serve(working, begun)
	}()
	rng := rand.New(rand.NewPCG(seed, 2))
	for working.Err() == nil {
		l.job(ctx, rng) // a job that has begun ends, so that its bytes are compared
	}
	<-served
	if done := <-killed; done < kills && ctx.Err() == nil {
		l.fault("only %d of %d kills hit a process", done, kills)
	}
	fmt.Printf("\nafter %v:\n", time.Since(begun).Round(time.Second))
	l.print()
	if n := len(l.faults); n > 0 {
		return fmt.Errorf("%d faults", n)
	}
	return context.Cause(ctx)
}

// planned is a kill: when, of what, by which signal.
type planned struct {
	at     time.Duration
	lane   int
	signal syscall.Signal
}

// killsAt draws n kills, one at a random point of each n-th of the time.
func killsAt(rng *rand.Rand, n int, duration time.Duration) []planned {
	var plan []planned
	for i := range n {
		p := planned{at: time.Duration((float64(i) + 0.9*rng.Float64()) / float64(n) * float64(duration)), lane: laneJobs,
			signal: syscall.SIGKILL}
		if rng.IntN(4) == 0 {
			p.lane = laneServer
		}
		switch rng.IntN(8) {
		case 0:
			p.signal = syscall.SIGTERM
		case 1:
			p.signal = syscall.SIGINT
		}
		plan = append(plan, p)
	}
	return plan
}

// kill kills what the plan says, and returns how many processes it has hit.
func (l *lab) kill(ctx context.Context, begun time.Time, plan []planned) int {
	hit := 0
	for _, p := range plan {
		select {
		case <-ctx.Done():
			return hit
		case <-time.After(time.Until(begun.Add(p.at))):
		}
		for !l.signal(p) { // between two processes
			select {
			case <-ctx.Done():
				return hit
			case <-time.After(5 * time.Millisecond):
			}
		}
		hit++
	}
	return hit
}

// print prints counts in the order of their names, and then the faults.
func (l *lab) print() {
	for _, name := range slices.Sorted(maps.Keys(l.seen)) {
		fmt.Printf("  %-44s %d\n", name, l.seen[name])
	}
	for _, fault := range l.faults {
		fmt.Println("fault:", fault)
	}
	if len(l.faults) == 0 {
		fmt.Println("no faults: no work lost, nothing leaked, no process left")
	}
}
