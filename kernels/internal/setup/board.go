package setup

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/quote"
)

// How often a step that runs is shown again: on a terminal, and elsewhere, where every time is a line of its own.
const (
	liveEvery = 250 * time.Millisecond
	lineEvery = 10 * time.Second
)

// board shows how an installation goes on. What was found or done is a line that stays. Steps that run, several at
// once, are shown again and again: on a terminal in a last line that is rewritten, elsewhere as lines now and then. Its
// methods may be called from several goroutines.
//
// It is not siamese/internal/bar, which kernels may not import and which would not serve: that is one line, rewritten
// when the work reports, with a bar for one count. Here several steps share the line, most of them (pip, a download)
// report nothing between their beginning and their end, so that a clock rewrites it, and what they say is not ASCII.
// Shared would be the two lines that write "\r" and clear the rest.
type board struct {
	// out gets the lines. Errors of writing are ignored: a closed terminal must not stop an installation.
	out io.Writer
	// live = out is a terminal, whose last line may be rewritten.
	live bool

	// mu guards all fields below, those of the steps, and the writing of whole lines.
	mu sync.Mutex
	// steps are those that run, oldest first.
	steps []*step
	// stop ends the ticker when it is closed; nil while no step runs.
	stop chan struct{}
}

// step is one step of the installation while it runs. Its fields are guarded by the board's mutex; do of timed gets it
// to count packages, and uses nothing else of it.
type step struct {
	board *board
	what  string
	start time.Time
	// done and all are packages compiled, and to be compiled; all is 0 where nothing is counted. Both only grow: all
	// when a list is known, done with each package.
	done, all int
}

// said prints a line that stays: what was looked at, and what came of it, formatted as by [fmt.Sprintf].
func (b *board) said(what, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line(what, fmt.Sprintf(format, args...))
}

// line prints a line that stays; on a terminal it takes the place of the last line, which the next tick shows again.
// b.mu is held.
func (b *board) line(what, text string) {
	clear := ""
	if b.live {
		clear = "\r\x1b[K"
	}
	fmt.Fprintf(b.out, "%s%-14s %s\n", clear, what, quote.Lines(text))
}

// timed runs do as a step: it prints what is being done, shows how it goes on, and prints at the end how long it took.
// what is the step's name, doing what it does. It returns do's error and prints none: the caller says it, with what it
// means. do gets the step, to count what it compiles.
func (b *board) timed(what, doing string, do func(s *step) error) error {
	s := &step{board: b, what: what, start: time.Now()}
	b.mu.Lock()
	b.line(what, doing+" …")
	b.steps = append(b.steps, s)
	// The first step to begin starts the ticker.
	if b.stop == nil {
		b.stop = make(chan struct{})
		go b.tick(b.stop)
	}
	b.mu.Unlock()

	err := do(s)

	b.mu.Lock()
	defer b.mu.Unlock()
	// The last step to end stops the ticker, so that nothing is written when no step runs.
	if b.steps = slices.DeleteFunc(b.steps, func(other *step) bool { return other == s }); len(b.steps) == 0 {
		close(b.stop)
		b.stop = nil
	}
	if err != nil { // whoever gets it says it
		return err
	}
	b.line(what, fmt.Sprintf("done in %.1f s", time.Since(s.start).Seconds()))
	return nil
}

// tick shows the steps that run, at a fixed pace, until stop is closed. It is the ticker's own goroutine.
func (b *board) tick(stop <-chan struct{}) {
	every := lineEvery
	if b.live {
		every = liveEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			b.show(stop)
		}
	}
}

// lineWidth is the width of the line that is rewritten: a longer one would wrap, and its first part would stay.
const lineWidth = 79

// show shows the steps that run, unless stop is closed: the ticker may have fired while the last step ended.
func (b *board) show(stop <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-stop:
		return
	default:
	}
	if !b.live {
		for _, s := range b.steps {
			b.line(s.what, s.state())
		}
		return
	}
	var all []string
	for _, s := range b.steps {
		all = append(all, s.what+": "+s.state())
	}
	// Cut by characters, not bytes: the text is not ASCII.
	text := []rune(quote.Line(strings.Join(all, " · ")))
	fmt.Fprintf(b.out, "\r\x1b[K%s", string(text[:min(len(text), lineWidth)]))
}

// count says that one more package is compiled. It never passes all, which is an estimate of what the build will print.
func (s *step) count() {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.done = min(s.done+1, s.all)
}

// expect says how many more packages are to be compiled.
func (s *step) expect(n int) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.all += n
}

// state returns how far a step is, in words: packages where they are counted, and the time it has taken. b.mu is held.
func (s *step) state() string {
	took := time.Since(s.start).Round(time.Second)
	if s.all == 0 {
		return took.String()
	}
	return fmt.Sprintf("%d of %d packages, %v", s.done, s.all, took)
}
