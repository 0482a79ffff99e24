// Package export writes what a search came to for other programs: as a journal file of Optuna, which optuna-dashboard
// opens, as tables of runs in CSV and Parquet, and as events with hyper-parameters for TensorBoard.
package export

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

// The operations of a journal, and the states of trials in it: JournalOperation and TrialState of Optuna 5.
const (
	createStudy     = 0
	setSystemAttr   = 3 // of the study
	createTrial     = 4
	setParam        = 5
	setState        = 6
	setIntermediate = 7
	setUserAttr     = 8

	maximize = 2
)

// metricNames is the attribute that says what a study's values are, as Study.set_metric_names writes it.
const metricNames = "study:metric_names"

var states = map[found.State]int{found.Running: 0, found.Complete: 1, found.Pruned: 2, found.Failed: 3}

// distribution is a range as Optuna writes it.
type distribution struct {
	Name       string         `json:"name"`
	Attributes map[string]any `json:"attributes"`
}

// Journal writes a search as the study called name into a journal file of Optuna 5 (JournalFileBackend), whose lines
// are operations. The study is to be maximised; scores by epoch are intermediate values; held_out, epochs_trained,
// error and, of an empty space, seed are user attributes; the value is named as the result's Monitor. How long trials took is that of the call that made the result, up to now. An older file is
// replaced.
//
//	optuna-dashboard study.journal
func Journal(path, name string, r *found.Result, now time.Time) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		total := 0.
		for _, run := range r.Runs {
			total += run.Seconds
		}
		at := now.Add(-seconds(total))
		j := journal{to: json.NewEncoder(w)}
		j.to.SetEscapeHTML(false)
		j.add(createStudy, map[string]any{"study_name": name, "directions": []int{maximize}})
		j.add(setSystemAttr, map[string]any{"study_id": 0, "system_attr": map[string]any{metricNames: []string{r.Monitor}}})
		for _, run := range r.Runs {
			j.run(r.Space, run, &at)
		}
		return j.err
	})
}

// journal writes operations, up to the first that fails.
type journal struct {
	to  *json.Encoder
	err error
}

func (j *journal) add(op int, fields map[string]any) {
	fields["op_code"], fields["worker_id"] = op, "siamese"
	if j.err == nil {
		j.err = j.to.Encode(fields)
	}
}

// run writes a trial, which begins at a time and moves it to its end.
func (j *journal) run(s space.Space, run found.Run, at *time.Time) {
	id := run.Number // the only study's trials are numbered as they are created
	j.add(createTrial, map[string]any{"study_id": 0, "datetime_start": stamp(*at)})
	for _, p := range s {
		value, ok := run.Point[p.Name]
		if !ok {
			continue
		}
		text, err := json.Marshal(distributionOf(p))
		if err != nil && j.err == nil {
			j.err = err
		}
		j.add(setParam, map[string]any{"trial_id": id, "param_name": p.Name, "param_value_internal": value,
			"distribution": string(text)})
	}
	for k, v := range run.Curve {
		if finite(v) { // JSON has no other numbers
			j.add(setIntermediate, map[string]any{"trial_id": id, "step": k + 1, "intermediate_value": v})
		}
	}
	attrs := map[string]any{"epochs_trained": len(run.Curve)}
	if run.State == found.Complete {
		attrs["held_out"] = run.HeldOut
	}
	if run.Error != "" {
		attrs["error"] = run.Error
	}
	if len(s) == 0 {
		attrs["seed"] = fmt.Sprint(run.Config.Seed) // a number that a page's JavaScript may not have
	}
	for _, key := range []string{"epochs_trained", "held_out", "error", "seed"} {
		if v, ok := attrs[key]; ok {
			j.add(setUserAttr, map[string]any{"trial_id": id, "user_attr": map[string]any{key: v}})
		}
	}
	*at = at.Add(seconds(run.Seconds))
	state := states[run.State]
	var values []float64
	if run.State == found.Complete || run.State == found.Pruned {
		values = []float64{run.Score}
		if !finite(run.Score) {
			state, values = states[found.Failed], nil
		}
	}
	if state == states[found.Running] {
		return
	}
	j.add(setState, map[string]any{"trial_id": id, "state": state, "values": values, "datetime_complete": stamp(*at)})
}

// distributionOf returns the range of a setting as Optuna has it.
func distributionOf(p space.Param) distribution {
	if p.Kind == space.KindChoice {
		return distribution{"CategoricalDistribution", map[string]any{"choices": p.Choices}}
	}
	d := distribution{"FloatDistribution", map[string]any{"low": p.Low, "high": p.High, "log": p.Log, "step": nil}}
	if p.Kind == space.KindInt {
		d.Name = "IntDistribution"
		d.Attributes["step"] = 1
	}
	return d
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// stamp returns a time as Python's datetime.fromisoformat reads it.
func stamp(t time.Time) string { return fmt.Sprint(t.UTC().Format("2006-01-02T15:04:05.000000-07:00")) }
