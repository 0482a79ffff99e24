package history

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
