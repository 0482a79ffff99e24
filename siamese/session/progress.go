package session

import (
	"encoding/json"
	"fmt"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Work is how far long work is.
type Work struct {
	What        string `json:"what"` // such as "features of pictures"
	Done, Total int64  // Total 0 = not known
}

// String returns how far the work is.
func (w Work) String() string {
	text := w.What
	switch {
	case w.Total > 0:
		text = fmt.Sprintf("%s: %d of %d", w.What, w.Done, w.Total)
	case w.Done > 0:
		text = fmt.Sprintf("%s: %d", w.What, w.Done)
	}
	return provenance.Volatile(text) // which are told depends on the time
}

// Progress is how far a training is, as the library tells it.
type Progress struct {
	history.Progress
	Trial string // of a sweep; "" elsewhere
}

// String returns how far the training is.
func (p Progress) String() string {
	if p.Trial == "" {
		return p.Progress.String()
	}
	return p.Trial + ": " + p.Progress.String()
}

// decodeEvent gives the body of an event to each, if that is not nil. One that cannot be read is passed over: the
// answer of the call is what counts.
func decodeEvent[T any](m wire.Message, each func(T)) {
	var v T
	if each != nil && json.Unmarshal(m.Body, &v) == nil {
		each(v)
	}
}

// items returns a number of items in words.
func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}
