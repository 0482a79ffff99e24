package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
)

// PanelOptions say what a panel begins with.
type PanelOptions struct {
	// Run is the name or the number of a run of the panel whose settings count in place of those given; "" = none. A
	// parameter of the notebook may say it.
	Run string
	// Train is for the training where nobody is there to use a panel.
	Train TrainOptions
	// Threshold is the one whose decisions are shown where nobody is there; nil = that of Run, or the model's own.
	Threshold *float64
}

// Panel is what [Split.Panel] came to.
type Panel struct {
	// Live says that the panel is shown and can be used; then the others are nil, and [Split.Runs] returns its runs.
	Live   bool
	Model  *Model
	Report *Report
	// Decisions are what the threshold does to the pairs of test items: PanelOptions.Threshold, or that which was kept with
	// PanelOptions.Run, or the model's own.
	Decisions *Decisions
}

// String says what the panel is.
func (p *Panel) String() string {
	switch {
	case p.Live:
		return "a panel"
	case p.Report == nil:
		return "no report"
	}
	return p.Report.Verdict
}

// Panel shows a panel below the cell: a form of the settings, trainings with live curves, and the table of all runs,
// which the session keeps. It goes on when its cell has ended, until the kernel does. It begins with cfg.
//
// Where nobody is there to use it (a notebook that is executed without a browser, a program outside of the kernel) it
// trains with the settings that the panel would begin with, evaluates the model on the test items, counts what its
// threshold does, displays these and returns them: the same as the run of a panel with these settings. ctx and its errors are as in [Split.Train].
func (s *Split) Panel(ctx context.Context, cfg config.Config, opt PanelOptions) (*Panel, error) {
	decide := DecideOptions{Side: Test}
	if opt.Run != "" {
		run, err := s.Run(ctx, opt.Run)
		if err != nil {
			return nil, fmt.Errorf("Run: %w", err)
		}
		cfg, decide.Threshold = run.Config, run.Threshold
	}
	if opt.Threshold != nil {
		decide.Threshold = opt.Threshold
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cell.Here() {
		live, err := s.livePanel(ctx, cfg)
		if live || err != nil {
			return &Panel{Live: live}, err
		}
	}
	m, err := s.Train(ctx, cfg, opt.Train)
	if err != nil {
		return &Panel{Model: m}, err
	}
	r, err := m.Evaluate(ctx, s, EvaluateOptions{Details: true})
	if err != nil {
		return &Panel{Model: m}, err
	}
	d, err := m.Decide(ctx, s, decide)
	if err != nil {
		return &Panel{Model: m, Report: r}, err
	}
	return &Panel{Model: m, Report: r, Decisions: d}, errors.Join(m.Display(ctx), r.Display(ctx), d.Display(ctx))
}

// livePanel shows the panel, unless nobody is there: then it returns false.
func (s *Split) livePanel(ctx context.Context, cfg config.Config) (bool, error) {
	folder, err := os.Getwd()
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(map[string]any{"split": s.Key, "config": cfg, "folder": folder})
	if err != nil {
		return false, err
	}
	m, err := s.session.call(ctx, "panel", body, nil)
	if err != nil {
		return false, err
	}
	var shown view
	if err := json.Unmarshal(m.Body, &shown); err != nil {
		return false, fmt.Errorf("the session's answer: %w", err)
	}
	if shown.Widget == "" {
		return false, nil
	}
	return true, shown.display("a panel; its last state follows")
}
