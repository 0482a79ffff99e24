package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// key says what was measured.
type key struct {
	Set      string
	Variant  variant
	Protocol string
	Seed     uint64
	Method   string
}

// results are values of MAP@R, kept in a file of JSON lines.
type results struct {
	values map[key]float64
	file   *os.File // nil = none
}

// line is a line of the file.
type line struct {
	Key   key
	Value float64
}

// openResults reads the results that a folder has, if there are any; "" = no folder.
func openResults(dir string) (*results, error) {
	r := &results{values: map[key]float64{}}
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

func (r *results) has(k key) bool {
	_, ok := r.values[k]
	return ok
}

func (r *results) add(k key, v float64) error {
	r.values[k] = v
	fmt.Fprintf(os.Stderr, "%+v: %.4f\n", k, v)
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line{k, v})
}

// table prints a table for every way to bring sets to the same width: a row for every set, a column for every method
// and kind of items. The folds of held-out classes are one column, their mean; so are splits.
func (r *results) table(protocols []protocol) {
	kinds := map[string][]protocol{}
	var names []string
	for _, p := range protocols {
		kind, _, folds := strings.Cut(p.name, ": ")
		if !folds || kind == "test" {
			kind = p.name
		}
		if kinds[kind] == nil {
			names = append(names, kind)
		}
		kinds[kind] = append(kinds[kind], p)
	}
	for _, v := range variants {
		fmt.Printf("\n%+v\n\n| |", v)
		for _, m := range []string{cosine, byPLDA, alone, blended} {
			for _, kind := range names {
				fmt.Printf(" %s, %s |", m, kind)
			}
		}
		fmt.Println()
		for _, s := range sets {
			fmt.Printf("| %s |", s.name)
			for _, m := range []string{cosine, byPLDA, alone, blended} {
				for _, kind := range names {
					fmt.Printf(" %s |", r.mean(s.name, v, kinds[kind], m))
				}
			}
			fmt.Println()
		}
	}
}

// mean is that of some protocols with their range, or what is missing.
func (r *results) mean(set string, v variant, protocols []protocol, method string) string {
	var values []float64
	var sum float64
	for _, p := range protocols {
		if value, ok := r.values[key{set, v, p.name, p.seed, method}]; ok {
			values, sum = append(values, value), sum+value
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case len(values) < len(protocols):
		return fmt.Sprintf("%.3f (%d of %d)", sum/float64(len(values)), len(values), len(protocols))
	case len(values) == 1:
		return fmt.Sprintf("%.3f", sum)
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", sum/float64(len(values)), slices.Min(values), slices.Max(values))
}
