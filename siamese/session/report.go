package session

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/cell"
)

// Compare returns how models do on the same test items of the split, beside features without training, as evaluate.Items
// does: differences are from the first model, in pairs of the same items. names tell the models apart, one for each.
// each is told the progress; nil = silent.
func (s *Split) Compare(ctx context.Context, names []string, models []*Model, opt EvaluateOptions,
	each func(Work)) (*Report, error) {
	if len(names) != len(models) {
		return nil, fmt.Errorf("%d names for %d models", len(names), len(models))
	}
	type named struct {
		Name  string `json:"name"`
		Model string `json:"model"`
	}
	args := struct {
		Split   string          `json:"split"`
		Models  []named         `json:"models"`
		Options EvaluateOptions `json:"options"`
	}{s.Key, nil, opt}
	for i, m := range models {
		args.Models = append(args.Models, named{names[i], m.Key})
	}
	r := &Report{}
	return give(r, s.session.want(ctx, "compare", args, r, working(each)))
}

// Of returns the report on one of several models that were compared, by its name.
func (r *Report) Of(name string) (*Report, error) {
	var known []string
	for i, one := range r.Compared {
		if one.Model != name {
			known = append(known, quote.Text(one.Model))
			continue
		}
		of := *one
		of.Value, of.number = r.Value, i+1
		lines := []string{}
		for _, m := range of.Methods {
			lines = append(lines, m.String())
		}
		of.Text = strings.Join(append(lines, of.Findings...), "\n")
		return &of, nil
	}
	return nil, fmt.Errorf("no model that was compared is called %s: %s", quote.Text(name),
		cmp.Or(strings.Join(known, ", "), "the report is on one model"))
}

// SavePage writes the report, or those that were compared, as one HTML file that needs neither a network nor a notebook;
// with EvaluateOptions.Details it has curves, classes and the hardest pairs. title "" = one of its own.
func (r *Report) SavePage(ctx context.Context, path, title string) error {
	path, err := absolute(path)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"key": r.Key, "path": path, "title": title, "number": r.number})
	if err != nil {
		return err
	}
	_, err = r.session.call(ctx, "page", body, nil)
	return err
}

// ShowPart returns tables and pictures of a part of the report: "reliability", whether probabilities hold on the test,
// and how strong the evidence of similarities is; "thresholds", what thresholds chosen on validation items do on the
// test; "hardest", count pairs of each kind that the model gets most wrong, as pictures where items are; "" = all. The
// last two need EvaluateOptions.Details. Of several models that were compared a part is about the first; see
// [Report.Of].
func (r *Report) ShowPart(ctx context.Context, part string, count int) ([]Picture, error) {
	return r.show(ctx, showing{Key: r.Key, Part: part, Count: count, Number: r.number})
}

// Show is [Value.Show]; of one of several models that were compared it is its own report.
func (r *Report) Show(ctx context.Context) ([]Picture, error) { return r.ShowPart(ctx, "", 0) }

// Display shows what [Report.Show] returns in the output of a cell; elsewhere it does nothing.
func (r *Report) Display(ctx context.Context) error {
	if !cell.Here() {
		return nil
	}
	return displayed(r.Show(ctx))
}
