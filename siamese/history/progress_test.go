package history

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/bar"
)

// toldRun is what a run of two epochs tells.
func toldRun() []Progress {
	one := &Epoch{Number: 1, ValLoss: 0.5, ValAUC: 0.75, ValMAP: 0.25, Best: true}
	two := &Epoch{Number: 2, ValLoss: 0.625, ValAUC: 0.7, ValMAP: 0.2}
	return []Progress{
		{Epoch: 1, Epochs: 3, Step: 390, Steps: 781, Loss: 0.5, PairsPerSec: 5000, Left: 90 * time.Second},
		{Epoch: 1, Epochs: 3, Step: 781, Steps: 781, Loss: 0.25, PairsPerSec: 5000, Left: 70 * time.Second, Last: one},
		{Epoch: 2, Epochs: 3, Step: 100, Steps: 781, Loss: 0.125, PairsPerSec: 5100, Left: 65 * time.Second, Last: one},
		{Epoch: 2, Epochs: 3, Step: 781, Steps: 781, Loss: 0.125, PairsPerSec: 5100, Last: two, Ended: true},
	}
}

func ExampleBar() {
	show := Bar(os.Stdout) // no terminal here: a line an epoch
	for _, p := range toldRun() {
		show(p)
	}
	// Output:
	// epoch 1 of 3: loss 0.2500, 5000 pairs/s; validation: loss 0.5000, ROC-AUC 0.7500, MAP@R 0.2500, the best so far; at most 1m10s left
	// epoch 2 of 3: loss 0.1250, 5100 pairs/s; validation: loss 0.6250, ROC-AUC 0.7000, MAP@R 0.2000, best epoch 1; ended
}

// What was warned of stays above the line, and a model of pairs has no MAP@R to show.
func TestBarWarns(t *testing.T) {
	p := toldRun()[2]
	pairs := *p.Last
	pairs.ValMAP = 0
	p.Last, p.Epoch, p.Warnings = &pairs, 1, []string{"epoch 1: the encoder has collapsed", "epoch 1: more"}
	s := &screen{width: 90}
	show := showOn(bar.NewLineOfWidth(s, func() int { return s.width }))
	show(toldRun()[0])
	show(p)
	for i, line := range s.done {
		s.done[i] = strings.TrimRight(line, " ")
	}
	want := []string{"warning: epoch 1: the encoder has collapsed", "warning: epoch 1: more"}
	if diff := cmp.Diff(want, s.done); diff != "" {
		t.Error(diff)
	}
	if line := string(s.line); !strings.HasPrefix(line, "epoch 1/3 [") || strings.Contains(line, "MAP") {
		t.Errorf("the line is %q", line)
	}
	var lines strings.Builder
	Bar(&lines)(p)
	end := "1m5s left\nwarning: epoch 1: the encoder has collapsed\nwarning: epoch 1: more\n"
	if !strings.HasSuffix(lines.String(), end) {
		t.Errorf("%q", &lines)
	}
}

func ExampleTee() {
	var last Progress
	both := Tee(Bar(os.Stdout), func(p Progress) { last = p }, nil)
	for _, p := range toldRun()[:2] {
		both(p)
	}
	fmt.Println("epoch", last.Epoch)
	// Output:
	// epoch 1 of 3: loss 0.2500, 5000 pairs/s; validation: loss 0.5000, ROC-AUC 0.7500, MAP@R 0.2500, the best so far; at most 1m10s left
	// epoch 1
}

// screen is a terminal of one line that does what carriage return and line feed mean.
type screen struct {
	width, at int
	line      []byte
	done      []string
	wrapped   bool
}

func (s *screen) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c == '\r':
			s.at = 0
		case c == '\n':
			s.done, s.line, s.at = append(s.done, string(s.line)), nil, 0
		case s.at >= s.width:
			s.wrapped = true
		default:
			if s.at == len(s.line) {
				s.line = append(s.line, 0)
			}
			s.line[s.at] = c
			s.at++
		}
	}
	return len(b), nil
}

func TestBarOnTerminal(t *testing.T) {
	s := &screen{width: 160}
	show := showOn(bar.NewLineOfWidth(s, func() int { return s.width }))
	var got []string
	for _, p := range toldRun() {
		show(p)
		if p.Ended {
			got = append(got, strings.TrimRight(strings.Join(s.done, "\n"), " "))
		} else {
			got = append(got, strings.TrimRight(string(s.line), " "))
		}
	}
	want := []string{
		"epoch 1/3 [==============>               ] 390/781  loss 0.5000  ETA 1m30s  5000 pairs/s",
		"epoch 1/3 [==============================] 781/781  loss 0.2500  ETA 1m10s  AUC 0.7500  MAP@R 0.2500" +
			"  best epoch 1  5000 pairs/s  validation loss 0.5000",
		"epoch 2/3 [===>                          ] 100/781  loss 0.1250  ETA 1m5s  AUC 0.7500  MAP@R 0.2500" +
			"  best epoch 1  5100 pairs/s  validation loss 0.5000",
		"epoch 2/3 [==============================] 781/781  loss 0.1250  ended  AUC 0.7000  MAP@R 0.2000" +
			"  best epoch 1  5100 pairs/s  validation loss 0.6250",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(s.line) != 0 || len(s.done) != 1 {
		t.Errorf("the run leaves %d lines and %q", len(s.done), s.line)
	}
}

// TestBarFits shows a run on terminals of every width, including ones that change during it.
func TestBarFits(t *testing.T) {
	odd := []Progress{{}, {Epoch: -1, Step: 9, Steps: 3, Loss: math.NaN(), PairsPerSec: math.Inf(1),
		Left: -time.Second}, {Step: -5, Steps: 2}}
	for width := 1; width <= 200; width++ {
		s := &screen{width: width}
		show := showOn(bar.NewLineOfWidth(s, func() int { return width }))
		for _, p := range append(odd, toldRun()...) {
			show(p)
			if len(s.line) > 0 && strings.TrimRight(string(s.line),
				" ") != strings.TrimRight(barLine(p, bestSoFar(0, p), width-1), " ") {
				t.Fatalf("width %d: the line before shows through: %q", width, s.line)
			}
		}
		if s.wrapped || s.at >= width {
			t.Errorf("width %d: the line wraps to the next", width)
		}
	}
	lines := map[int]string{
		10: "epoch 2/3", 30: "epoch 2/3 [=>       ] 100/781", 45: "epoch 2/3 [=>         ] 100/781  loss 0.1250",
	}
	for width, want := range lines {
		if got := barLine(toldRun()[2], 1, width-1); got != want {
			t.Errorf("width %d: %q, want %q", width, got, want)
		}
	}
}

// TestBarBrokenTerminal fails by a panic only: what cannot be shown must not end the training.
func TestBarBrokenTerminal(*testing.T) {
	reader, writer := io.Pipe()
	reader.Close()
	for _, show := range []func(Progress){Bar(writer), showOn(bar.NewLineOfWidth(writer, func() int { return 80 }))} {
		for _, p := range toldRun() {
			show(p)
		}
	}
}

// What is not known, or not printed, is neither told nor marked.
func TestUnknown(t *testing.T) {
	var marked []string
	restore := provenance.To(func(e provenance.Event) { marked = append(marked, e.Text) })
	defer restore()
	p := Progress{Epoch: 1, Epochs: 2, Step: 3, Steps: 3, Loss: .5, Last: &Epoch{Number: 1}, PairsPerSec: 77}
	var b strings.Builder
	Bar(&b)(p)
	if strings.Contains(b.String(), "left") || !slices.Equal(marked, []string{"77 pairs/s"}) {
		t.Errorf("without a time it prints %q and marks %q", b.String(), marked)
	}
	p.Left = 1499 * time.Millisecond
	if got := p.TimeLeft(); got != "at most 1s left" {
		t.Errorf("1.499 s are %q", got)
	}
	marked, p.Ended, p.Step = nil, true, 2
	if got := p.String(); !strings.HasPrefix(got, "trained 1 epochs") || len(marked) > 0 {
		t.Errorf("the end prints %q and marks %q", got, marked)
	}
}
