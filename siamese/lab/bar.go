package lab

import (
	"fmt"
	"html"
	"os"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/session"
)

// Times of bars.
const (
	patience = 2 * time.Second // what takes less has no bar
	redraw   = 500 * time.Millisecond
)

// bar shows how far something is, once it has taken some time. In the end one line stays, which is another one in every
// run as a whole: receipts leave it out.
type bar struct {
	what string

	mu         sync.Mutex
	begun      time.Time
	phase      string // what is counted
	phaseBegun time.Time
	done, all  int64
	line       string // instead of the count
	id         string // of the output; "" = nothing is shown yet
}

// during does something with a bar.
func during[T any](what string, do func(each func(session.Work)) (T, error)) (T, error) {
	b := newBar(what)
	value, err := do(b.work)
	b.close()
	if text := anew(value); text != "" {
		fmt.Fprintln(os.Stderr, text)
	}
	return value, err
}

// anew returns what a handle of what is read from files says of their changes. A line of an earlier cell that is run again
// for a later one would train anew with nobody knowing why.
func anew(handle any) string {
	switch h := handle.(type) {
	case *session.Frame:
		if h != nil {
			return h.Anew
		}
	case *session.Pairs:
		if h != nil {
			return h.Anew
		}
	case *session.Model:
		if h != nil {
			return h.Anew
		}
	}
	return ""
}

// training trains with a bar. What a stopped training left is told before the cell ends.
func training(do func(session.TrainOptions) (*session.Model, error)) *session.Model {
	b := newBar("training")
	m, err := do(session.TrainOptions{Progress: func(p session.Progress) {
		done := int64(p.Epoch-1)*int64(p.Steps) + int64(p.Step)
		b.set("training", done, int64(p.Epochs)*int64(p.Steps), p.String())
	}})
	b.close()
	if err != nil && m != nil {
		fmt.Fprintln(os.Stderr, "what was trained is kept: run the cell again to go on")
	}
	check(err)
	return m
}

// newBar starts to wait.
func newBar(what string) *bar {
	b := &bar{what: quote.Cut(what, 80), begun: time.Now()}
	if !cell.Here() {
		return b
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer(patience)
	return b
}

// timer draws the bar after a time, and then again and again. b.mu is held.
func (b *bar) timer(after time.Duration) {
	time.AfterFunc(after, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.begun.IsZero() {
			return
		}
		b.draw()
		b.timer(redraw)
	})
}

// work is told how far the work is.
func (b *bar) work(w session.Work) { b.set(w.What, w.Done, w.Total, "") }

// set notes how far it is; line "" = the count says it.
func (b *bar) set(phase string, done, all int64, line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if phase != b.phase {
		b.phase, b.phaseBegun = phase, time.Now()
	}
	b.done, b.all, b.line = done, all, line
}

// draw shows the bar. b.mu is held.
func (b *bar) draw() {
	text, bar := b.text(time.Now()), "<progress style=\"width:24em\"></progress> "
	if b.all > 0 {
		bar = fmt.Sprintf("<progress style=\"width:24em\" max=\"1\" value=\"%.3f\"></progress> ",
			float64(b.done)/float64(b.all))
	}
	give := cell.Update
	if b.id == "" {
		b.id, give = cell.NewID(), cell.Display
	}
	// That it cannot be shown ends nothing.
	_ = give(cell.Output{ID: b.id, Data: map[string]any{"text/plain": text,
		"text/html": `<div style="font-variant-numeric:tabular-nums">` + bar + html.EscapeString(text) + "</div>"}})
}

// text returns how far it is, with the rate and the time left where they are known.
func (b *bar) text(now time.Time) string {
	if b.line != "" {
		return b.line
	}
	text := b.what
	if b.phase != "" && b.phase != b.what {
		text += ": " + quote.Cut(b.phase, 80)
	}
	spent := now.Sub(b.phaseBegun).Seconds()
	if b.done > 0 && b.all > 0 && b.phase != "" && spent > 0 {
		rate := float64(b.done) / spent
		left := time.Duration(float64(b.all-b.done) / rate * float64(time.Second)).Round(time.Second)
		return fmt.Sprintf("%s, %d of %d, %.3g/s, %v left", text, b.done, b.all, rate, left)
	}
	return fmt.Sprintf("%s, %v", text, now.Sub(b.begun).Round(time.Second))
}

// close leaves one line in place of a bar that was shown.
func (b *bar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	took := time.Since(b.begun)
	b.begun = time.Time{}
	if b.id == "" {
		return
	}
	line := provenance.Volatile(fmt.Sprintf("%s: %.1f s", b.what, took.Seconds()))
	_ = cell.Update(cell.Output{ID: b.id, Data: map[string]any{"text/plain": line}})
}
