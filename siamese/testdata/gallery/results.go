package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// key says what was measured.
type key struct {
	Protocol       string // or "choice"
	Seed           uint64
	Representation string
	Size           int
	Method         method
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

func (r *results) value(k key) (float64, bool) {
	v, ok := r.values[k]
	return v, ok
}

func (r *results) add(k key, v float64) error {
	r.values[k] = v
	fmt.Fprintf(os.Stderr, "%s, split %d, %s, %d items, %v: %.4f\n", k.Protocol, k.Seed, k.Representation, k.Size,
		k.Method, v)
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line{k, v})
}

// table prints a row for every size: MAP@R without a gallery, and what each method adds to it on the same split.
func (l *lab) table(splits int, small bool) error {
	for _, p := range protocols {
		for _, name := range representations {
			fmt.Printf("\n%s, %s\n\n| gallery | no gallery | expansion, k 30 | re-ranking, defaults | expansion, chosen | "+
				"re-ranking, chosen | both, chosen |\n| --- | --- | --- | --- | --- | --- | --- |\n", p.name, name)
			for _, size := range append(slices.Clone(sizes), whole) {
				if small && size == whole {
					continue
				}
				if err := l.row(p, name, size, splits); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *lab) row(p protocol, name string, size, splits int) error {
	fmt.Printf("| %d |", size)
	for i, m := range l.methods(name, size) {
		var values []float64
		for seed := uint64(1); seed <= uint64(splits); seed++ {
			v, ok := l.results.value(key{p.name, seed, name, size, m})
			if !ok {
				continue
			}
			if i > 0 {
				v -= l.results.values[key{p.name, seed, name, size, method{}}]
			}
			values = append(values, v)
		}
		text := "not measured"
		switch len(values) {
		case 0:
		case 1:
			text = fmt.Sprintf("%.3f (one split)", values[0])
		case 2: // of two there is no interval worth the name
			text = fmt.Sprintf("%.3f (%.3f and %.3f)", (values[0]+values[1])/2, values[0], values[1])
		default:
			s, err := stats.Seeds(values, 0)
			if err != nil {
				return err
			}
			text = fmt.Sprintf("%.3f [%.3f, %.3f]", s.Mean.Value, s.Mean.Low, s.Mean.High)
		}
		if i > 0 && len(values) > 0 && text[0] != '-' {
			text = "+" + text
		}
		if i > 2 {
			text = m.String() + ": " + text
		}
		fmt.Printf(" %s |", text)
	}
	fmt.Println()
	return nil
}
