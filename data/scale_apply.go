package data

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Apply writes (src - Mean) * Inverse to dst, both whole rows [N, F] with the columns in the
// scaler's order (see [Scaler.Match]). dst may be src. Columns that were constant
// when it was fitted become 0 whatever finite value src holds; NaN stays NaN everywhere.
// Lengths that differ or are no whole rows are errors. Many rows are done in parallel.
func (s *Scaler) Apply(dst, src []float32) error {
	width := len(s.Columns)
	if len(dst) != len(src) || width == 0 || len(src)%width != 0 {
		return fmt.Errorf("data: apply scaler: dst has %d values, src %d; want equal numbers, a multiple of the %d columns", len(dst), len(src), width)
	}
	if s.Kind == ScaleNone {
		copy(dst, src)
		return nil
	}
	if s.Kind != ScaleStandard || len(s.Mean) != width || len(s.Inverse) != width {
		return fmt.Errorf("data: apply scaler: %w", s.Validate())
	}
	rows := len(src) / width
	// Some 256 KiB at a time; one query row does not pay for a goroutine.
	step := max(1, (1<<16)/width)
	parallel((rows+step-1)/step, func(part int) {
		for i := part * step; i < min(rows, (part+1)*step); i++ {
			to, from := dst[i*width:(i+1)*width], src[i*width:(i+1)*width]
			mean, inverse := s.Mean[:len(from)], s.Inverse[:len(from)]
			to = to[:len(from)]
			for j, v := range from {
				to[j] = (v - mean[j]) * inverse[j]
			}
		}
	})
	return nil
}

// Transform returns a new frame with scaled features, in the scaler's column order: columns
// are matched by name (see [Scaler.Match]). Blocks are those of f, reordered with the columns.
func (s *Scaler) Transform(f *Frame) (*Frame, error) {
	if _, err := s.Match(f.Columns); err != nil {
		return nil, err
	}
	out, err := f.SelectColumns(s.Columns)
	if err != nil {
		return nil, err
	}
	if err := s.Apply(out.X, out.X); err != nil {
		return nil, err
	}
	return out, nil
}

// Match returns for every column of the scaler its place in columns: the value of feature j is
// at row[match[j]]. Another order is fine; missing, extra and repeated columns are an error
// that lists them.
func (s *Scaler) Match(columns []string) ([]int, error) {
	place := positions(columns)
	match := make([]int, len(s.Columns))
	var missing, extra []string
	for j, name := range s.Columns {
		at, ok := place[name]
		if !ok {
			missing = append(missing, name)
		}
		match[j] = at
	}
	known := positions(s.Columns)
	for _, name := range columns {
		if _, ok := known[name]; !ok {
			extra = append(extra, name)
		}
	}
	twice := repeated(columns)
	if len(missing)+len(extra)+len(twice) == 0 {
		return match, nil
	}
	text := fmt.Sprintf("data: the features are not those the model was fitted on (%d columns, these are %d)", len(s.Columns), len(columns))
	for _, list := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"extra", extra}, {"repeated", twice}} {
		if len(list.names) > 0 {
			text += fmt.Sprintf("; %s: %s", list.what, quoted(list.names))
		}
	}
	return nil, fmt.Errorf("%s", text)
}

// parallel calls do(0) … do(n-1), on as many cores as there are, and waits for all.
func parallel(n int, do func(int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for k := range n {
			do(k)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= n {
					return
				}
				do(k)
			}
		})
	}
	group.Wait()
}
