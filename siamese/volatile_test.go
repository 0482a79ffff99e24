package siamese_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study"
)

// run is what a program prints in one run: how fast it was, and when.
type run struct {
	rate, seconds float64
	left          time.Duration
	step          int
	day           int
	free          int64
	kept          bool // what was computed before is read
}

// Two runs print the same but for the texts that are marked, in plain text and in HTML, and each of those stands in
// what is printed.
func TestVolatileTexts(t *testing.T) {
	runs := []run{{5120.4, 1.23, 75 * time.Second, 45, 1, 1e9, true}, {98.6, 1021.7, 3 * time.Second, 7, 2, 23e6, false}}
	progress := func(r run, step int, ended bool) history.Progress {
		return history.Progress{Epoch: 2, Epochs: 3, Step: step, Steps: 50, Loss: .25 + float64(step)/100,
			PairsPerSec: r.rate, Left: r.left, Ended: ended, Last: &history.Epoch{Number: 1, Loss: .5, ValAUC: .9}}
	}
	sweep := func(r run) *study.Sweep {
		result := func(seconds float64, kept bool) *study.TrialResult {
			return &study.TrialResult{Trial: study.Trial{Name: "one", Config: siamese.DefaultConfig()}, Seconds: seconds,
				Kept: kept, Result: &siamese.Result{Best: 1, History: []history.Epoch{{Number: 1, ValLoss: .1}}}}
		}
		return &study.Sweep{List: []*study.TrialResult{result(r.seconds, r.kept), result(2*r.seconds, !r.kept)}}
	}
	outputs := func(o show.Outputs, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, one := range o {
			text += one.Text + one.HTML
		}
		return text
	}
	for _, test := range []struct {
		name  string
		print func(run) string
	}{
		{"progress within an epoch", func(r run) string { return progress(r, r.step, false).String() }},
		{"progress at the end of an epoch", func(r run) string { return progress(r, 50, false).String() }},
		{"lines of a log", func(r run) string {
			var b strings.Builder
			p := progress(r, 50, false)
			p.Last.Number = 2
			history.Bar(&b)(p)
			return b.String()
		}},
		{"a session's progress", func(r run) string {
			return session.Progress{Progress: progress(r, r.step, false)}.String()
		}},
		{"a session's work", func(r run) string {
			return session.Work{What: "features", Done: int64(r.step), Total: 50}.String()
		}},
		{"a session's status", func(r run) string {
			return session.Status{Pid: r.step, Memory: r.free, Values: r.free / 2, Most: 2 * r.free, Backend: "go"}.String()
		}},
		{"a session's value", func(r run) string {
			return session.Listed{Value: session.Value{Key: "0123456789abcdef", Kind: "model", Name: "m",
				Made: time.Date(2026, 11, r.day, 3, 4, 0, 0, time.UTC)}}.String()
		}},
		{"a trial", func(r run) string { return sweep(r).List[0].String() }},
		{"a sweep", func(r run) string { return sweep(r).String() }},
		{"a sweep's display", func(r run) string { return outputs(show.TrialsOutputs(sweep(r))) }},
		{"a training that was cut", func(r run) string {
			result := siamese.Result{Best: 1, History: []history.Epoch{{Number: 1}}, Model: &siamese.Model{
				Cut: fmt.Sprintf("stopped after epoch 1 of 3 at 2026-11-%02d 20:38 UTC", r.day)}}
			return result.String()
		}},
		{"a want of memory", func(r run) string {
			defer memory.Pretend(r.free)()
			return memory.Check("training", 1e12, nil).Error()
		}},
	} {
		var masked []string
		for _, r := range runs {
			var marked []string
			restore := provenance.To(func(e provenance.Event) {
				if e.Kind == provenance.Changes && !slices.Contains(marked, e.Text) {
					marked = append(marked, e.Text)
				}
			})
			text := test.print(r)
			restore()
			// The longest first: one may be a part of another.
			slices.SortFunc(marked, func(a, b string) int { return len(b) - len(a) })
			rest := text
			for _, m := range marked {
				if !strings.Contains(text, m) {
					t.Errorf("%s marks %q, which is not in\n%s", test.name, m, text)
				}
				rest = strings.ReplaceAll(rest, m, "#")
			}
			if !strings.Contains(rest, "#") || strings.Trim(rest, "# ") == "" && test.name != "a session's work" {
				t.Errorf("%s marks %q of\n%s", test.name, marked, text)
			}
			masked = append(masked, rest)
		}
		if masked[0] != masked[1] {
			t.Errorf("%s differs beside what is marked:\n%s\n%s", test.name, masked[0], masked[1])
		}
	}
}

// A training's last line, as it stays in a notebook, marks its rate alone.
func TestProgressIsMarked(t *testing.T) {
	var marked []string
	restore := provenance.To(func(e provenance.Event) { marked = append(marked, e.Text) })
	defer restore()
	show.Progress()(history.Progress{Epoch: 1, Epochs: 1, Step: 2, Steps: 2, PairsPerSec: 77, Ended: true})
	if !slices.Equal(marked, []string{"77 pairs/s"}) {
		t.Errorf("marked %q", marked)
	}
}
