package study

import (
	"encoding/json"
	"os"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// trialTimes are how long a trial took: another file than its record, since they differ in every run, and the record of
// the same training is the same to the byte. They are for people: nothing depends on them.
type trialTimes struct {
	Seconds     float64   `json:"seconds"`
	PairsPerSec []float64 `json:"pairs_per_second"` // by epoch
}

// times returns the path of the times, "" if nothing is saved.
func (f trialFile) times() string { return f.part(".times") }

// writeTimes saves the times of a trial. It is the lab's own file, which no receipt lists.
func (f trialFile) writeTimes(t *TrialResult) error {
	of := trialTimes{Seconds: t.Seconds}
	for _, e := range t.Result.History {
		of.PairsPerSec = append(of.PairsPerSec, e.PairsPerSec)
	}
	return jsonfile.WriteOwn(f.times(), of)
}

// readTimes gives a saved trial its times. Without the file, or with another one, they are 0, as they are not known.
func (f trialFile) readTimes(t *TrialResult) {
	text, err := os.ReadFile(f.times())
	var of trialTimes
	if err != nil || json.Unmarshal(text, &of) != nil || len(of.PairsPerSec) != len(t.Result.History) {
		return
	}
	t.Seconds = of.Seconds
	for k := range t.Result.History {
		t.Result.History[k].PairsPerSec = of.PairsPerSec[k]
	}
}

// timeless returns a history without its rates.
func timeless(history []siamese.Epoch) []siamese.Epoch {
	out := append([]siamese.Epoch(nil), history...)
	for k := range out {
		out[k].PairsPerSec = 0
	}
	return out
}
