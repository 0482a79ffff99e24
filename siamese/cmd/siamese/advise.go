package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/bar"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/show"
)

// adviseCommand says what to do about a table before anything long is trained on it.
type adviseCommand struct {
	dataArgument
	Repeats    int     `placeholder:"N" help:"Times that folds are drawn; 0 = 2, and 1 with --train."`
	Seed       uint64  `default:"42" help:"Seed of all that is drawn."`
	Confidence float64 `placeholder:"SHARE" help:"Confidence of the intervals; 0 = 0.95."`
	NoCurves   bool    `help:"Leave out learning curves and what to collect next."`
	NoLabels   bool    `help:"Leave out labels that look wrong."`
	// Train takes a training where PLDA takes a part of a second.
	Train bool   `help:"${help_advise_train}"`
	JSON  string `output:"file" placeholder:"FILE" help:"File for the advice as JSON, with all suspects."`
	pageFlags
	backendFlag
	dataFlags
	togetherFlags
}

// Help is the text below the usage.
func (*adviseCommand) Help() string {
	return `Says what to do about DATA before long trainings: whether more items or more classes would help, by learning
curves with a forecast that is checked; which classes and domains are worst and which are taken for one another; and
which labels look wrong. All are measured on items, or classes, that the model has not seen. It trains no encoder, so
that it takes a fraction of a training's time; with --train the curves are those of encoders.

  siamese advise builtin:100
  siamese advise --duplicates=exact --html=advice.html --json=advice.json items.parquet
  siamese advise --no-curves items.parquet
`
}

// Run prints the advice and writes it to --html and --json.
func (c *adviseCommand) Run(ctx context.Context, _ *kong.Context, s *streams) error {
	switch {
	case c.Backend != "" && !c.Train:
		return wrongFlag("backend", "it is for --train, which is missing: leave it out")
	case c.Train && c.NoCurves:
		return wrongFlag("train", "it is for learning curves, which --no-curves leaves out")
	}
	if err := c.check(); err != nil {
		return err
	}
	opt := advise.Options{Repeats: c.Repeats, Seed: c.Seed, Confidence: c.Confidence, NoCurves: c.NoCurves,
		NoLabels: c.NoLabels}
	if err := opt.Validate(); err != nil {
		return usageError{err}
	}
	find, err := c.pageFlags.pictures(c.Data)
	if err != nil {
		return err
	}
	c.groupTable = c.Groups
	frame, err := c.openTelling(ctx, c.Data, s.out, s.errOut)
	if err != nil {
		return err
	}
	if opt.Groups, opt.Duplicates, err = c.together(ctx, frame, &c.joinFlags, s.out); err != nil {
		return err
	}
	if c.Train {
		b, err := siamese.OpenBackend(c.Backend)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, b.Why)
		opt.Fit, opt.Repeats = encoderOf(b, siamese.Recommended()), max(1, c.Repeats)
	}
	advice, err := adviceOn(ctx, frame, opt, s.errOut)
	if err != nil {
		return err
	}
	if c.Train {
		advice.Model = "encoder with the recommended configuration; labels by PLDA"
	}
	fmt.Fprintln(s.out, advice)
	if c.HTML != "" {
		err = saveAdvice(c.HTML, advice, find)
	}
	if c.JSON != "" {
		err = errors.Join(err, jsonfile.Write(c.JSON, advice))
	}
	return err
}

// adviceOn returns the advice on a frame, and shows how far it is.
func adviceOn(ctx context.Context, frame *data.Frame, opt advise.Options, errOut io.Writer) (*advise.Advice, error) {
	// On every core a fold has a copy of its items, and their main directions.
	cores := float64(min(runtime.GOMAXPROCS(0), 10))
	if err := needs(errOut, "advice", cores*(numbers(frame.N(), frame.F())+3*numbers(frame.N(), 256))); err != nil {
		return nil, err
	}
	tell, end := adviceBar(errOut)
	defer end()
	opt.Progress = tell
	return advise.Run(ctx, frame, opt)
}

// saveAdvice writes the advice as a page, with the pictures that find has of the labels that look wrong; nil = none.
// Where pictures were asked for and none is found it returns an error, after the page is written.
func saveAdvice(path string, a *advise.Advice, find *finder) error {
	opt := show.PageOptions{Advice: a}
	if find != nil {
		opt.Image = find.of
	}
	if err := show.SavePage(path, opt); err != nil {
		return err
	}
	return find.problem()
}

// encoderOf returns a fitter that trains an encoder with a configuration, a fifth of the items choosing its epoch.
// Where there are fewer items than a batch takes, batches are as large as they allow, as many an epoch.
func encoderOf(b *siamese.Backend, cfg siamese.Config) advise.Fitter {
	return func(ctx context.Context, train, test *data.Frame, seed uint64) (z *embedding.Embeddings, err error) {
		cfg := cfg
		cfg.Seed = seed
		sides, err := split.Items(train, split.ItemOptions{Test: .2, Stratify: true, Seed: seed})
		if err != nil {
			return nil, err
		}
		steps := cfg.PairsPerEpoch / cfg.BatchPairs
		cfg.BatchPairs = min(cfg.BatchPairs, len(sides.Train)/2)
		cfg.PairsPerEpoch = steps * cfg.BatchPairs
		result, err := siamese.Train(ctx, b, cfg, train.Select(sides.Train), train.Select(sides.Test),
			siamese.TrainOptions{})
		if result != nil {
			defer func() { err = errors.Join(err, result.Model.Close()) }()
		}
		if err != nil {
			return nil, err
		}
		return result.Model.Embed(ctx, b, test)
	}
}

// adviceBar returns a function that shows how far the advice is, on a terminal as a line that is rewritten, else as a
// line every five seconds, and one that ends the line.
func adviceBar(w io.Writer) (tell func(advise.Progress), end func()) {
	line := bar.NewLine(w)
	every := &bar.Every{Pause: 5 * time.Second}
	if line != nil {
		every.Pause = 100 * time.Millisecond
	}
	return func(p advise.Progress) {
		switch now := time.Now(); {
		case !every.Due(now, p.Done == 1 || p.Done == p.All): // where a part begins and ends, whatever the time
		case line == nil:
			fmt.Fprintln(w, provenance.Volatile(p.String()))
		default:
			line.Show(func(int) string { return bar.Draw(p.Done, p.All, 16) + " " + p.String() }, "")
		}
	}, line.End
}
