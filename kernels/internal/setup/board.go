package setup

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// How often a step that runs is shown again: on a terminal, and elsewhere, where every time is a line of its own.
const (
	liveEvery = 250 * time.Millisecond
	lineEvery = 10 * time.Second
)

// board shows how an installation goes on. What was found or done is a line that stays. Steps that run, several at
// once, are shown again and again: on a terminal in a last line that is rewritten, elsewhere as lines now and then. Its
// methods may be called from several goroutines.
type board struct {
	out  io.Writer
	live bool // out is a terminal

	mu    sync.Mutex
	steps []*step       // that run, oldest first
	stop  chan struct{} // ends the ticker; not nil while steps run
}

// step is one step of the installation while it runs.
type step struct {
	board     *board
	what      string
	start     time.Time
	done, all int // packages compiled, of how many; all is 0 where nothing is counted
}

// said prints a line that stays: what was looked at, and what came of it.
func (b *board) said(what, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line(what, fmt.Sprintf(format, args...))
}

// line prints a line that stays. b.mu is held.
func (b *board) line(what, text string) {
	clear := ""
	if b.live {
		clear = "\r\x1b[K"
	}
	fmt.Fprintf(b.out, "%s%-14s %s\n", clear, what, text)
}

// timed says what is being done, shows how it goes on, and says at the end how long it took.
func (b *board) timed(what, doing string, do func(s *step) error) error {
	s := &step{board: b, what: what, start: time.Now()}
	b.mu.Lock()
	b.line(what, doing+" …")
	b.steps = append(b.steps, s)
	if b.stop == nil {
		b.stop = make(chan struct{})
		go b.tick(b.stop)
	}
	b.mu.Unlock()

	err := do(s)

	b.mu.Lock()
	defer b.mu.Unlock()
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

// tick shows the steps that run until stop is closed.
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

// lineWidth is the width of the line that is rewritten: a longer one would wrap, and stay.
const lineWidth = 79

// show shows the steps that run, unless stop is closed.
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
	text := []rune(strings.Join(all, " · "))
	fmt.Fprintf(b.out, "\r\x1b[K%s", string(text[:min(len(text), lineWidth)]))
}

// count says that one more package of all is compiled.
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

// state says how far a step is. b.mu is held.
func (s *step) state() string {
	took := time.Since(s.start).Round(time.Second)
	if s.all == 0 {
		return took.String()
	}
	return fmt.Sprintf("%d of %d packages, %v", s.done, s.all, took)
}
