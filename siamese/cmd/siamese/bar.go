package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/go-siamese/lab/data/extract"
)

// isTerminal tells whether a writer is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bar shows how far a command is: one line that changes on a terminal, else a line every few seconds.
type bar struct {
	out   io.Writer
	live  bool
	now   func() time.Time
	start time.Time
	last  time.Time // of the last line
	width int       // of the line that is on the terminal
	told  extract.Progress
}

func newBar(out io.Writer, live bool, now func() time.Time) *bar {
	return &bar{out: out, live: live, now: now}
}

// show tells the progress, unless the last line is too fresh.
func (b *bar) show(p extract.Progress) {
	now := b.now()
	pause := 5 * time.Second
	if b.live {
		pause = 100 * time.Millisecond
	}
	first := b.start.IsZero()
	if first {
		b.start = now
	}
	news := first || p.Writing != b.told.Writing || p.Done == p.Total && b.told.Done < p.Total
	if !news && now.Sub(b.last) < pause {
		return
	}
	b.last, b.told = now, p
	line := b.line(p, now.Sub(b.start))
	if !b.live {
		fmt.Fprintln(b.out, line)
		return
	}
	fmt.Fprintf(b.out, "\r%-*s", b.width, line)
	b.width = len(line)
}

// line is the text for a progress after some time.
func (b *bar) line(p extract.Progress, took time.Duration) string {
	if p.Writing {
		return fmt.Sprintf("%d images done in %s, writing the table", p.Done, took.Round(100*time.Millisecond))
	}
	share := float64(p.Done) / float64(max(p.Total, 1))
	text := fmt.Sprintf("%d of %d images, %.1f %%", p.Done, p.Total, 100*share)
	if b.live {
		const cells = 16
		full := int(share * cells)
		text = fmt.Sprintf("[%s%s] %d/%d, %.1f %%", strings.Repeat("#", full), strings.Repeat(".", cells-full), p.Done, p.Total, 100*share)
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
func (b *bar) end() {
	if b.live && b.width > 0 {
		fmt.Fprintln(b.out)
	}
}
