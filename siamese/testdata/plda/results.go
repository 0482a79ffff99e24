package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-siamese/lab/siamese/stats"
)

// key names a split.
type key struct {
	Protocol string
	Seed     uint64
}

// line is a line of the file of results: all of one split.
type line struct {
	Key  key
	Rows []row
}

// results are those of every split, kept in a file of JSON lines.
type results struct {
	splits map[key][]row
	file   *os.File // nil = none
}

// openResults reads the results that a folder has, if there are any; "" = no folder.
func openResults(dir string) (*results, error) {
	r := &results{splits: map[key][]row{}}
	if dir == "" {
		return r, nil
	}
	path := filepath.Join(dir, "plda.jsonl")
	err := os.MkdirAll(dir, 0o755)
	if err != nil {
		return nil, err
	}
	if r.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	for d := json.NewDecoder(r.file); ; {
		var l line
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		r.splits[l.Key] = l.Rows
	}
	_, err = r.file.Seek(0, io.SeekEnd)
	return r, err
}

func (r *results) add(k key, rows []row) error {
	r.splits[k] = rows
	fmt.Fprintf(os.Stderr, "%s, split %d: %+v\n", k.Protocol, k.Seed, rows)
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line{k, rows})
}

// table prints MAP@R by method and protocol, the mean of the splits with its 95 % interval, and the mean of the
// processor times over all of them.
func (r *results) table(splits uint64) error {
	head, rule := "| |", "| --- |"
	for _, p := range protocols {
		head, rule = head+" "+p.name+" |", rule+" --- |"
	}
	fmt.Println(head + " fit, CPU s | compare, CPU s |\n" + rule + " --- | --- |")
	for i, first := range r.splits[key{protocols[0].name, 1}] {
		fmt.Printf("| %s |", first.Name)
		var fit, compare, n float64
		for _, p := range protocols {
			var values []float64
			for seed := uint64(1); seed <= splits; seed++ {
				one := r.splits[key{p.name, seed}][i]
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
