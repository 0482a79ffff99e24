package main

import (
	"fmt"
	"io"
	"time"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/siamese/internal/bar"
)

// imageBar shows how far the features of images are: one line that changes on a terminal, else a line every few
// seconds.
type imageBar struct {
	out   io.Writer
	line  *bar.Line // nil = no terminal
	now   func() time.Time
	start time.Time
	every bar.Every
	last  extract.Progress
}

func newImageBar(out io.Writer) *imageBar { return imageBarOn(out, bar.NewLine(out), time.Now) }

// imageBarOn is newImageBar with a line of its own, nil = none, and a clock of its own.
func imageBarOn(out io.Writer, line *bar.Line, now func() time.Time) *imageBar {
	b := &imageBar{out: out, line: line, now: now, every: bar.Every{Pause: 5 * time.Second}}
	if line != nil {
		b.every.Pause = 100 * time.Millisecond
	}
	return b
}

// show tells the progress, unless the last line is too fresh.
func (b *imageBar) show(p extract.Progress) {
	now := b.now()
	first := b.start.IsZero()
	if first {
		b.start = now
	}
	if !b.every.Due(now, first || p.Writing != b.last.Writing || p.Done == p.Total && b.last.Done < p.Total) {
		return
	}
	b.last = p
	text := b.text(p, now.Sub(b.start))
	if b.line == nil {
		fmt.Fprintln(b.out, text)
		return
	}
	b.line.Show(func(int) string { return text }, "")
}

// text is the line for a progress after some time.
func (b *imageBar) text(p extract.Progress, took time.Duration) string {
	if p.Writing {
		return fmt.Sprintf("%d images done in %s, writing the table", p.Done, took.Round(100*time.Millisecond))
	}
	share := 100 * float64(p.Done) / float64(max(p.Total, 1))
	text := fmt.Sprintf("%d of %d images, %.1f %%", p.Done, p.Total, share)
	if b.line != nil {
		text = fmt.Sprintf("%s %d/%d, %.1f %%", bar.Draw(p.Done, p.Total, 16), p.Done, p.Total, share)
	}
	if p.Resumed > 0 {
		text += fmt.Sprintf(", %d resumed", p.Resumed)
	}
	// Images taken over cost nothing and say nothing of those that are left.
	if computed := p.Done - p.Resumed; computed > 0 && took > 0 {
		rate := float64(computed) / took.Seconds()
		left := time.Duration(float64(p.Total-p.Done) / rate * float64(time.Second))
		text += fmt.Sprintf(", %.0f images/s, %s left", rate, left.Round(time.Second))
	}
	return text
}

// end leaves the terminal to what follows.
func (b *imageBar) end() { b.line.End() }
