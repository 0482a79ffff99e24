package show

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestTable(t *testing.T) {
	shown := content(TableOutputs(nasty, []string{"name", nasty}, [][]string{{nasty, "1"}, {"é", ""}}))
	wellFormed(t, shown)
	selfContained(t, shown)
	has(t, shown, "&lt;script&gt;", "<caption", "é", `<td style="text-align:left`, `<td style="text-align:right`)
	if n := strings.Count(shown, "<tr>"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	if plain := content(TableOutputs("", []string{"a"}, nil)); strings.Contains(plain, "caption") ||
		strings.Count(plain, "<tr>") != 1 {
		t.Error(plain)
	}
}

func TestFrame(t *testing.T) {
	shown := content(FrameOutputs(frame(), 99))
	wellFormed(t, shown)
	selfContained(t, shown)
	has(t, shown, "3 items x 4 features in 2 blocks; the first 3", ">hog/1<", ">glcm/0<", ">0.3333<", ">shoe<")
	if strings.Contains(shown, "hog/2") {
		t.Error("more than two features of a block are shown")
	}
	bare := frame()
	bare.Labels, bare.Domains = nil, nil
	for rows, want := range map[int]int{0: 1, 1: 2, 3: 4} {
		if n := strings.Count(content(FrameOutputs(bare, rows)), "<tr>"); n != want {
			t.Errorf("%d rows asked for: %d lines, want %d", rows, n, want)
		}
	}
}

func TestReports(t *testing.T) {
	r := &report.Report{Name: nasty, Positive: .2,
		Trained: report.Metrics{Name: "trained encoder",
			Values: map[string]float64{stats.MAPAtR: 0.8014, stats.RecallAt1: 0.9, stats.ROCAUC: 0.9935,
				stats.EER: 0.04, stats.Accuracy: 0.96}, Threshold: 0.5},
		Baseline: report.Metrics{Name: "no training", Values: map[string]float64{stats.MAPAtR: 0.4}}}
	shown := content(ReportsOutputs(r, r))
	wellFormed(t, shown)
	selfContained(t, shown)
	withIntervals := *r
	interval := func(v, low, high float64) stats.Estimate {
		return stats.Estimate{Interval: stats.Interval{Value: v, Low: low, High: high, Confidence: .95,
			Method: "delta"}}
	}
	withIntervals.Trained.Intervals = &stats.Metrics{
		Estimates: map[string]stats.Estimate{stats.MAPAtR: interval(.8014, .79, .8121)}}
	withIntervals.Trained.Validation.Accuracy = .7
	withIntervals.Trained.ValidationIntervals = &stats.ThresholdMetrics{Accuracy: interval(.7, .68, .72)}
	has(t, content(ReportsOutputs(r, &withIntervals)), `>0.700 <span style="white-space:nowrap">[0.680, 0.720]</span><`,
		`>0.801 <span style="white-space:nowrap">[0.790, 0.812]</span><`, ">0.801<", "95 % intervals")
	has(t, shown, ">0.801<", ">0.994<", ">0.900<", ">0.040<", ">0.960<", ">0.500<", ": trained encoder<",
		": no training<", ">MAP@R<")
	if n := strings.Count(shown, "<tr>"); n != 5 {
		t.Errorf("%d lines, want a header and two a report", n)
	}
	if strings.Index(shown, "no training") > strings.Index(shown, "trained encoder") {
		t.Error("the baseline does not come first")
	}
	wellFormed(t, content(ReportsOutputs()))
}

func TestProtocols(t *testing.T) {
	metrics := []protocol.Metric{{Name: "MAP@R", Value: 0.8014, Folds: &stats.Spread{SD: 0.012}},
		{Name: "Recall@1", Value: 0.9}}
	gain := protocol.Gain{Metric: metrics[0], Against: "raw features", Better: 3, Of: 4,
		Outcome: protocol.GainBetter}
	shown := content(ProtocolsOutputs(&protocol.Report{Seeds: []uint64{1, 2}, Protocols: []*protocol.Protocol{{
		Name: protocol.Classes, Methods: []protocol.Method{{Name: nasty, Metrics: metrics}},
		Gains: []protocol.Gain{gain},
	}}}))
	wellFormed(t, "<p>"+shown+"</p>")
	selfContained(t, shown)
	has(t, shown, ">0.801 ± 0.012<", ">0.900<", "unseen classes: ", ">MAP@R<", "better in 3 of 4 folds", "2 seed(s)")
	wellFormed(t, "<p>"+content(ProtocolsOutputs(&protocol.Report{}))+"</p>")
}
