package setup

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBoardLines: without a terminal a step that takes long says so every ten seconds, in lines.
func TestBoardLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &board{out: &out}
		err := b.timed("tools", "building", func(s *step) error {
			time.Sleep(12 * time.Second)
			s.expect(3)
			s.count()
			s.count()
			time.Sleep(9 * time.Second)
			b.said("plugin", "there: %d", 1)
			return nil
		})
		want := `tools          building …
tools          10s
tools          2 of 3 packages, 20s
plugin         there: 1
tools          done in 21.0 s
`
		if diff := cmp.Diff(want, out.String()); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		time.Sleep(time.Minute)
		if out.String() != want {
			t.Error("it goes on when all is done")
		}
	})
}

// TestBoardTogether: steps that run at the same time are all shown, and a failure is left to whoever gets it.
func TestBoardTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &board{out: &out}
		fault := errors.New("fault")
		got := make(chan error)
		go func() {
			got <- b.timed("python", "installing", func(*step) error { time.Sleep(15 * time.Second); return fault })
		}()
		synctest.Wait()
		if err := b.timed("tools", "building",
			func(*step) error { time.Sleep(25 * time.Second); return nil }); err != nil {
			t.Error(err)
		}
		if err := <-got; !errors.Is(err, fault) {
			t.Errorf("error %v", err)
		}
		want := "python         installing …\ntools          building …\npython         10s\ntools          10s\n" +
			"tools          20s\ntools          done in 25.0 s\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestBoardLive: on a terminal all that runs is one line, rewritten, and no wider than it.
func TestBoardLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &board{out: &out, live: true}
		err := b.timed("tools", "building", func(s *step) error {
			return b.timed(strings.Repeat("ö", 100), "x", func(*step) error {
				s.expect(1)
				for range 3 {
					s.count() // never more than all
				}
				time.Sleep(2100 * time.Millisecond)
				return nil
			})
		})
		const clear = "\r\x1b[K"
		want := clear + string([]rune("tools: 1 of 1 packages, 1s · " + strings.Repeat("ö", 100))[:lineWidth]) + clear
		if err != nil || !strings.Contains(out.String(), want) ||
			!strings.HasSuffix(out.String(), clear+"tools          done in 2.1 s\n") {
			t.Errorf("%v, shown %q, want %q in it", err, out.String(), want)
		}
	})
}
