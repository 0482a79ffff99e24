package session

import (
	"context"
	"fmt"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Model is a trained model that the session keeps.
type Model struct {
	Value     `json:"-"`
	Config    config.Config   `json:"config"`
	Settings  data.Settings   `json:"settings,omitempty"` // of the features that it needs; "" = not known
	Threshold float64         `json:"threshold"`          // from which cosine on two items are the same
	Split     string          `json:"split,omitempty"`    // key of the split or pairs trained on; "" = from a file
	Best      int             `json:"best"`               // number of the best epoch
	History   []history.Epoch `json:"history,omitempty"`
	Stopped   bool            `json:"stopped,omitempty"` // early stopping ended the training
	Collapsed bool            `json:"collapsed,omitempty"`
	Cut       string          `json:"cut,omitempty"` // where the training was cut; "" = it went to its end
	Warnings  []string        `json:"warnings,omitempty"`
	Digest    string          `json:"digest"`               // of its weights and its threshold: equal ones are equal to the bit
	FirstStep time.Duration   `json:"first_step,omitempty"` // from the call to the start of the first step
}

// Train trains a model on the split, as siamese.Train does with its training and validation items. When ctx is done the
// training stops: the model of the best epoch so far is returned with the error, and the same call later goes on from
// there with the same result as if it had not stopped, also after the worker was killed.
func (s *Split) Train(ctx context.Context, cfg config.Config, opt TrainOptions) (*Model, error) {
	if err := cfg.Validate(); err != nil { // at once, and as the error that it is
		return nil, err
	}
	args := struct {
		Split  string        `json:"split"`
		Config config.Config `json:"config"`
	}{s.Key, cfg}
	m := &Model{}
	err := s.session.pausing(ctx, "train", args, m, opt.Paused,
		func(e wire.Message) { decodeEvent(e, opt.Progress) })
	return give(m, err)
}

// Load returns the model in a file that the lab saved.
func (s *Session) Load(ctx context.Context, path string) (*Model, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	return give(m, s.want(ctx, "load", map[string]string{"path": path}, m, nil))
}

// Save writes the model to a file, which siamese.Load and the command read; where the path ends in .onnx, as ONNX for
// other programs, which the lab does not read back.
func (m *Model) Save(ctx context.Context, path string) error { return m.export(ctx, modelFile, path) }

// modelFile is the name of a model's file.
const modelFile = "model.safetensors"

// Report is what an evaluation found.
type Report struct {
	Value    `json:"-"`
	Verdict  string   `json:"verdict"` // whether training was worth it
	Findings []string `json:"findings"`
	Methods  []Method `json:"methods"` // in the order of the report's table
	Warnings []string `json:"warnings,omitempty"`

	NewClasses bool    `json:"new_classes,omitempty"` // the model has seen none of the test classes
	Lead       Measure `json:"lead"`                  // how far MAP@R, of pairs ROC-AUC, is above the best without training

	// Same are pairs of items, by id, of one class that are least similar, Different those of different classes that are
	// most similar, the hardest first, at most 24 of each; nil without EvaluateOptions.Details.
	Same      [][2]string `json:"same,omitempty"`
	Different [][2]string `json:"different,omitempty"`

	// Of several models: Verdict, Findings and Warnings are about all of them, and the rest is that of the first.
	Model       string               `json:"model,omitempty"` // its name
	Compared    []*Report            `json:"compared,omitempty"`
	Differences []map[string]Measure `json:"differences,omitempty"` // of the second and those after it, less the first

	number int // of the model among those that were compared, from 1; 0 = it is about all
}

// Method is a kind of similarity with its metrics.
type Method struct {
	Name    string             `json:"name"`
	Trained bool               `json:"trained,omitempty"` // it is the model of the report; the others are what it is compared with
	Metrics map[string]Measure `json:"metrics"`           // by the keys of reports, such as "map_at_r"
}

// String returns the metrics that tables show first.
func (m Method) String() string {
	return fmt.Sprintf("%s: MAP@R %s, ROC-AUC %s", m.Name, m.Metrics["map_at_r"], m.Metrics["roc_auc"])
}

// Measure is a metric with its interval; without one Low and High are 0.
type Measure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low,omitempty"`
	High  float64 `json:"high,omitempty"`
}

// String returns the metric with its interval.
func (m Measure) String() string {
	if m.Low == 0 && m.High == 0 {
		return fmt.Sprintf("%.4f", m.Value)
	}
	return fmt.Sprintf("%.4f [%.4f, %.4f]", m.Value, m.Low, m.High)
}

// Evaluate returns how the model does on the test items of a split, beside features without training, as evaluate.Items
// does.
func (m *Model) Evaluate(ctx context.Context, split *Split, opt EvaluateOptions) (*Report, error) {
	return m.EvaluateWith(ctx, split, opt, nil)
}

// EvaluateWith is [Model.Evaluate] with its progress in each; nil = silent.
func (m *Model) EvaluateWith(ctx context.Context, split *Split, opt EvaluateOptions,
	each func(Work)) (*Report, error) {
	r := &Report{}
	args := struct {
		Model   string          `json:"model"`
		Split   string          `json:"split"`
		Options EvaluateOptions `json:"options"`
	}{m.Key, split.Key, opt}
	return give(r, m.session.want(ctx, "evaluate", args, r, working(each)))
}

// Save writes the report to a JSON file, which report.Load and `siamese report` read.
func (r *Report) Save(ctx context.Context, path string) error { return r.export(ctx, reportFile, path) }

// reportFile is the name of a report's file.
const reportFile = "report.json"

// Score is how similar two items are.
type Score struct {
	Value       `json:"-"`
	Left        string   `json:"left"`
	Right       string   `json:"right"`
	Cosine      float64  `json:"cosine"`
	Same        bool     `json:"same"` // at or above the model's threshold
	Threshold   float64  `json:"threshold"`
	Probability float64  `json:"probability,omitempty"` // that they are the same; 0 where Calibrated is false
	Calibrated  bool     `json:"calibrated,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
}

// Score returns the similarity of two items of the frame, by their ids.
func (m *Model) Score(ctx context.Context, f *Frame, left, right string) (*Score, error) {
	return m.ScoreWith(ctx, f, left, f, right)
}

// ScoreWith returns the similarity of an item of one frame and an item of another, by their ids.
func (m *Model) ScoreWith(ctx context.Context, f *Frame, left string, other *Frame, right string) (*Score, error) {
	s := &Score{}
	args := map[string]string{"model": m.Key, "frame": f.Key, "left": left, "other": other.Key, "right": right}
	return give(s, m.session.want(ctx, "score", args, s, nil))
}

// Neighbours are the items of a frame that are most similar to one of them.
type Neighbours struct {
	Value     `json:"-"`
	Query     string      `json:"query"`
	Label     string      `json:"label,omitempty"`
	Threshold float64     `json:"threshold"`
	Gallery   string      `json:"gallery,omitempty"` // how the gallery was used, in words; "" = it was not
	Recall    string      `json:"recall,omitempty"`  // of approximate answers of an index, in words; "" = they are exact
	List      []Neighbour `json:"list"`              // the most similar first
	Warnings  []string    `json:"warnings,omitempty"`
}

// Neighbour is one of them.
type Neighbour struct {
	ID          string  `json:"id"`
	Label       string  `json:"label,omitempty"`
	Domain      string  `json:"domain,omitempty"`
	Cosine      float64 `json:"cosine"` // of the two items, which Same and Probability are about
	Same        bool    `json:"same"`
	Probability float64 `json:"probability,omitempty"`
	// Similarity orders items where the search uses the gallery; elsewhere it is 0, and the cosine does.
	Similarity float64 `json:"similarity,omitempty"`
}

// String returns the neighbour in a line.
func (n Neighbour) String() string {
	text := fmt.Sprintf("%.4f  %s", n.Cosine, n.ID)
	if n.Label != "" {
		text += " [" + n.Label + "]"
	}
	return text
}

// Similar returns the k items of the frame that are most similar to the one with an id, itself left out; 0 = 10.
func (m *Model) Similar(ctx context.Context, f *Frame, id string, k int) (*Neighbours, error) {
	return m.SimilarTo(ctx, f, f, id, k)
}

// SimilarTo returns the k items of the frame that are most similar to an item of another one, such as a new picture
// (Open with the Settings of the model); 0 = 10.
func (m *Model) SimilarTo(ctx context.Context, f, other *Frame, id string, k int) (*Neighbours, error) {
	return m.SimilarWith(ctx, f, other, id, k, GalleryOptions{})
}

// SimilarWith is [Model.SimilarTo] for a search that uses the gallery, which are all items of f.
func (m *Model) SimilarWith(ctx context.Context, f, other *Frame, id string, k int,
	use GalleryOptions) (*Neighbours, error) {
	n := &Neighbours{}
	args := struct {
		Model   string         `json:"model"`
		Frame   string         `json:"frame"`
		Other   string         `json:"other"`
		Query   string         `json:"query"`
		K       int            `json:"k"`
		Gallery GalleryOptions `json:"gallery,omitzero"`
	}{m.Key, f.Key, other.Key, id, k, use}
	return give(n, m.session.want(ctx, "similar", args, n, nil))
}

// SimilarIn returns the k items of an index, a file that [Model.SaveIndex] or the command wrote with this model, that
// are most similar to an item of other, or with other nil to one of the index, by its id; 0 = 10.
func (m *Model) SimilarIn(ctx context.Context, index string, other *Frame, id string, k int,
	use IndexOptions) (*Neighbours, error) {
	index, err := absolute(index)
	if err != nil {
		return nil, err
	}
	args := struct {
		Model   string       `json:"model"`
		Index   string       `json:"index"`
		Other   string       `json:"other,omitempty"`
		Query   string       `json:"query"`
		K       int          `json:"k"`
		Options IndexOptions `json:"options,omitzero"`
	}{Model: m.Key, Index: index, Query: id, K: k, Options: use}
	if other != nil {
		args.Other = other.Key
	}
	n := &Neighbours{}
	return give(n, m.session.want(ctx, "similar in", args, n, nil))
}

// Explanation says which blocks and features a similarity comes from.
type Explanation struct {
	Value    `json:"-"`
	Left     string  `json:"left"`
	Right    string  `json:"right"`
	Cosine   float64 `json:"cosine"`
	Baseline float64 `json:"baseline"` // cosine of any two items
	Blocks   []Part  `json:"blocks"`
	Features []Part  `json:"features,omitempty"` // those with the largest parts
}

// Part is what a block or a feature contributes to a cosine beyond the baseline.
type Part struct {
	Name string  `json:"name"`
	Part float64 `json:"part"`
}

// String returns the name and the part.
func (p Part) String() string { return fmt.Sprintf("%s: %+.4f", p.Name, p.Part) }

// Explain returns which blocks and features of the frame the similarity of two of its items comes from, as explain.Pair
// does.
func (m *Model) Explain(ctx context.Context, f *Frame, left, right string, opt ExplainOptions) (*Explanation, error) {
	x := &Explanation{}
	args := struct {
		Model   string         `json:"model"`
		Frame   string         `json:"frame"`
		Left    string         `json:"left"`
		Right   string         `json:"right"`
		Options ExplainOptions `json:"options"`
	}{m.Key, f.Key, left, right, opt}
	return give(x, m.session.want(ctx, "explain", args, x, nil))
}
