package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
)

// backendFlag is the flag of a command that computes; [siamese.OpenBackend] reads it.
type backendFlag struct {
	Backend string `placeholder:"NAME" help:"${help_backend}"`
}

// modelFlags are the flags of a command that embeds items with a model.
type modelFlags struct {
	dataFlags
	backendFlag
	widthFlags
}

// widthFlags are the flags of a command that takes a model, perhaps of shorter embeddings: see [siamese.Model.Narrow].
type widthFlags struct {
	Width     int  `placeholder:"N" help:"${help_width}"`
	Untrained bool `help:"${help_untrained}"`
}

// load returns the model in a file, of the width that the flags say.
func (w *widthFlags) load(path string) (*siamese.Model, error) {
	if w.Width < 0 {
		return nil, wrongFlag("width", "%d is not a number of numbers", w.Width)
	}
	if w.Untrained && w.Width == 0 {
		return nil, wrongFlag("untrained", "it has no effect without --width")
	}
	m, err := siamese.Load(path)
	if err != nil || w.Width == 0 {
		return m, err
	}
	short, err := m.Narrow(w.Width, w.Untrained)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Text(path), err)
	}
	return short, nil
}

// of returns what an index says of the model that its embeddings are of: the file's hash, and the width if it is not
// the whole.
func (w *widthFlags) of(hash string) string {
	if w.Width == 0 {
		return hash
	}
	return fmt.Sprintf("%s width %d", hash, w.Width)
}

// modelAndData are the arguments of such a command: the model and the items to use it on.
type modelAndData struct {
	Model string `arg:"" help:"File of the model, as train writes it."`
	dataArgument
}

// loadedModel is a model, the items it is used on and the backend it runs on. Nothing frees the model's memory on the
// device: a command uses one and ends.
type loadedModel struct {
	*siamese.Model
	// frame has all items of DATA, [N, F].
	frame *data.Frame
	// backend is opened once for all that the command computes.
	backend *siamese.Backend
	// told are the warnings that were printed: each is told once.
	told map[string]bool
}

// open returns the model in the file named model with the items that the argument DATA names, and prints on errOut
// which backend was chosen and why. The frame need not have the model's columns: embedding checks that.
func (m *modelFlags) open(ctx context.Context, model, name string, errOut io.Writer) (*loadedModel, error) {
	loaded, err := m.load(model)
	if err != nil {
		return nil, err
	}
	m.pictures = &pictureReader{loaded, model, errOut}
	m.known = loaded.Transform.Columns
	frame, how, err := m.dataFlags.open(ctx, name)
	if err != nil {
		return nil, err
	}
	// Whether two tables fit is not to be found out from a result.
	if m.Labels != "" || m.LabelsOfPairs != "" {
		fmt.Fprintln(errOut, how)
	}
	// Embedding checks it too, but what is read in between, such as a split, would only say that the items differ.
	if err := loaded.Transform.CheckSettings(frame.Settings); err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Text(name), err)
	}
	// Last, since XLA takes the longest: a wrong name of a file is then reported at once.
	backend, err := m.openBackend(loaded, errOut)
	if err != nil {
		return nil, err
	}
	return &loadedModel{Model: loaded, frame: frame, backend: backend, told: map[string]bool{}}, nil
}

// openBackend opens the backend, and says which it is and what is to be known of the model that runs on it.
func (m *modelFlags) openBackend(loaded *siamese.Model, errOut io.Writer) (*siamese.Backend, error) {
	backend, err := siamese.OpenBackend(m.Backend)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(errOut, backend.Why)
	if loaded.Cut != "" {
		fmt.Fprintln(errOut, "warning: the training of this model was cut,", quote.Line(loaded.Cut))
	}
	return backend, nil
}

// embed returns the embeddings [N, E] of all items. It prints warnings about them, such as values that had to be imputed,
// on errOut.
func (u *loadedModel) embed(ctx context.Context, errOut io.Writer) (*embedding.Embeddings, error) {
	return u.embedFrame(ctx, u.frame, errOut)
}

// embedFrame is embed for the items of another frame with the model's columns.
func (u *loadedModel) embedFrame(ctx context.Context, frame *data.Frame,
	errOut io.Writer) (*embedding.Embeddings, error) {
	z, err := u.Embed(ctx, u.backend, frame)
	if err != nil {
		return nil, err
	}
	for _, warning := range z.Warnings() {
		if !u.told[warning] {
			fmt.Fprintln(errOut, "warning:", warning)
		}
		u.told[warning] = true
	}
	return z, nil
}

// verdict returns "same" for a cosine at or above the model's threshold, else "different". The threshold was chosen on
// validation items when the model was trained.
func (u *loadedModel) verdict(cosine float64) string {
	if cosine >= u.Threshold {
		return "same"
	}
	return "different"
}

// expandFlags are the flags of gallery expansion: see package gallery.
type expandFlags struct {
	Expand      int     `option:"Neighbours,Expand" placeholder:"N" help:"${help_expand}"`
	ExpandPower float64 `option:"Power" placeholder:"P" help:"${help_expand_power}"`
}

// check returns what is wrong with the flags, or nil.
func (c *expandFlags) check() error {
	if c.Expand == 0 && c.ExpandPower != 0 {
		return wrongFlag("expand-power", "it has no effect without --expand")
	}
	if err := c.expansion().Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// expansion returns the options of package gallery, which are for Expand above 0.
func (c *expandFlags) expansion() gallery.Options {
	return gallery.Options{Neighbours: c.Expand, Power: c.ExpandPower}
}

// rerankFlags are the flags of re-ranking: see package gallery.
type rerankFlags struct {
	Rerank       int     `option:"K1,Rerank" placeholder:"N" help:"${help_rerank}"`
	RerankK2     int     `name:"rerank-k2" option:"K2" placeholder:"N" help:"${help_rerank_k2}"`
	RerankLambda float64 `option:"Lambda" placeholder:"SHARE" help:"${help_rerank_lambda}"`
}

// check returns what is wrong with the flags, or nil.
func (c *rerankFlags) check() error {
	switch {
	case c.Rerank == 0 && c.RerankK2 != 0:
		return wrongFlag("rerank-k2", "it has no effect without --rerank")
	case c.Rerank == 0 && c.RerankLambda != 0:
		return wrongFlag("rerank-lambda", "it has no effect without --rerank")
	}
	if err := c.reranking().Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// reranking returns the options of package gallery, which are for Rerank above 0.
func (c *rerankFlags) reranking() gallery.RerankOptions {
	return gallery.RerankOptions{K1: c.Rerank, K2: c.RerankK2, Lambda: c.RerankLambda}
}

// prevalenceFlag is the flag for how common same pairs are where the model is used. A threshold needs no such number,
// but a probability does: Bayes' rule weighs what the cosine says by it.
type prevalenceFlag struct {
	Prevalence float64 `placeholder:"SHARE" help:"${help_prevalence}"`
}

// check returns a usage error unless the flag is in [0, 1).
func (c *prevalenceFlag) check() error {
	if !(c.Prevalence >= 0 && c.Prevalence < 1) {
		return wrongFlag("prevalence", "%v is not a share in [0, 1)", c.Prevalence)
	}
	return nil
}

// fits returns a usage error where the flag would change nothing, since the model has no probabilities.
func (c *prevalenceFlag) fits(u *loadedModel) error {
	if c.Prevalence != 0 && u.Calibration == nil {
		return wrongFlag("prevalence", "the model was trained without a calibration, and gives no probabilities")
	}
	return nil
}

// of returns the probability that two items of this cosine are the same as a cell of a line, with the blanks after it;
// "" for a model without a calibration, whose lines have no such cell.
func (c *prevalenceFlag) of(u *loadedModel, cosine float64) (string, error) {
	if u.Calibration == nil {
		return "", nil
	}
	p, err := u.Probability(cosine, c.Prevalence)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%.3f  ", p), nil
}

// legend returns the part of the heading that explains the probabilities and says which prevalence they are for; ""
// where there are none. Without the flag that is the prevalence among the validation pairs, since a probability without
// one means nothing. number says which of a line's they are, such as "third".
func (c *prevalenceFlag) legend(u *loadedModel, number string) string {
	switch {
	case u.Calibration == nil:
		return ""
	// Without the flag the model's own prevalence is named, with as many digits as a rough share deserves.
	case c.Prevalence == 0:
		return fmt.Sprintf("; %s: the probability of being the same, where %.0f %% of pairs are", number,
			100*u.Calibration.Prevalence)
	}
	return fmt.Sprintf("; %s: the probability of being the same, where %.3g %% of pairs are", number, 100*c.Prevalence)
}

// saveText writes a text file. A reader sees the whole text or the file as it was before, never a part.
func saveText(path, text string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// warnTelling writes a warning on errOut for columns of the frame that by themselves tell the class, before anything is
// trained or measured: a copy of the label among the features makes every figure meaningless, and a good one.
func warnTelling(frame *data.Frame, errOut io.Writer) {
	for _, text := range describe.TellingAdvice(describe.TellingColumns(frame), "--ignore") {
		fmt.Fprintln(errOut, "warning:", text)
	}
}

// openTelling is open for what is trained on: how the items were read is written on out, and warnings on errOut.
func (d *dataFlags) openTelling(ctx context.Context, path string, out, errOut io.Writer) (*data.Frame, error) {
	frame, how, err := d.open(ctx, path)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(out, how)
	warnTelling(frame, errOut)
	return frame, nil
}
