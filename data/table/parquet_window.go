package table

import "io"

// window is a part of a file in memory. Columns lie one behind the other: one read serves a page, its header and
// often the next columns.
type window struct {
	at int64
	b  []byte
}

// windowSize is how many bytes are read at least.
const windowSize = 256 << 10

// get returns the n bytes at that place, and those behind them that are there anyway, until the next call.
func (w *window) get(in *input, at int64, n int) ([]byte, error) {
	if skip := at - w.at; skip >= 0 && skip <= int64(len(w.b)) {
		if rest := w.b[skip:]; len(rest) >= n {
			return rest, nil
		}
	}
	if int64(n) > in.size-at {
		return nil, io.ErrUnexpectedEOF
	}
	w.b = scratchOf(&w.b, int(min(max(int64(n), windowSize), in.size-at)))
	w.at = at
	if have, err := in.ReadAt(w.b, at); have < len(w.b) {
		w.b = w.b[:0]
		return nil, err
	}
	return w.b, nil
}
