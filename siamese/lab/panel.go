package lab

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
)

// Panel shows a live panel below the cell: a form of the settings, trainings with curves, and the table of all runs. It
// goes on when its cell has ended. It begins with the default configuration, changed by settings; [Split.Run] is the
// setting of an earlier run.
//
// Where nobody is there to use it, as in `kernels run`, it trains with these settings, and shows the model, its report
// and what its threshold does to pairs of test items: that which was kept with the run, if they are a run's.
func (s *Split) Panel(settings ...Setting) {
	cfg := change(config.Default(), settings)
	var threshold *float64
	for _, r := range s.named { // of a run whose settings these are
		if reflect.DeepEqual(r.Config, cfg) {
			threshold = r.Threshold
		}
	}
	training(func(opt session.TrainOptions) (*session.Model, error) {
		p, err := s.split.Panel(stopped(), cfg, session.PanelOptions{Train: opt, Threshold: threshold})
		if p == nil {
			return nil, err
		}
		return p.Model, err
	})
}

// Runs returns the runs that the split's panels keep, the oldest first: their settings, metrics and warnings.
func (s *Split) Runs() Runs { return result(s.split.Runs(stopped())) }

// Runs are those that the panels of a split keep.
type Runs []session.Run

// String returns a line for each run: its number and name, what came of it, and its verdict.
func (r Runs) String() string {
	if len(r) == 0 {
		return "no runs"
	}
	var lines []string
	for _, one := range r {
		line := one.String() + ": " + one.Status
		if one.Epochs > 0 {
			line += ", " + quote.Count(one.Epochs, "epoch")
		}
		for _, more := range []string{one.Verdict, quote.Line(one.Problem)} {
			if more != "" {
				line += "; " + more
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Run is a setting: the whole configuration of a run of the split's panels, by its number or the name that the panel's
// table gave it. Of several with a name it is the newest.
func (s *Split) Run(name string) Setting {
	r := result(s.split.Run(stopped(), name))
	s.named = append(s.named, r)
	return Use(r.Config)
}

// Model returns the model of a run of the split's panels, named as in [Split.Run]. What the session has removed since is
// trained again. A run that was stopped has the model of its best epoch so far, which is said. A threshold that was kept in
// the panel is the model's.
func (s *Split) Model(run string) *Model {
	r := result(s.split.Run(stopped(), run))
	m, err := Session().ModelByID(stopped(), cmp.Or(r.Model, "none"))
	var failed *session.Error
	switch {
	case r.Model == "" || errors.As(err, &failed) && failed.Kind == failure.Gone:
		m = s.Train(Use(r.Config)).model
	case err != nil:
		check(err)
	case m.Cut != "":
		fmt.Println(r.String() + ": " + provenance.Volatile(m.Cut))
	}
	switch {
	case r.Threshold == nil:
	case m.Key != r.Model:
		fmt.Println(r.String() + ": its threshold was of another training, and is chosen anew")
	default:
		m = result(m.WithThreshold(stopped(), *r.Threshold, r.ThresholdOn))
	}
	return newModel(m, s.items, s, nil)
}
