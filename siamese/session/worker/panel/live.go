package panel

import (
	"fmt"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
)

// live is what the plots show: a run that is computed, or one that was.
type live struct {
	Run       string       `json:"run"` // id; "" = none
	Title     string       `json:"title"`
	Place     string       `json:"place"` // how far it is
	Share     float64      `json:"share"` // from 0 to 1
	Loss      [][2]float64 `json:"loss"`  // epochs that have passed, loss
	Val       [][2]float64 `json:"val"`   // epoch, monitored metric
	Monitor   string       `json:"monitor"`
	Same      []int        `json:"same,omitempty"` // cosines of pairs in bins from -1 to 1
	Different []int        `json:"different,omitempty"`
	Map       *points      `json:"map,omitempty"`
	Warnings  []string     `json:"warnings"`

	epochs []history.Epoch // the last ones
	last   int             // number of the last epoch that was taken
	stride int             // of what is told of the loss, every how many-th is a point
	seen   int
}

// points are the embeddings of a sample of test items in two directions.
type points struct {
	X       []float64 `json:"x"`
	Y       []float64 `json:"y"`
	Class   []int     `json:"class"` // number in Classes
	ID      []string  `json:"id"`
	Classes []string  `json:"classes"`
}

// mostPoints is how many points a curve has: of more, every second goes.
const mostPoints = 1000

// mostShown is how many items a map shows.
const mostShown = 600

// newLive returns the plots of a run before anything is known.
func newLive(run *Run) live {
	return live{Run: run.ID, Title: run.String(), Monitor: run.Config.Monitor, stride: 1, Loss: [][2]float64{},
		Val: [][2]float64{}, Warnings: []string{}, Place: "begins: data and the compiled step are made ready"}
}

// progress takes over how far a training is.
func (l *live) progress(p history.Progress) {
	if p.Last != nil && p.Last.Number > l.last {
		l.epoch(*p.Last)
	}
	if p.Steps == 0 {
		return
	}
	at := float64(p.Epoch-1) + float64(p.Step)/float64(p.Steps)
	l.Share = at / float64(max(1, p.Epochs))
	l.Place = fmt.Sprintf("epoch %d of %d, %s", p.Epoch, p.Epochs, p.Place())
	if p.Rate() != "" {
		l.Place += ", " + p.Rate()
	}
	if p.Left > 0 && !p.Ended {
		l.Place += ", " + short(p.Left) + " left"
	}
	if p.Step == 0 || p.Ended {
		return
	}
	if l.seen++; l.seen%l.stride != 0 {
		return
	}
	l.Loss = append(l.Loss, [2]float64{at, p.Loss})
	l.thin()
}

// thin halves curves that are too long, and takes less of the loss from then on.
func (l *live) thin() {
	if len(l.Loss) >= mostPoints {
		l.Loss, l.stride = halved(l.Loss), 2*l.stride
	}
	if len(l.Val) >= mostPoints {
		l.Val = halved(l.Val)
	}
}

// halved returns every second point of a curve, the last among them if there is an even number.
func halved(curve [][2]float64) [][2]float64 {
	for i := range len(curve) / 2 {
		curve[i] = curve[2*i+1]
	}
	return curve[:len(curve)/2]
}

// epoch takes over a finished epoch, with what it warns of.
func (l *live) epoch(e history.Epoch) {
	l.last = e.Number
	l.epochs = append(l.epochs, e)
	l.Val = append(l.Val, [2]float64{float64(e.Number), monitored(e, l.Monitor)})
	at := float64(e.Number)
	if n := len(l.Loss); n == 0 || l.Loss[n-1][0] < at {
		l.Loss = append(l.Loss, [2]float64{at, e.Loss})
	}
	l.Same, l.Different = e.Diagnostics.Same[:], e.Diagnostics.Different[:]
	if text := e.Diagnostics.Collapsed(0); text != "" {
		l.warn(fmt.Sprintf("epoch %d: %s", e.Number, text))
	}
	l.thin()
	l.epochs = l.epochs[max(0, len(l.epochs)-overfitEpochs-1):]
	if text := overfits(l.epochs); text != "" {
		l.warn(text)
	}
}

// monitored returns the monitored metric in its own sign: [history.Epoch.Monitored] is better where it is higher.
func monitored(e history.Epoch, monitor string) float64 {
	if monitor == config.MonitorLoss {
		return e.ValLoss
	}
	return e.Monitored(monitor)
}

// overfitEpochs is after how many epochs in a row of a worse validation, while the loss falls, there is a warning.
const overfitEpochs = 3

// overfits says that a training overfits: for three epochs its loss fell and the loss on the validation pairs rose.
func overfits(epochs []history.Epoch) string {
	n := len(epochs)
	if n <= overfitEpochs {
		return ""
	}
	for i := n - overfitEpochs; i < n; i++ {
		if epochs[i].Loss >= epochs[i-1].Loss || epochs[i].ValLoss <= epochs[i-1].ValLoss {
			return ""
		}
	}
	return fmt.Sprintf("it overfits: from epoch %d on the loss falls and that on validation pairs rises: fewer epochs, "+
		"more dropout or weight_decay, or a smaller encoder", epochs[n-overfitEpochs].Number)
}

// warn shows a warning, each once.
func (l *live) warn(text string) {
	for _, w := range l.Warnings {
		if w == text {
			return
		}
	}
	if len(l.Warnings) < mostWarnings {
		l.Warnings = append(l.Warnings, text)
	}
}

// mostWarnings is how many warnings are shown: a training that goes wrong may warn in every epoch.
const mostWarnings = 6

// finished takes over the history of a model. It has every epoch, where what was told has gaps: nobody told those before
// a run went on, or while the worker was another one. The loss has no more than that of whole epochs there.
func (l *live) finished(m *session.Model) {
	told := l.Loss
	l.Loss, l.Val, l.epochs, l.last = [][2]float64{}, [][2]float64{}, nil, 0
	for _, e := range m.History {
		if len(told) > 0 && float64(e.Number) >= told[0][0] { // from here on the steps are known
			l.Loss, told = append(l.Loss, told...), nil
		}
		l.epoch(e)
	}
	l.Loss = append(l.Loss, told...)
	l.thin()
	for _, w := range m.Warnings {
		l.warn(w)
	}
	l.Place, l.Share = "is evaluated on the test items", 1
}

// evaluated takes over the map of the embeddings.
func (l *live) evaluated(r *report.Report) {
	if r == nil || r.Details == nil || len(r.Details.Of) == 0 || r.Details.Of[0].Map == nil {
		return
	}
	m, shown := r.Details.Of[0].Map, r.Details.Shown
	p := &points{Classes: []string{}}
	number := map[string]int{}
	step := max(1, (len(shown)+mostShown-1)/mostShown)
	for i := 0; i < len(shown) && i < len(m.X); i += step {
		class := shown[i].Class
		if _, ok := number[class]; !ok {
			number[class] = len(p.Classes)
			p.Classes = append(p.Classes, class)
		}
		p.X, p.Y = append(p.X, m.X[i]), append(p.Y, m.Y[i])
		p.Class, p.ID = append(p.Class, number[class]), append(p.ID, shown[i].ID)
	}
	l.Map = p
}

// ended says how a run ended.
func (l *live) ended(run *Run) {
	l.Title = run.String()
	switch run.Status {
	case Done:
		l.Place, l.Share = run.Verdict, 1
	case Stopped:
		l.Place = "stopped: \"go on\" in the table of runs goes on with it"
	default:
		l.Place = run.Status + ": " + run.Problem
	}
	for _, w := range run.Warnings {
		l.warn(w)
	}
}

// short returns a time in words.
func short(d time.Duration) string { return provenance.Volatile(d.Round(time.Second).String()) }
