package show

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// protocols returns a made-up report of one protocol with two folds.
func protocols() *protocol.Report {
	spread := func(low, high float64) *stats.Spread {
		return &stats.Spread{SD: .012, Mean: stats.Interval{Low: low, High: high, Confidence: .95, Method: "t"}}
	}
	p := &protocol.Protocol{Name: protocol.Classes, Planned: 3, Complete: 2, Warnings: []string{"warning " + nasty}}
	for _, name := range []string{nasty, "trained encoder"} {
		c := protocol.Method{Name: name}
		for k, measure := range protocol.Metrics() {
			f := protocol.Metric{Name: measure, Value: .8 - .1*float64(k) - .01*float64(len(p.Methods)),
				Folds: spread(.123, .987)}
			if name == "trained encoder" {
				f.Seeds = spread(.456, .654)
			}
			c.Metrics = append(c.Metrics, f)
		}
		p.Methods = append(p.Methods, c)
	}
	gain := protocol.Gain{Against: nasty, Better: 1, Of: 2, Outcome: protocol.GainUnclear}
	gain.Name, gain.Value, gain.Folds = "MAP@R", -.0123, spread(-.1, .1)
	p.GeneralisationGap = &protocol.Metric{Value: -.0432, Folds: spread(-.2, .1)}
	p.Gains = []protocol.Gain{gain}
	for k := range 2 {
		p.Folds = append(p.Folds, &protocol.Fold{Number: k + 1, HeldOut: []string{nasty, "b"}, Train: 70, Val: 8,
			Test: 22, Seeds: []uint64{42}, Reports: []*report.Report{full()}})
	}
	return &protocol.Report{Config: siamese.DefaultConfig(), Seeds: []uint64{42},
		Protocols: []*protocol.Protocol{p, {Name: protocol.Domains, Planned: 2}}}
}

func TestProtocolsPage(t *testing.T) {
	content, err := protocolsPage(PageOptions{}, protocols())
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	selfContained(t, content)
	if strings.Contains(content, "<script") {
		t.Error("a name is not escaped")
	}
	has(t, content, "<h2>unseen classes</h2>", "2 of 3 folds finished, seeds [42]", ">0.123-0.987, 0.456-0.654<",
		">0.123-0.987<", "it is unclear whether training helps, -0.0123",
		"<h2>unseen domains</h2>", "nothing can be said", ">70<",
		"accuracy -0.0432 [-0.2000, &#43;0.1000] (95 % interval for other folds)", ">0.7445<", "best\">0.8000<",
		"best\">0.4900<", "&#34;batch_pairs&#34;")
	path := filepath.Join(t.TempDir(), "p.html")
	if err := SaveProtocols(path, PageOptions{}, protocols()); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(r *protocol.Report){
		"no protocol": func(r *protocol.Report) { r.Protocols = nil },
		"protocol 1 ": func(r *protocol.Report) { r.Protocols[0].Name = "x" },
		"protocol 2 ": func(r *protocol.Report) { r.Protocols[1] = nil },
		"fold 2 ":     func(r *protocol.Report) { r.Protocols[0].Folds[1] = nil },
		"every":       func(r *protocol.Report) { r.Protocols[0].Folds[0].Reports = nil },
		"report is":   func(r *protocol.Report) { r.Protocols[0].Folds[0].Reports[0] = nil },
		"3 of 2 ":     func(r *protocol.Report) { r.Protocols[0].Complete = 3 },
		"has 1 ": func(r *protocol.Report) {
			c := &r.Protocols[0].Methods[1]
			c.Metrics = c.Metrics[:1]
		},
		"MAP@R is 7": func(r *protocol.Report) { r.Protocols[0].Methods[1].Metrics[0].Value = 7 },
		"interval":   func(r *protocol.Report) { r.Protocols[0].Methods[0].Metrics[0].Folds = nil },
	} {
		r := protocols()
		spoil(r)
		if err := SaveProtocols(path, PageOptions{}, r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
