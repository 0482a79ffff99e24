package main

import (
	"fmt"
	"syscall"
	"time"

	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/testdata/kept"
)

// key names a split.
type key struct {
	Protocol string
	Seed     uint64
}

// table prints MAP@R by method and protocol, the mean of the splits with its 95 % interval, and the mean of the
// processor times over all of them.
func table(r *kept.Values[key, []row], splits uint64) error {
	head, rule := "| |", "| --- |"
	for _, p := range protocols {
		head, rule = head+" "+p.name+" |", rule+" --- |"
	}
	fmt.Println(head + " fit, CPU s | compare, CPU s |\n" + rule + " --- | --- |")
	for i, first := range r.Of(key{protocols[0].name, 1}) {
		fmt.Printf("| %s |", first.Name)
		var fit, compare, n float64
		for _, p := range protocols {
			var values []float64
			for seed := uint64(1); seed <= splits; seed++ {
				one := r.Of(key{p.name, seed})[i]
				values = append(values, one.MAPAtR)
				fit, compare, n = fit+one.Fit, compare+one.Compare, n+1
			}
			if len(values) == 1 {
				fmt.Printf(" %.3f (one split) |", values[0])
				continue
			}
			s, err := stats.Seeds(values, 0)
			if err != nil {
				return err
			}
			fmt.Printf(" %.3f [%.3f, %.3f] |", s.Mean.Value, s.Mean.Low, s.Mean.High)
		}
		fmt.Printf(" %.1f | %.1f |\n", fit/n, compare/n)
	}
	return nil
}

// processorTime returns the seconds that all cores have worked for this process.
func processorTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return (time.Duration(u.Utime.Nano()) + time.Duration(u.Stime.Nano())).Seconds()
}
