package worker

import (
	"context"
	"fmt"
	"image"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/show"
)

// reportOutputs draws a report, or a part of it.
func (t *task) reportOutputs(ctx context.Context, r *store.Record, args showArgs) (show.Outputs, error) {
	c, err := t.reports(ctx, r.Key, args.Number)
	if err != nil {
		return nil, err
	}
	one := c.One()
	switch args.Part {
	case "":
		if len(c.Reports) > 1 {
			return show.ComparedOutputs(c)
		}
		return show.ReportsOutputs(one), nil
	case "reliability":
		return show.ReliabilityOutputs(one)
	case "thresholds":
		return thresholdsOutputs(one)
	case "hardest":
		pictures, err := t.picturesOf(r)
		if err != nil {
			return nil, err
		}
		return show.HardestOutputs(one, args.Count, pictures)
	}
	return nil, option.Errorf("part", "%s is no part of a report: reliability, thresholds or hardest", quote.Text(args.Part))
}

// reports returns what an evaluation found, or with a number the report on one of the models.
func (t *task) reports(ctx context.Context, key string, number int) (*report.Compared, error) {
	c, err := input[*reportObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	if number == 0 {
		return c.Compared, nil
	}
	if number < 0 || number > len(c.Reports) {
		return nil, option.Errorf("number", "%d of %d models", number, len(c.Reports))
	}
	return &report.Compared{Reports: c.Reports[number-1 : number]}, nil
}

// picturesOf returns what finds the pictures of the items of a report; nil = they are no pictures.
func (t *task) picturesOf(r *store.Record) (func(id string) image.Image, error) {
	args := operations[r.Op].args()
	if err := decodeArgs(r.Op, r.Args, args); err != nil {
		return nil, err
	}
	of := ""
	switch a := args.(type) {
	case *evaluateArgs:
		of = a.Split
	case *compareArgs:
		of = a.Split
	case *evaluatePairsArgs:
		of = a.Pairs
	}
	s, err := t.w.record(of)
	if err != nil {
		return nil, err
	}
	return t.pictureOf(s.Inputs[0])
}

// thresholdsOutputs is a table of what thresholds that were chosen on validation items do on the test.
func thresholdsOutputs(r *report.Report) (show.Outputs, error) {
	if r.Details == nil || len(r.Details.Of[0].Thresholds) == 0 {
		return nil, option.Errorf("Details", "the report has no thresholds: evaluate with details")
	}
	header := []string{"threshold chosen by", "threshold", "validation: accuracy", "FPR", "FNR", "test: accuracy", "FPR",
		"FNR"}
	var rows [][]string
	for _, d := range r.Details.Of[0].Thresholds {
		row := []string{d.Name, fmt.Sprintf("%.3f", d.Threshold)}
		for _, at := range []report.AtThreshold{d.Validation, d.Test} {
			row = append(row, fmt.Sprintf("%.3f", at.Accuracy), fmt.Sprintf("%.4f", at.FPR), fmt.Sprintf("%.4f", at.FNR))
		}
		rows = append(rows, row)
	}
	return show.TableOutputs(r.GeneralisationGap(), header, rows), nil
}

// savePage writes the page of a report.
func savePage(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args struct {
		Key    string `json:"key"`
		Path   string `json:"path"`
		Title  string `json:"title"`
		Number int    `json:"number"`
	}
	if err := decodeArgs("page", body, &args); err != nil {
		return wire.Message{}, err
	}
	if args.Path == "" {
		return wire.Message{}, option.Errorf("path", "the path to save to is empty")
	}
	r, err := w.record(args.Key)
	if err != nil {
		return wire.Message{}, err
	}
	t := &task{w: w, flight: &flight{}, key: args.Key, cell: c.cell, begun: time.Now()}
	defer t.release()
	reports, err := t.reports(ctx, args.Key, args.Number)
	if err != nil {
		return wire.Message{}, err
	}
	opt := show.PageOptions{Title: args.Title}
	if opt.Image, err = t.picturesOf(r); err != nil {
		return wire.Message{}, err
	}
	if err := show.SaveComparison(args.Path, opt, reports); err != nil {
		return wire.Message{}, err
	}
	return wire.Message{Told: []provenance.Event{{Kind: provenance.FileWritten, Text: args.Path}}}, nil
}
