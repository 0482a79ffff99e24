package panel

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
)

// The parts of the script, in their order in it.
var (
	//go:embed plots.js
	plotsScript string
	//go:embed cut.js
	cutScript string
	//go:embed panel.js
	panelScript string
)

//go:embed panel.css
var style string

// view is a panel on a page.
type view struct {
	id               string // of its static part
	root             *widget.VBox
	run, pause, stop *widget.Button
	script           *widget.Any
	able             [3]bool // which buttons can be clicked
}

// newView returns a view that is not open. p.mu is held.
func newView(p *Panel) *view {
	v := &view{able: [3]bool{true, true, true}}
	wide := widget.Layout{Width: "auto"}
	v.run = &widget.Button{Label: "Run", Kind: "primary", Icon: "play", Look: widget.Look{Layout: wide}}
	v.pause = &widget.Button{Label: "Pause / resume", Icon: "pause", Look: widget.Look{Layout: wide}}
	v.stop = &widget.Button{Label: "Stop", Icon: "stop", Look: widget.Look{Layout: wide}}
	locked := func(f func() error) func() {
		return func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.said = ""
			if err := f(); err != nil {
				p.say("%v", err)
			}
		}
	}
	v.run.OnClick(locked(func() error {
		cfg, ok := p.form.Config()
		if !ok {
			return fmt.Errorf("the settings must be changed first")
		}
		return p.start(cfg, "")
	}))
	v.pause.OnClick(locked(p.pause))
	v.stop.OnClick(locked(func() error { p.stop(); return nil }))
	v.script = &widget.Any{Module: widgetkit.Module(plotsScript + cutScript + panelScript), CSS: style, State: p.state(), Ended: map[string]any{"alive": false},
		Layout: widget.Layout{Width: "100%"}}
	v.script.OnMessage(func(content json.RawMessage, _ [][]byte) { p.message(v, content) })
	bar := &widget.HBox{Children: []widget.Widget{v.run, v.pause, v.stop}, Layout: widget.Layout{FlexFlow: "row wrap"}}
	v.root = &widget.VBox{Children: []widget.Widget{p.form.root, bar, v.script}, Layout: widget.Layout{Width: "100%"}}
	return v
}

// buttons makes the buttons those that can be clicked now. p.mu is held.
func (p *Panel) buttons() {
	v := p.view
	if v == nil || v.root.ID() == "" {
		return
	}
	_, ok := p.form.Config()
	j := p.job
	for i, b := range []struct {
		button *widget.Button
		able   bool
	}{{v.run, ok}, {v.pause, j != nil && j.training && !j.stopped}, {v.stop, j != nil && !j.stopped}} {
		if v.able[i] != b.able && b.button.SetDisabled(!b.able) == nil {
			v.able[i] = b.able
		}
	}
}

// told is a run as the script has it.
type told struct {
	ID      string                     `json:"id"`
	Number  int                        `json:"number"`
	Name    string                     `json:"name"`
	Status  string                     `json:"status"`
	What    string                     `json:"what"` // in which settings it differs from the preset
	Seed    string                     `json:"seed"` // a number that JavaScript may not have
	Metrics map[string]session.Measure `json:"metrics"`
	Epochs  int                        `json:"epochs"`
	Seconds float64                    `json:"seconds"`
	Made    string                     `json:"made"`
	Model   bool                       `json:"model"` // it has one
	Note    string                     `json:"note"`
}

// state returns what the script shows. p.mu is held.
func (p *Panel) state() map[string]any {
	runs := []told{}
	for _, r := range p.runs.List() {
		runs = append(runs, toldOf(&r))
	}
	busy := map[string]any{"run": "", "paused": false, "waiting": len(p.queue)}
	if p.job != nil {
		busy["run"], busy["paused"] = p.job.run.ID, p.job.paused
	}
	live := p.live
	if live.Loss == nil {
		live.Loss, live.Val, live.Warnings = [][2]float64{}, [][2]float64{}, []string{}
	}
	shown := ""
	if p.view != nil {
		shown = p.view.id
	}
	return map[string]any{"alive": true, "live": live, "cut": p.cut, "runs": runs, "busy": busy, "said": p.said,
		"compared": p.compared, "shown": shown}
}

// toldOf returns a run as the script has it.
func toldOf(r *Run) told {
	cfg := r.Config
	base, name := nearest(cfg)
	cfg.Seed = base.Seed // a column of its own
	what := strings.ToLower(name)
	if text := differences(base, cfg); text != "" {
		what += ", " + text
	}
	if r.Threshold != nil {
		what = fmt.Sprintf("threshold %.4f kept, ", *r.Threshold) + what // first: the page cuts the rest off
	}
	if r.Status == Unreadable {
		what = r.Problem
	}
	note := r.Problem
	if note == "" {
		note = r.Verdict
	}
	return told{r.ID, r.Number, r.Name, r.Status, what, fmt.Sprint(r.Config.Seed), r.Metrics, r.Epochs, r.Seconds,
		r.Made.Local().Format("2006-01-02 15:04"), r.Model != "", note}
}

// do does what the user asks for in the script. p.mu is held.
func (p *Panel) do(what string, ids []string, text string) error {
	var runs []*Run
	for _, id := range ids {
		if r := p.runs.Get(id); r != nil {
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return errNone
	}
	p.said = ""
	defer p.tell()
	run := runs[0]
	for _, r := range runs {
		if r.Status == Unreadable && what != "show" && what != "delete" {
			return errors.New(r.Problem)
		}
	}
	switch what {
	case "show":
		p.plotsOf(run.ID)
	case "copy":
		p.form.Fill(run.Config)
		p.said = "the form has the settings of " + run.String()
	case "rename":
		run.Name = text
		p.keep(run)
		p.static = true
	case "delete":
		return p.remove(runs)
	case "seeds":
		for i := range uint64(seeds) {
			cfg := run.Config
			cfg.Seed += i + 1
			name := ""
			if run.Name != "" { // by which one run is found
				name = fmt.Sprintf("%s, seed %d", run.Name, cfg.Seed)
			}
			if err := p.start(cfg, name); err != nil {
				return err
			}
		}
	case "resume":
		gone := false
		if run.Status == Done {
			_, _, err := p.kept(p.engine, run)
			gone = err != nil
		}
		if run.Status != Stopped && run.Status != Failed && !gone {
			return fmt.Errorf("%s is %s: there is nothing to go on with", run, run.Status)
		}
		p.enqueue(run)
	case "save":
		return p.save(run, text)
	case "compare":
		p.compare(runs)
	default:
		return fmt.Errorf("%q is nothing that the panel does", what)
	}
	return nil
}

// seeds is how many other seeds a run is repeated with.
const seeds = 3

// remove deletes runs. p.mu is held.
func (p *Panel) remove(runs []*Run) error {
	for _, run := range runs {
		if p.job != nil && p.job.run.ID == run.ID {
			return fmt.Errorf("%s runs: stop it first", run)
		}
	}
	for _, run := range runs {
		p.queue = slices.DeleteFunc(p.queue, func(q *Run) bool { return q.ID == run.ID })
		if err := p.runs.Delete(run.ID); err != nil {
			return err
		}
		if p.shown == run.ID {
			p.shown, p.live = "", live{}
			p.uncut()
		}
	}
	p.static = true
	return nil
}
