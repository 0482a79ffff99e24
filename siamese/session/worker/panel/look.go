package panel

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/show"
)

// plotsOf shows the plots of a run. Those of one that is done are drawn anew from its model and report, as far as the
// session keeps them. p.mu is held.
func (p *Panel) plotsOf(id string) {
	if p.job != nil && id == p.job.run.ID {
		p.shown, p.live = id, p.job.live
		p.uncut() // until it has a model
		return
	}
	run := p.runs.Get(id)
	if run == nil {
		return
	}
	p.shown, p.live = id, newLive(run)
	p.load(run, session.Val)
	p.live.ended(run)
	if run.Status == Done {
		engine := p.engine
		if p.begin(func() { p.again(engine, *run) }) {
			p.live.Place = "its model is looked up"
		}
	}
}

// begin does something beside the panel that uses the engine, unless the worker ends. p.mu is held.
func (p *Panel) begin(f func()) bool {
	end, ok := p.engine.Begin()
	if ok {
		go func() {
			defer end()
			f()
		}()
	}
	return ok
}

// again finds the model and the report of a run that is done. The session removes values that were not used for long: then
// that is said, and "Go on" makes them again.
func (p *Panel) again(engine Engine, run Run) {
	m, whole, err := p.kept(engine, &run)
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
func (p *Panel) kept(engine Engine, run *Run) (*session.Model, *report.Report, error) {
	m, err := engine.Model(run.Model)
	if err != nil {
		return nil, nil, err
	}
	whole, err := engine.Report(p.ctx, run.Report)
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
	if err := p.engine.Save(run, path); err != nil {
		return err
	}
	p.said = fmt.Sprintf("the model of %s is in %s", run, path)
	if run.Threshold != nil {
		p.said += fmt.Sprintf(", with the threshold %.4f", *run.Threshold)
	}
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
	engine := p.engine
	p.begin(func() {
		c, err := engine.Compare(p.ctx, keys, names)
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
	})
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
