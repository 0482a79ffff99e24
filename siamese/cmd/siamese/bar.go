package main

import (
	"fmt"
	"io"
	"time"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/bar"
)

// imageBar shows how far the extraction of a folder of images has come: one line that is rewritten on a terminal, else
// a line every five seconds, so that a log file stays short. The training's bar is [history.Bar]; this one differs in
// that it counts images, some of which an earlier run has done. It is used from one goroutine at a time: extract calls
// its Progress function so.
type imageBar struct {
	// out gets the lines where there is no terminal.
	out  io.Writer
	line *bar.Line // nil = no terminal
	// now is [time.Now]; tests have a clock of their own, so that rates are exact.
	now func() time.Time
	// start is when the first progress came, zero before it. Rates count from there, not from the start of the program,
	// which also lists the folder.
	start time.Time
	every bar.Every
	// last is the progress on the last line shown. The next is compared with it, since what is new in kind (the end,
	// the writing of the table) is shown at once.
	last extract.Progress
}

// newImageBar returns a bar on out, which rewrites its line if out is a terminal.
func newImageBar(out io.Writer) *imageBar { return imageBarOn(out, bar.NewLine(out), time.Now) }

// imageBarOn is newImageBar with a given line, nil = no terminal, and a given clock.
func imageBarOn(out io.Writer, line *bar.Line, now func() time.Time) *imageBar {
	b := &imageBar{out: out, line: line, now: now, every: bar.Every{Pause: 5 * time.Second}}
	if line != nil {
		b.every.Pause = 100 * time.Millisecond
	}
	return b
}

// show shows a progress, unless the last line is too fresh. The first progress, the last one and the beginning of the
// writing are shown always: without them a short run would say nothing, and a long one would seem to stop short of its
// end.
func (b *imageBar) show(p extract.Progress) {
	now := b.now()
	first := b.start.IsZero()
	if first {
		b.start = now
	}
	if !b.every.Due(now, first || p.Writing != b.last.Writing || p.Done == p.Total && b.last.Done < p.Total) {
		return
	}
	// Only what is shown counts: an image that ends between two lines must not hide that it was the last one.
	b.last = p
	text := b.text(p, now.Sub(b.start))
	if b.line == nil {
		fmt.Fprintln(b.out, provenance.Volatile(text))
		return
	}
	b.line.Show(func(int) string { return text }, "")
}

// text returns the line for a progress, took after the first one. The time left is that of the images that are not
// done, at the mean rate of those computed so far:
//
//	rate = (Done - Resumed) / took, left = (Total - Done) / rate
func (b *imageBar) text(p extract.Progress, took time.Duration) string {
	if p.Writing {
		return fmt.Sprintf("%d images done in %s, writing the table", p.Done, took.Round(100*time.Millisecond))
	}
	// An empty folder is an error of extract, but a progress of 0 images must not divide by 0 before.
	share := 100 * float64(p.Done) / float64(max(p.Total, 1))
	// In a log the words, on a terminal a bar of sixteen characters: the line has to fit beside what follows.
	text := fmt.Sprintf("%d of %d images, %.1f %%", p.Done, p.Total, share)
	if b.line != nil {
		text = fmt.Sprintf("%s %d/%d, %.1f %%", bar.Draw(p.Done, p.Total, 16), p.Done, p.Total, share)
	}
	if p.Resumed > 0 {
		text += fmt.Sprintf(", %d resumed", p.Resumed)
	}
	// Images taken over from an earlier run cost nothing, so they say nothing about how long the others take.
	if computed := p.Done - p.Resumed; computed > 0 && took > 0 {
		rate := float64(computed) / took.Seconds()
		left := time.Duration(float64(p.Total-p.Done) / rate * float64(time.Second))
		text += fmt.Sprintf(", %.0f images/s, %s left", rate, left.Round(time.Second))
	}
	return text
}

// end moves to a new line of the terminal, for what is printed next. Without a terminal it does nothing.
func (b *imageBar) end() { b.line.End() }

// linkBar returns what shows on w how many items are linked. end ends the line.
func linkBar(w io.Writer) (tell func(done, total int), end func()) {
	return countBar(w, 0, func(done, total int) string { return fmt.Sprintf("%d of %d items linked", done, total) })
}

// diskBar returns what shows on w how much of what is done, if it takes more than two seconds.
func diskBar(w io.Writer, what string) (tell func(done, total int), end func()) {
	return countBar(w, 2*time.Second, shareOf(what))
}

// shareOf returns what a bar says of what: of a total that is not known (0) the rows.
func shareOf(what string) func(done, total int) string {
	return func(done, total int) string {
		if total == 0 {
			return fmt.Sprintf("%s: %d rows", what, done)
		}
		return fmt.Sprintf("%s: %.0f %%", what, 100*float64(done)/float64(total))
	}
}

// countBar returns what shows on w how much is done: on a terminal as a line that is rewritten, else every five seconds;
// nothing of what takes less than the given time. end ends the line.
func countBar(w io.Writer, quiet time.Duration, what func(done, total int) string) (tell func(done, total int),
	end func()) {
	line, every := bar.NewLine(w), bar.Every{Pause: 5 * time.Second}
	if line != nil {
		every.Pause = 100 * time.Millisecond
	}
	begun := time.Now()
	return func(done, total int) {
		now := time.Now()
		if now.Sub(begun) < quiet {
			return
		}
		switch text := what(done, total); {
		case !every.Due(now, done == total):
		case line == nil:
			fmt.Fprintln(w, provenance.Volatile(text))
		default:
			line.Show(func(int) string { return bar.Draw(done, total, 16) + " " + text }, "")
		}
	}, line.End
}
