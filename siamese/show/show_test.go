package show

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/plotter"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

// endEnv, where it is set, makes the test binary end like a cell whose error has that text.
const endEnv = "SIAMESE_TEST_END"

func TestMain(m *testing.M) {
	switch text := os.Getenv(endEnv); text {
	case "":
		os.Exit(m.Run())
	case "cancelled":
		OK(fmt.Errorf("training: %w", context.Canceled))
	default:
		fmt.Println(Must(7, nil))
		Must(0, errors.New(text))
	}
	fmt.Println("not reached")
}

const nasty = `<script>alert("1")</script> & 'more'`

// wellFormed fails unless content is XML: every tag closed, everything escaped.
func wellFormed(t *testing.T, content string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(content))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %.400s", err, content)
		}
	}
}

// outside matches what would be fetched from elsewhere: names of XML spaces are not.
var outside = regexp.MustCompile(`(?i)(href|src|url\(|@import)[^>]{0,3}["'(= ]*(https?:|//|file:)` +
	`|<script|<link|<iframe`)

// selfContained fails if content refers to anything outside of it.
func selfContained(t *testing.T, content string) {
	t.Helper()
	if found := outside.FindString(content); found != "" {
		t.Errorf("%q is not self-contained", found)
	}
	rest := strings.NewReplacer(`"http://www.w3.org/2000/svg"`, "", `"http://www.w3.org/1999/xlink"`,
		"").Replace(content)
	if strings.Contains(rest, "http") {
		t.Errorf("an address stands in %.400s", rest)
	}
}

// has fails unless content has all parts.
func has(t *testing.T, content string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(content, part) {
			t.Errorf("%q is not in %.600s", part, content)
		}
	}
}

// The pattern of selfContained finds what it should: without this no test would notice that it does not.
func TestOutsidePattern(t *testing.T) {
	for _, bad := range []string{`<img src="http://a/b.png">`, `<image xlink:href='https://a'/>`, `<a href=//cdn>`,
		`style="background:url(http://a)"`, `<script src="x">`} {
		if !outside.MatchString(bad) {
			t.Errorf("%s is not found", bad)
		}
	}
}

func TestTable(t *testing.T) {
	content := TableHTML(nasty, []string{"name", nasty}, [][]string{{nasty, "1"}, {"é", ""}})
	wellFormed(t, content)
	selfContained(t, content)
	has(t, content, "&lt;script&gt;", "<caption", "é", `<td style="text-align:left`, `<td style="text-align:right`)
	if n := strings.Count(content, "<tr>"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	if plain := TableHTML("", []string{"a"}, nil); strings.Contains(plain, "caption") ||
		strings.Count(plain, "<tr>") != 1 {
		t.Error(plain)
	}
}

func frame() *data.Frame {
	f := &data.Frame{
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0"}, IDs: []string{"a", "b", nasty},
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 3}, {Name: "glcm", Start: 3, End: 4}},
		Labels: []string{"shoe", "", "coat"}, Domains: []string{"x", "y", nasty},
	}
	for i := range 12 {
		f.X = append(f.X, float32(i)/3)
	}
	return f
}

func TestFrame(t *testing.T) {
	content := FrameHTML(frame(), 99)
	wellFormed(t, content)
	selfContained(t, content)
	has(t, content, "3 items x 4 features in 2 blocks; the first 3", ">hog/1<", ">glcm/0<", ">0.3333<", ">shoe<")
	if strings.Contains(content, "hog/2") {
		t.Error("more than two features of a block are shown")
	}
	bare := frame()
	bare.Labels, bare.Domains = nil, nil
	for rows, want := range map[int]int{0: 1, 1: 2, 3: 4} {
		if n := strings.Count(FrameHTML(bare, rows), "<tr>"); n != want {
			t.Errorf("%d rows asked for: %d lines, want %d", rows, n, want)
		}
	}
}

func TestReports(t *testing.T) {
	r := &report.Report{Name: nasty,
		Trained: report.Metrics{Name: "trained encoder",
			Values: map[string]float64{stats.MAPAtR: 0.8014, stats.RecallAt1: 0.9, stats.ROCAUC: 0.9935,
				stats.EER: 0.04, stats.Accuracy: 0.96}, Threshold: 0.5},
		Baseline: report.Metrics{Name: "no training", Values: map[string]float64{stats.MAPAtR: 0.4}}}
	content := ReportsHTML(r, r)
	wellFormed(t, content)
	selfContained(t, content)
	withIntervals := *r
	interval := func(v, low, high float64) stats.Estimate {
		return stats.Estimate{Interval: stats.Interval{Value: v, Low: low, High: high, Confidence: .95,
			Method: "delta"}}
	}
	withIntervals.Trained.Intervals = &stats.Metrics{
		Estimates: map[string]stats.Estimate{stats.MAPAtR: interval(.8014, .79, .8121)}}
	withIntervals.Trained.Validation.Accuracy = .7
	withIntervals.Trained.ValidationIntervals = &stats.ThresholdMetrics{Accuracy: interval(.7, .68, .72)}
	has(t, ReportsHTML(r, &withIntervals), `>0.700 <span style="white-space:nowrap">[0.680, 0.720]</span><`,
		`>0.801 <span style="white-space:nowrap">[0.790, 0.812]</span><`, ">0.801<", "95 % intervals")
	has(t, content, ">0.801<", ">0.994<", ">0.900<", ">0.040<", ">0.960<", ">0.500<", ": trained encoder<",
		": no training<", ">MAP@R<")
	if n := strings.Count(content, "<tr>"); n != 5 {
		t.Errorf("%d lines, want a header and two a report", n)
	}
	if strings.Index(content, "no training") > strings.Index(content, "trained encoder") {
		t.Error("the baseline does not come first")
	}
	wellFormed(t, ReportsHTML())
}

func TestProtocols(t *testing.T) {
	metrics := []study.ProtocolMetric{{Name: "MAP@R", Value: 0.8014, Folds: &stats.Spread{SD: 0.012}},
		{Name: "Recall@1", Value: 0.9}}
	gain := study.ProtocolGain{ProtocolMetric: metrics[0], Against: "raw features", Better: 3, Of: 4,
		Outcome: study.GainBetter}
	content := ProtocolsHTML(&study.ProtocolReport{Seeds: []uint64{1, 2}, Protocols: []*study.Protocol{{
		Name: study.ProtocolClasses, Methods: []study.ProtocolMethod{{Name: nasty, Metrics: metrics}},
		Gains: []study.ProtocolGain{gain},
	}}})
	wellFormed(t, "<p>"+content+"</p>")
	selfContained(t, content)
	has(t, content, ">0.801 ± 0.012<", ">0.900<", "unseen classes: ", ">MAP@R<", "better in 3 of 4 folds", "2 seed(s)")
	wellFormed(t, "<p>"+ProtocolsHTML(&study.ProtocolReport{})+"</p>")
}

func picture() *image.Gray {
	p := image.NewGray(image.Rect(0, 0, 5, 3))
	for i := range p.Pix {
		p.Pix[i] = uint8(17 * i)
	}
	return p
}

func TestGrid(t *testing.T) {
	content, err := GridHTML(nasty, [][]Tile{
		{{Image: picture(), Caption: nasty + "\nline", Mark: Query}, {Image: picture(), Mark: Wrong}},
		{{Text: nasty, Mark: Right}},
		{},
	})
	if err != nil {
		t.Fatal(err)
	}
	selfContained(t, content)
	has(t, content, "&lt;script&gt;", "<br/>line", "dashed #d55e00", "solid #009e73", "pixelated")
	if n := strings.Count(content, "<tr>"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	found := regexp.MustCompile(`src="data:image/png;base64,([^"]+)"`).FindAllStringSubmatch(content, -1)
	if len(found) != 2 {
		t.Fatalf("%d pictures, want 2", len(found))
	}
	raw, err := base64.StdEncoding.DecodeString(found[0][1])
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 3 {
		for x := range 5 {
			if got.At(x, y) != picture().At(x, y) {
				t.Fatalf("pixel %d, %d is %v", x, y, got.At(x, y))
			}
		}
	}
	for mark := Plain; mark <= Wrong; mark++ {
		if markStyle[mark] == "" {
			t.Errorf("mark %d has no style", mark)
		}
	}
	for _, tile := range []Tile{{}, {Caption: "x"}, {Image: image.NewGray(image.Rect(0, 0, 0, 0))}} {
		_, err := GridHTML("", [][]Tile{{{Text: "a"}}, {{Text: "b"}, tile}})
		if err == nil || !strings.Contains(err.Error(), "row 2, column 2") {
			t.Errorf("%+v: error %v", tile, err)
		}
		if Grid("", [][]Tile{{tile}}) == nil {
			t.Error("no error from Grid")
		}
	}
}

// history returns a result of n epochs.
func history(n int) *siamese.Result {
	r := &siamese.Result{Best: max(1, n-1)}
	for i := range n {
		x := float64(i)
		r.History = append(r.History, siamese.Epoch{Number: i + 1, Loss: 0.1 * math.Exp(-x), ValLoss: 0.09 + x/1000,
			ValAUC: 0.99 - 0.1*math.Exp(-x), ValMAP: 0.8 - 0.5*math.Exp(-x)})
	}
	return r
}

// texts returns the text elements of an SVG in order, and how wide it is.
func texts(t *testing.T, svg string) []string {
	t.Helper()
	wellFormed(t, svg)
	selfContained(t, svg)
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(svg, -1) {
		out = append(out, m[1])
	}
	if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Error("the picture has coordinates that are not numbers")
	}
	if strings.Count(svg, "font-family:") != strings.Count(svg, "sans-serif") {
		t.Error("a text has no font to fall back to")
	}
	return out
}

func TestHistorySVG(t *testing.T) {
	for _, n := range []int{1, 2, 12, 200} {
		svg, err := HistorySVG(history(n))
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts(t, svg), "|")
		has(t, all, "Mean squared error of the cosine", "Validation items", "epoch", "training (dropout on)",
			"validation", "ROC-AUC", "MAP@R", fmt.Sprintf("best: epoch %d", max(1, n-1)))
		has(t, svg, `viewBox="0 0 662.4 216"`)
		if dots := strings.Count(svg, "A2,2"); n == 12 && dots < 4*n {
			t.Errorf("%d dots of %d epochs and four curves", dots, n)
		}
	}
	other := history(3)
	cfg := siamese.DefaultConfig()
	cfg.Loss, _ = loss.Default("supcon")
	other.Model = &siamese.Model{Config: cfg}
	for i := range other.History {
		other.History[i].ValMAP, other.History[i].UnseenMAP = 0, 0.5
	}
	svg, err := HistorySVG(other)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(texts(t, svg), "|")
	has(t, all, "Loss: supcon", "MAP@R, unseen classes")
	if strings.Contains(all, "squared") || strings.Contains(all, "|MAP@R|") || strings.Contains(all, "|validation|") {
		t.Errorf("metrics that the run does not have are shown: %s", all)
	}
	flat := history(3)
	for i := range flat.History {
		flat.History[i] = siamese.Epoch{Number: i + 1}
	}
	svg, err = HistorySVG(flat)
	if err != nil {
		t.Fatal(err)
	}
	texts(t, svg)
	broken := history(3)
	broken.History[1].ValLoss = math.NaN()
	for what, r := range map[string]*siamese.Result{"nothing": nil, "no epoch": {}, "NaN": broken} {
		if _, err := HistorySVG(r); err == nil {
			t.Errorf("%s is plotted", what)
		}
		if History(r) == nil {
			t.Errorf("%s is displayed", what)
		}
	}
}

// The legend stands in the strip below the axes, where no curve can be.
func TestLegendCoversNothing(t *testing.T) {
	svg, err := HistorySVG(history(12))
	if err != nil {
		t.Fatal(err)
	}
	const strip = 22
	entry := regexp.MustCompile(`(?s)<text x="[^"]*" y="-([0-9.]+)"[^>]*>` +
		`(?:training \(dropout on\)|ROC-AUC|best: epoch 11)</text>`)
	lines := entry.FindAllStringSubmatch(svg, -1)
	if len(lines) != 4 {
		t.Fatalf("%d entries found, want 4", len(lines))
	}
	for _, l := range lines {
		if y, err := strconv.ParseFloat(l[1], 64); err != nil || y > strip || y < 2 {
			t.Errorf("a legend's text is %s points above the bottom, want it inside the strip of %d", l[1], strip)
		}
	}
}

func TestScoresSVG(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var same, different []float32
	for range 500 {
		same, different = append(same, 1-rng.Float32()/3), append(different, rng.Float32()/2)
	}
	svg, err := ScoresSVG(nasty, same, different, 0.6125)
	if err != nil {
		t.Fatal(err)
	}
	has(t, strings.Join(texts(t, svg), "|"), "&lt;script&gt;", "cosine", "density", "same", "different",
		"threshold 0.61")
	for what, scores := range map[string][]float32{"one value": {0.5, 0.5}, "beyond one": {-1.0000001, 1.0000001}} {
		svg, err := ScoresSVG(what, scores, scores, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		texts(t, svg)
	}
	nan := float32(math.NaN())
	tests := []struct {
		what            string
		same, different []float32
		threshold       float64
		want            string
	}{
		{"no same", nil, different, 0.5, "0 same"},
		{"no different", same, nil, 0.5, "0 different"},
		{"NaN", []float32{0, nan}, different, 0.5, "cosine 1 is NaN"},
		{"infinite", same, []float32{float32(math.Inf(1))}, 0.5, "cosine 0 is +Inf"},
		{"threshold", same, different, math.NaN(), "threshold is NaN"},
		{"threshold infinite", same, different, math.Inf(-1), "threshold is -Inf"},
	}
	for _, test := range tests {
		_, err := ScoresSVG("title", test.same, test.different, test.threshold)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.what, err, test.want)
		}
		if Scores("title", test.same, test.different, test.threshold) == nil {
			t.Errorf("%s is displayed", test.what)
		}
	}
}

func TestHistogramHasAreaOne(t *testing.T) {
	h := histogram([]float32{-1, 0, 0.3, 0.30001, 1}, -1, 1)
	area, weight := 0.0, func(b plotter.HistogramBin) float64 { return b.Weight * h.Width }
	for _, b := range h.Bins {
		area += weight(b)
	}
	if math.Abs(area-1) > 1e-9 {
		t.Errorf("area %v", area)
	}
	if first, last := weight(h.Bins[0]), weight(h.Bins[len(h.Bins)-1]); math.Abs(first-0.2) > 1e-9 ||
		math.Abs(last-0.2) > 1e-9 {
		t.Errorf("the ends hold %v and %v, want 0.2 each", first, last)
	}
}

func TestTicks(t *testing.T) {
	labels := func(ts ticks, low, high float64) string {
		var out []string
		for _, tick := range ts.Ticks(low, high) {
			out = append(out, tick.Label)
		}
		return strings.Join(out, " ")
	}
	for _, test := range []struct {
		ts        ticks
		low, high float64
		want      string
	}{
		{ticks{}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{ticks{}, 0.016, 0.124, "0.02 0.04 0.06 0.08 0.10 0.12"},
		{ticks{}, -0.5, 0.5, "-0.4 -0.2 0.0 0.2 0.4"},
		{ticks{}, 0, 3000, "0 500 1000 1500 2000 2500 3000"},
		{ticks{whole: true}, 1, 12, "2 4 6 8 10 12"},
		{ticks{whole: true}, 0, 2, "0 1 2"},
		{ticks{whole: true}, 1, 200, "50 100 150 200"},
		{ticks{}, 0.25, 0.25, "0.25"},
	} {
		if got := labels(test.ts, test.low, test.high); got != test.want {
			t.Errorf("from %v to %v: %s, want %s", test.low, test.high, got, test.want)
		}
	}
	rng := rand.New(rand.NewPCG(2, 1))
	for range 2000 {
		low := rng.NormFloat64() * math.Pow(10, float64(rng.IntN(8)-4))
		high := low + math.Pow(10, 6*rng.Float64()-3)*max(1e-3, math.Abs(low))
		all := (ticks{}).Ticks(low, high)
		if len(all) < 3 || len(all) > 9 {
			t.Fatalf("%d ticks from %v to %v", len(all), low, high)
		}
		for i, tick := range all {
			if tick.Value < low-1e-6*(high-low) || tick.Value > high+1e-6*(high-low) || i > 0 &&
				(tick.Value <= all[i-1].Value || tick.Label == all[i-1].Label) {
				t.Fatalf("ticks %v from %v to %v", all, low, high)
			}
		}
	}
}

func TestProgress(t *testing.T) {
	p := siamese.Progress{Epoch: 2, Epochs: 4, Step: 5, Steps: 10, Loss: 0.12345, PairsPerSec: 3210.7,
		Left: 90 * time.Second}
	if got, want := progressText(p),
		"epoch 2 of 4, batch 5 of 10: loss 0.1235, 3211 pairs/s, at most 1m30s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	content := progressHTML(p, []string{"epoch 1: a < b"})
	wellFormed(t, content)
	has(t, content, "warning: epoch 1: a &lt; b")
	has(t, content, `value="0.3750"`, "batch 5 of 10")
	p.Last = &siamese.Epoch{Number: 1, ValAUC: 0.98765, ValMAP: 0.7}
	has(t, progressText(p), "; validation after epoch 1: ROC-AUC 0.9877, MAP@R 0.7000")
	p.Ended = true
	has(t, progressText(p), "trained 2 epochs at 3211 pairs/s; validation after epoch 1")
	if content = progressHTML(p, nil); strings.Contains(content, "<progress") {
		t.Error("the bar stays after the end")
	}
	wellFormed(t, content)
}

// Outside of a notebook progress is a line an epoch, and nothing else is written.
func ExampleProgress() {
	progress := Progress()
	progress(siamese.Progress{Epoch: 1, Epochs: 2, Step: 3, Steps: 10})
	progress(siamese.Progress{Epoch: 1, Epochs: 2, Step: 10, Steps: 10, Loss: 0.25, PairsPerSec: 100,
		Left: time.Second})
	progress(siamese.Progress{Epoch: 2, Epochs: 2, Step: 10, Steps: 10, PairsPerSec: 100, Ended: true,
		Warnings: []string{"epoch 2: all is one point"}})
	HTML("<b>nothing</b>")
	SVG("<svg/>")
	Table("", nil, nil)
	Done()
	// Output:
	// epoch 1 of 2, batch 10 of 10: loss 0.2500, 100 pairs/s, at most 1s left
	// trained 2 epochs at 100 pairs/s
	// warning: epoch 2: all is one point
}

func TestCellEnds(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"the file is gone": "the file is gone\n",
		"cancelled": "interrupted: training: context canceled\n"} {
		cmd := exec.Command(self, "-test.run=^$")
		cmd.Env = append(os.Environ(), endEnv+"="+text)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s: the cell ends with %v, want exit status 1", text, err)
		}
		if errs.String() != want || strings.Contains(out.String(), "not reached") {
			t.Errorf("%s: output %q, errors %q, want %q", text, out.String(), errs.String(), want)
		}
	}
	OK(nil)
}

func TestContextIsCancelledByInterrupt(t *testing.T) {
	ctx := Context()
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("an interrupt does not cancel")
	}
}
