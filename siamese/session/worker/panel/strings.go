package panel

import "github.com/go-siamese/lab/data/quote"

// String names the panel by its runs.
func (p *Panel) String() string { return "panel of " + p.runs.String() }

// String names the run.
func (r Run) String() string { return r.Run.String() }

// String says how many runs there are.
func (r *Runs) String() string { return quote.Count(len(r.List()), "run") }

// String names the view.
func (s *Shown) String() string { return "a view of a panel, widget " + s.Widget }
