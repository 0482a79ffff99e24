package history

import (
	"fmt"
	"strings"
)

// Trials is what a sweep came to, apart from its models: the table of its trials, and their curves.
type Trials struct {
	Monitor string // the metric that ranks them, see config.Config.Monitor
	Header  []string
	Rows    [][]string // a row for each trial, the best first
	Curves  []Curve    // in the same order
}

// Curve is one value of a trial by epoch.
type Curve struct {
	Name   string    // of the trial
	Epochs []int     // numbers of the epochs
	Values []float64 // one for each of Epochs, in the metric's own sign
}

// String returns the names of the trials, the best first.
func (t *Trials) String() string {
	names := make([]string, len(t.Curves))
	for k, c := range t.Curves {
		names[k] = c.Name
	}
	return fmt.Sprintf("%d trials by %s: %s", len(t.Curves), t.Monitor, strings.Join(names, ", "))
}

// String returns the name of the trial and its last value.
func (c Curve) String() string {
	if len(c.Values) == 0 {
		return c.Name + ": no epoch"
	}
	return fmt.Sprintf("%s: %.4f after %d epochs", c.Name, c.Values[len(c.Values)-1], len(c.Values))
}
