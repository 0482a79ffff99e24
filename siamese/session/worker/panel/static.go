package panel

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"strings"

	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/show"
)

// still is what stays of a panel in a saved notebook, before it is drawn. It shares nothing with the panel, so that the
// panel is free meanwhile.
type still struct {
	engine   Engine
	view     string // id of the view that hides it
	runs     []Run
	shown    *Run // whose plots are seen; nil = none
	cut      cut
	loaded   *loaded // the pairs of cut; nil = none
	compared string
}

// still returns what stays of the panel as it is now. p.mu is held.
func (p *Panel) still() still {
	s := still{engine: p.engine, runs: p.runs.List(), shown: p.runs.Get(p.shown), compared: p.compared}
	if p.view != nil {
		s.view = p.view.id
	}
	s.cut, s.loaded = p.cut, p.loaded.Load()
	return s
}

// bundle returns what stays by MIME type: the table of runs, the curves of the run whose plots are seen with what its
// threshold does, and the comparison.
func (s *still) bundle(ctx context.Context) map[string]any {
	// As few columns as can be: paper has no room for more.
	header := []string{"run", "settings", "seed", "state", "MAP@R", "ROC-AUC", "epochs"}
	rows := [][]string{}
	for _, r := range s.runs {
		t := toldOf(&r)
		rows = append(rows, []string{strings.TrimSpace(fmt.Sprint(t.Number, " ", t.Name)), t.What, t.Seed, t.Status,
			measure(r.Metrics, "map_at_r"), measure(r.Metrics, "roc_auc"), fmt.Sprint(t.Epochs)})
	}
	out := show.Outputs{{Text: "a panel: no run is kept", HTML: "<p>A panel: no run is kept.</p>"}}
	if len(rows) > 0 {
		out = show.TableOutputs("runs of the panel", header, rows)
	}
	data := map[string]any{"text/plain": out[0].Text}
	if run := s.shown; run != nil && run.Model != "" {
		if pictures, err := s.engine.Outputs(ctx, run.Model); err == nil { // a model that is gone has no picture
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
		if s.loaded != nil && s.loaded.run == run.ID {
			same, different := s.loaded.pairs.Cosines()
			if err := out.Threshold(s.cut.What, same, different, s.cut.Threshold); err != nil {
				out = append(out, show.Output{Text: err.Error()})
			}
		}
	}
	data["text/html"] = `<div class="siamese-panel-static siamese-panel-` + s.view + `">` + htmlOf(out) + s.compared + "</div>"
	return data
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

// measure returns a metric of a run, "" where it has none.
func measure(metrics map[string]session.Measure, key string) string {
	if m, ok := metrics[key]; ok {
		return m.String()
	}
	return ""
}

// redraw brings what stays in a saved notebook up to date.
func (p *Panel) redraw(v *view) {
	p.mu.Lock()
	s := p.still()
	end, ok := s.engine.Begin()
	p.mu.Unlock()
	if !ok {
		return
	}
	defer end()
	_ = widget.Redisplay(p.ctx, v.id, s.bundle(p.ctx)) // where nobody hears it, the cell shows it when it runs again
}
