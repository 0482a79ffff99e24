package panel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/threshold"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
)

// Pairs are four pairs of the validation items, and one more of the test items; every item has a picture.
func (e *engine) Pairs(_ context.Context, _, side string) (*threshold.Pairs, string, *widgetkit.Pictures, error) {
	if e.noPairs {
		return nil, "", nil, errEngine
	}
	f := &data.Frame{IDs: []string{"a", "b", "<i>c"}, Labels: []string{"x", "x", "y"}}
	of := pairs.Pairs{Left: []int32{0, 1, 0, 0}, Right: []int32{1, 0, 2, 2}, Label: []float32{1, 1, 0, 0}}
	cosines := []float32{.75, .25, .5, -.5}
	if side == session.Test {
		of = pairs.Pairs{Left: append(of.Left, 1), Right: append(of.Right, 2), Label: append(of.Label, 0)}
		cosines = append(cosines, .625)
	}
	p, err := threshold.New(f, of, cosines, .375)
	picture := func(string) image.Image { return image.NewGray(image.Rect(0, 0, 4, 4)) }
	return p, side + " pairs", widgetkit.NewPictures(picture, 8), err
}

// cutPanel returns a panel that shows the threshold of a run that is done.
func cutPanel(t *testing.T, e *engine) (*Panel, Run) {
	t.Helper()
	e.model = &session.Model{History: epochs(1)}
	p, runs := newPanel(t, e, 1)
	run := runs[0]
	run.Status, run.Model = Done, "key"
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(&run)
	p.plotsOf(run.ID)
	return p, run
}

// chosen does what the page asks for, and waits for what that begins.
func (p *Panel) chosen(e *engine, do string, c choice) (cut, error) {
	p.mu.Lock()
	err := p.choose(do, c)
	p.mu.Unlock()
	e.idle()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut, err
}

// TestCut: the threshold of the run that is seen begins with the model's, moves, is kept with the run and taken back, and
// stays where it is when the pairs are others.
func TestCut(t *testing.T) {
	e := &engine{}
	p, run := cutPanel(t, e)
	e.idle()
	now, err := p.chosen(e, "at", choice{Run: run.ID, Moved: .5})
	if err != nil || now.Stamp == 0 || now.Own != .375 || now.Threshold != .5 || now.Kept != nil || !now.Test ||
		now.What != "val pairs" {
		t.Errorf("moved: %+v %v", now, err)
	}
	if now, err = p.chosen(e, "side", choice{Run: run.ID, Side: session.Test, Moved: .6}); err != nil ||
		now.Side != session.Test || now.Threshold != .6 || now.What != "test pairs" {
		t.Errorf("test pairs: %+v %v", now, err)
	}
	if now, err = p.chosen(e, "keep", choice{Run: run.ID, Moved: .7}); err != nil || now.Kept == nil || *now.Kept != .7 ||
		!strings.Contains(p.said, "chosen on test items") {
		t.Errorf("kept: %+v %v %q", now, err, p.said)
	}
	again, err := OpenRuns(p.runs.dir)
	if err != nil {
		t.Fatal(err)
	}
	if r := again.Get(run.ID); r.Threshold == nil || *r.Threshold != .7 || r.ThresholdOn != session.Test ||
		!strings.Contains(toldOf(r).What, "threshold 0.7000 kept") {
		t.Errorf("the kept run is %+v", r)
	}
	if _, err := p.chosen(e, "keep", choice{Run: run.ID, Moved: 1.5}); err == nil || *p.runs.Get(run.ID).Threshold != .7 {
		t.Errorf("a threshold of 1.5: %v", err)
	}
	if now, err := p.chosen(e, "keep", choice{Run: "another", Moved: .1}); err != nil || *now.Kept != .7 {
		t.Errorf("of another run: %+v %v", now, err)
	}

	// What stays has it, drawn.
	p.mu.Lock()
	s := p.still()
	p.mu.Unlock()
	if text := s.bundle(t.Context())["text/html"].(string); !strings.Contains(text, "threshold 0.7000: balanced accuracy") ||
		!strings.Contains(text, "called different") || !strings.Contains(text, "image/png") {
		t.Errorf("what stays is %.2000s", text)
	}

	// Seen again it is the kept one.
	p.mu.Lock()
	p.uncut()
	p.plotsOf(run.ID)
	p.mu.Unlock()
	e.idle()
	if now, err := p.chosen(e, "own", choice{Run: "another"}); err != nil || now.Threshold != .7 || now.Side != session.Val {
		t.Errorf("seen again: %+v %v", now, err)
	}
	if now, err := p.chosen(e, "own", choice{Run: run.ID}); err != nil || now.Threshold != .375 || now.Kept != nil ||
		p.runs.Get(run.ID).Threshold != nil {
		t.Errorf("the model's own: %+v %v", now, err)
	}
	e.noPairs = true
	if now, err := p.chosen(e, "side", choice{Run: run.ID, Side: session.Val}); err != nil || now.Stamp != 0 ||
		!strings.Contains(now.Problem, errEngine.Error()) {
		t.Errorf("without pairs: %+v %v", now, err)
	}
}

// TestAnswers: the script is given the steps and the wrong pairs, with pictures that it has not; questions about other
// pairs than those that are loaded have no answer.
func TestAnswers(t *testing.T) {
	e := &engine{}
	p, _ := cutPanel(t, e)
	e.idle()
	stamp := p.loaded.Load().stamp
	answer, buffers := p.answer("steps", question{Stamp: stamp})
	at := make([]float64, 5)
	if err := binary.Read(bytes.NewReader(buffers[0]), binary.LittleEndian, at); err != nil || at[0] != -.5 || at[3] != .75 ||
		answer["exact"] != true || len(buffers) != 3 || len(buffers[1]) != 4*5 {
		t.Errorf("%v %v %v", answer, at, err)
	}
	answer, buffers = p.answer("wrong", question{Stamp: stamp, At: .5, Have: []string{"a"}})
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accepted":[{"left":{"id":"a","label":"x","domain":""},"right":{"id":"\u003ci\u003ec","label":"y","domain":""},` +
		`"cosine":0.5}],"at":0.5,"ids":["\u003ci\u003ec","b"],"missed":[{"left":{"id":"b","label":"x","domain":""},` +
		`"right":{"id":"a","label":"x","domain":""},"cosine":0.25}],"wrong":1}`
	if string(text) != want || len(buffers) != 2 || len(buffers[0]) == 0 {
		t.Errorf("%s with %d buffers", text, len(buffers))
	}
	if answer, _ := p.answer("wrong", question{Stamp: stamp + 1}); answer != nil {
		t.Errorf("about other pairs: %v", answer)
	}
	var m message
	err = json.Unmarshal([]byte(`{"do":"keep","runs":[],"text":"","run":"r","side":"val","moved":0.5,"stamp":3,"have":["a"]}`), &m)
	if err != nil || m.Run != "r" || m.Moved != .5 || m.Stamp != 3 || m.Have[0] != "a" || m.Do != "keep" {
		t.Errorf("%+v %v", m, err)
	}
}

// TestSaveThreshold: the file of a model has the threshold that was kept.
func TestSaveThreshold(t *testing.T) {
	e := &engine{}
	p, run := cutPanel(t, e)
	e.idle()
	if _, err := p.chosen(e, "keep", choice{Run: run.ID, Moved: .5}); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.do("save", []string{run.ID}, "a"); err != nil || e.saved == nil || *e.saved != .5 ||
		!strings.Contains(p.said, "with the threshold 0.5000") {
		t.Errorf("%v %v %q", err, e.saved, p.said)
	}
}
