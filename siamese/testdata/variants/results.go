package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// key says what was measured.
type key struct {
	Row      string
	Protocol string
	Seed     uint64
	Times    float64 // the epochs of the row
}

// value is what was found: MAP@R, and what the training took.
type value struct {
	Alone    float64 // the encoder; of two both ways
	OneWay   float64 // of two encoders, queries by one and the gallery by the other
	Beside   float64 // with the whitened components, share .5
	Features float64 // these alone
	Steps    int
	CPU      float64 // processor seconds of training
	Loss     float64
}

// results are kept in a file of JSON lines.
type results struct {
	values map[key]value
	file   *os.File // nil = none
}

// line is a line of the file.
type line struct {
	Key   key
	Value value
}

// openResults reads the results that a folder has, if there are any; "" = no folder.
func openResults(dir string) (*results, error) {
	r := &results{values: map[key]value{}}
	if dir == "" {
		return r, nil
	}
	path := filepath.Join(dir, "results.jsonl")
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
		r.values[l.Key] = l.Value
	}
	_, err = r.file.Seek(0, io.SeekEnd)
	return r, err
}

func (r *results) add(k key, v value) error {
	r.values[k] = v
	fmt.Fprintf(os.Stderr, "%+v: %+v\n", k, v)
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line{k, v})
}

// table prints a row for every variant, with means and ranges of its splits.
func (r *results) table(splits uint64, times float64) {
	fmt.Print("| loss | encoder | input | epochs | CPU seconds |")
	for _, p := range protocols {
		fmt.Printf(" %s: alone | beside components |", p.name)
	}
	fmt.Println()
	for _, v := range variants {
		var seconds []float64
		var cells string
		for _, p := range protocols {
			var alone, oneWay, beside []float64
			for seed := uint64(1); seed <= splits; seed++ {
				if found, ok := r.values[key{v.name(), p.name, seed, times}]; ok {
					alone, beside = append(alone, found.Alone), append(beside, found.Beside)
					oneWay, seconds = append(oneWay, found.OneWay), append(seconds, found.CPU)
				}
			}
			cells += fmt.Sprintf(" %s |", spread(alone, 3))
			if v.encoders == 2 {
				cells += fmt.Sprintf(" one way %s |", spread(oneWay, 3))
				continue
			}
			cells += fmt.Sprintf(" %s |", spread(beside, 3))
		}
		fmt.Printf("| %s | %g | %s |%s\n", v.name(), times*v.epochs, spread(seconds, 0), cells)
	}
	fmt.Printf("| whitened components, no encoder | | | | |")
	for _, p := range protocols {
		var values []float64
		for seed := uint64(1); seed <= splits; seed++ {
			if found, ok := r.values[key{variants[0].name(), p.name, seed, times}]; ok {
				values = append(values, found.Features)
			}
		}
		fmt.Printf(" %s | |", spread(values, 3))
	}
	fmt.Println()
}

// spread is the mean of values with their range.
func spread(values []float64, digits int) string {
	if len(values) == 0 {
		return "not measured"
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	if len(values) == 1 {
		return fmt.Sprintf("%.*f (one)", digits, mean)
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, mean, digits, slices.Min(values), digits, slices.Max(values))
}
