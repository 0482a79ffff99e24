// Package kept keeps what a study has measured in a file of JSON lines, so that a run that was stopped goes on.
package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Values are measured values by what was measured.
type Values[K comparable, V any] struct {
	values map[K]V
	file   *os.File // nil = none
}

// line is a line of the file.
type line[K comparable, V any] struct {
	Key   K
	Value V
}

// Open reads the values that a folder has in results.jsonl, if there are any, and makes the folder; "" = nothing is
// kept. A line that is not whole is an error.
func Open[K comparable, V any](dir string) (*Values[K, V], error) {
	r := &Values[K, V]{values: map[K]V{}}
	if dir == "" {
		return r, nil
	}
	path := filepath.Join(dir, "results.jsonl")
	err := os.MkdirAll(dir, 0o755)
	if err != nil {
		return nil, err
	}
	if r.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
		return nil, err
	}
	for d := json.NewDecoder(r.file); ; {
		var l line[K, V]
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return r, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		r.values[l.Key] = l.Value
	}
}

// Value returns the value of k, if it is known.
func (r *Values[K, V]) Value(k K) (V, bool) {
	v, ok := r.values[k]
	return v, ok
}

// Of returns the value of k, zero if it is not known.
func (r *Values[K, V]) Of(k K) V { return r.values[k] }

// Has reports whether the value of k is known.
func (r *Values[K, V]) Has(k K) bool {
	_, ok := r.values[k]
	return ok
}

// Add prints a value to standard error and keeps it.
func (r *Values[K, V]) Add(k K, v V) error {
	r.values[k] = v
	fmt.Fprintf(os.Stderr, "%+v: %+v\n", k, v)
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line[K, V]{k, v})
}

// Spread is the mean of values with their range, rounded to digits.
func Spread(values []float64, digits int) string {
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	switch len(values) {
	case 0:
		return "not measured"
	case 1:
		return fmt.Sprintf("%.*f", digits, mean)
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, mean, digits, slices.Min(values), digits, slices.Max(values))
}
