package embedding

import (
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/preprocess"
)

// Streamed are the features of a frame as [UnitRows] makes them, to the same bits, made anew whenever they are read:
// for more of them than fit into memory. Several goroutines may use it.
type Streamed struct {
	transform *preprocess.Transform
	frame     *data.Frame
	readers   sync.Pool // of *preprocess.Rows, each for one goroutine at a time
}

// NewStreamed returns the features of frame as transform makes them. Errors are those of
// [preprocess.Transform.Rows].
func NewStreamed(transform *preprocess.Transform, frame *data.Frame) (*Streamed, error) {
	s := &Streamed{transform: transform, frame: frame}
	rows, err := transform.Rows(frame)
	if err != nil {
		return nil, err
	}
	s.readers.Put(rows)
	return s, nil
}

// Size returns the number of items and the width of a row.
func (s *Streamed) Size() (n, width int) { return s.frame.N(), s.transform.Width() }

// Read fills to with the rows of items from the given one on, as many as it has room for. Values that cannot be
// transformed are an error, as in [TransformedRows].
func (s *Streamed) Read(to []float32, from int) error {
	return s.with(to, func(rows *preprocess.Rows) error {
		defer ondisk.Touched(len(to) / s.transform.Width() * s.frame.F())
		return rows.Read(to, from)
	})
}

// Cosines is [Embeddings.Cosines] of the rows. It reads two rows for every pair, and keeps none.
func (s *Streamed) Cosines(left, right []int32) ([]float64, error) {
	width := s.transform.Width()
	both, out := make([]float32, 2*width), make([]float64, len(left))
	for k := range left {
		err := s.with(both, func(rows *preprocess.Rows) error { return rows.Pick(both, []int32{left[k], right[k]}) })
		if err != nil {
			return nil, err
		}
		out[k] = Cosine(both[:width], both[width:])
	}
	return out, nil
}

// with has read fill to with transformed rows, and scales these to unit length.
func (s *Streamed) with(to []float32, read func(*preprocess.Rows) error) error {
	rows, _ := s.readers.Get().(*preprocess.Rows)
	if rows == nil {
		var err error
		if rows, err = s.transform.Rows(s.frame); err != nil {
			return err
		}
	}
	defer s.readers.Put(rows)
	if err := read(rows); err != nil {
		return err
	}
	width := s.transform.Width()
	for ; len(to) > 0; to = to[width:] {
		toUnit(to[:width])
	}
	return nil
}
