package panel

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/show"
)

// plotsOf shows the plots of a run. Those of one that is done are drawn anew from its model and report, as far as the
// session keeps them. p.mu is held.
func (p *Panel) plotsOf(id string) {
	if p.job != nil && p.live.Run == p.job.run.ID && id == p.live.Run {
		return
	}
	run := p.runs.Get(id)
	if run == nil {
		return
	}
	p.shown, p.live = id, newLive(run)
	if p.job != nil && p.job.run.ID == id { // what was told before is not known any more: its epochs come at its end
		p.live.Place = "runs"
		return
	}
	p.live.ended(run)
	if run.Status == Done {
		p.live.Place = "its model is looked up"
		go p.again(*run)
	}
}

// again finds the model and the report of a run that is done. The session removes values that were not used for long: then
// that is said, and "Go on" makes them again.
func (p *Panel) again(run Run) {
	m, whole, err := p.kept(&run)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown != run.ID || p.live.Run != run.ID {
		return
	}
	if m != nil {
		p.live.finished(m)
	}
	p.live.evaluated(whole)
	p.live.ended(&run)
	if err != nil {
		p.live.warn(fmt.Sprintf("its model or its report is not there (%v): \"Go on\" makes what is missing again", err))
	}
	p.tell()
}

// kept returns what the session has of a run that is done, and with less than all an error. It computes nothing.
func (p *Panel) kept(run *Run) (*session.Model, *report.Report, error) {
	m, err := p.engine.Model(run.Model)
	if err != nil {
		return nil, nil, err
	}
	whole, err := p.engine.Report(p.ctx, run.Report)
	return m, whole, err
}

// save writes the model of a run to a new file: one that exists is an error. p.mu is held.
func (p *Panel) save(run *Run, path string) error {
	if run.Model == "" {
		return fmt.Errorf("%s has no model yet", run)
	}
	if path = strings.TrimSpace(path); path == "" {
		return errors.New("the file needs a name, such as model.safetensors")
	}
	if !strings.HasSuffix(path, ".safetensors") {
		path += ".safetensors"
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.folder, path)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: choose another name", path, cmp.Or(err, fs.ErrExist))
	}
	if err := p.engine.Save(run.Model, path); err != nil {
		return err
	}
	p.said = fmt.Sprintf("the model of %s is in %s", run, path)
	return nil
}

// compare compares the models of two runs or more, the first with the others. p.mu is held.
func (p *Panel) compare(runs []*Run) {
	var keys, names []string
	for _, run := range runs {
		if run.Model == "" {
			p.said = fmt.Sprintf("%s has no model yet", run)
			return
		}
		keys, names = append(keys, run.Model), append(names, run.String())
	}
	if len(runs) < 2 {
		p.said = "choose two runs or more to compare"
		return
	}
	p.said = "compares " + quote.Count(len(runs), "run") + " on the test items"
	go func() {
		c, err := p.engine.Compare(p.ctx, keys, names)
		text := ""
		if err == nil {
			text, err = comparison(runs, c)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.say("the comparison failed: %v", err)
			return
		}
		p.compared, p.said, p.static = text, "", true
		p.tell()
	}()
}

// comparison returns a comparison as HTML: the settings that differ, then the differences of metrics.
func comparison(runs []*Run, c *report.Compared) (string, error) {
	header, rows := []string{"setting"}, [][]string{}
	values := make([]map[string]string, len(runs))
	for i, run := range runs {
		header, values[i] = append(header, run.String()), map[string]string{}
		for _, f := range fields.Of(run.Config) {
			values[i][f.Name] = f.Text()
		}
	}
	for _, f := range fields.Of(runs[0].Config) {
		row, differs := []string{f.Name}, false
		for _, v := range values {
			row, differs = append(row, v[f.Name]), differs || v[f.Name] != values[0][f.Name]
		}
		if differs {
			rows = append(rows, row)
		}
	}
	var out show.Outputs
	if len(rows) > 0 {
		out = show.TableOutputs("settings that differ", header, rows)
	} else {
		out = show.Outputs{{Text: "x", HTML: "<p>The settings are the same.</p>"}}
	}
	more, err := show.ComparedOutputs(c)
	if err != nil {
		return "", err
	}
	return htmlOf(append(out, more...)), nil
}

// htmlOf returns outputs as HTML, with pictures in it.
func htmlOf(all show.Outputs) string {
	var b strings.Builder
	for _, o := range all {
		switch {
		case o.HTML != "":
			b.WriteString(o.HTML)
		case o.PNG != nil:
			fmt.Fprintf(&b, `<div><img alt="%s" width="%d" style="max-width:100%%;background:#fff" src="data:image/png;base64,%s"></div>`,
				html.EscapeString(o.Text), o.Width, base64.StdEncoding.EncodeToString(o.PNG))
		default:
			fmt.Fprintf(&b, "<pre>%s</pre>", html.EscapeString(o.Text))
		}
	}
	return b.String()
}

// staticBundle returns what stays in a saved notebook, by MIME type: the table of runs, the curves of the run whose plots
// are seen, and the comparison. p.mu is held.
func (p *Panel) staticBundle(ctx context.Context) map[string]any {
	header := []string{"run", "name", "settings", "seed", "state", "MAP@R", "ROC-AUC", "epochs"}
	rows := [][]string{}
	for _, r := range p.runs.List() {
		t := toldOf(&r)
		rows = append(rows, []string{fmt.Sprint(t.Number), t.Name, t.What, t.Seed, t.Status, measure(r.Metrics, "map_at_r"),
			measure(r.Metrics, "roc_auc"), fmt.Sprint(t.Epochs)})
	}
	out := show.Outputs{{Text: "a panel: no run is kept", HTML: "<p>A panel: no run is kept.</p>"}}
	if len(rows) > 0 {
		out = show.TableOutputs("runs of the panel", header, rows)
	}
	data := map[string]any{"text/plain": out[0].Text}
	if run := p.runs.Get(p.shown); run != nil && run.Model != "" {
		if pictures, err := p.engine.Outputs(ctx, run.Model); err == nil { // a model that is gone has no picture
			for _, o := range pictures {
				if o.PNG != nil && data["image/png"] == nil {
					data["image/png"] = base64.StdEncoding.EncodeToString(o.PNG)
				}
			}
			title := html.EscapeString(run.String())
			out = append(out, show.Output{Text: run.String(), HTML: "<p><b>" + title + "</b> " + html.EscapeString(run.Verdict) +
				"</p>"})
			out = append(out, pictures...)
		}
	}
	id := ""
	if p.view != nil {
		id = p.view.id
	}
	data["text/html"] = `<div class="siamese-panel-static siamese-panel-` + id + `">` + htmlOf(out) + p.compared + "</div>"
	return data
}

// measure returns a metric of a run, "" where it has none.
func measure(metrics map[string]session.Measure, key string) string {
	if m, ok := metrics[key]; ok {
		return m.String()
	}
	return ""
}

// publishStatic brings what stays in a saved notebook up to date.
func (p *Panel) publishStatic(v *view) {
	p.mu.Lock()
	data := p.staticBundle(p.ctx)
	p.mu.Unlock()
	_ = widget.Redisplay(p.ctx, v.id, data) // where nobody hears it, the cell shows it when it runs again
}
