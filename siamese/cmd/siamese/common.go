package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
)

// backendFlag is that of a command that computes.
type backendFlag struct {
	Backend string `placeholder:"NAME" help:"Backend: xla, xla:/path/to/plugin.so or go; with --devices=N on a processor xla,devices=N. The default is the best that is installed."`
}

// modelFlags are the flags of a command that puts items through a model.
type modelFlags struct {
	dataFlags
	backendFlag
}

// modelAndData are the arguments of such a command.
type modelAndData struct {
	Model string `arg:"" help:"File of the model, as train writes it."`
	dataArgument
}

// used is a model with the items it is used on and the backend it runs on.
type used struct {
	*siamese.Model
	frame   *data.Frame
	backend *siamese.Backend
}

// open returns what the arguments MODEL and DATA name, and prints the backend.
func (m *modelFlags) open(ctx context.Context, model, name string, complaints io.Writer) (*used, error) {
	loaded, err := siamese.Load(model)
	if err != nil {
		return nil, err
	}
	frame, _, err := m.dataFlags.open(ctx, name)
	if err != nil {
		return nil, err
	}
	backend, err := siamese.OpenBackend(m.Backend)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(complaints, backend.Why)
	return &used{loaded, frame, backend}, nil
}

// embed returns the embeddings of the items with the given numbers, nil = all, and prints their warnings.
func (u *used) embed(ctx context.Context, items []int, complaints io.Writer) (*embedding.Embeddings, error) {
	frame := u.frame
	if items != nil {
		frame = frame.Select(items)
	}
	return u.embedFrame(ctx, frame, complaints)
}

func (u *used) embedFrame(ctx context.Context, frame *data.Frame, complaints io.Writer) (*embedding.Embeddings, error) {
	z, err := u.Embed(ctx, u.backend, frame)
	if err != nil {
		return nil, err
	}
	for _, warning := range z.Warnings() {
		fmt.Fprintln(complaints, "warning:", warning)
	}
	return z, nil
}

// verdict says what a model's threshold makes of a cosine.
func (u *used) verdict(cosine float64) string {
	if cosine >= u.Threshold {
		return "same"
	}
	return "different"
}

// chance is the flag for how common same pairs are, and what it makes of cosines.
type chance struct {
	Prevalence float64 `placeholder:"SHARE" help:"Share of the pairs in question that are the same, for the probabilities. 0 = as among the model's validation pairs, mostly half."`
}

// check returns what is wrong with the flag, or nil.
func (c *chance) check() error {
	if !(c.Prevalence >= 0 && c.Prevalence < 1) {
		return wrongFlag("prevalence", "%v is not a share in [0, 1)", c.Prevalence)
	}
	return nil
}

// of returns the probability that two items of this cosine are the same as a cell of a line, "" for a model without a
// calibration.
func (c *chance) of(u *used, cosine float64) (string, error) {
	if u.Calibration == nil {
		return "", nil
	}
	p, err := u.Probability(cosine, c.Prevalence)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%.3f  ", p), nil
}

// legend says what stands in the cells.
func (c *chance) legend(u *used) string {
	switch {
	case u.Calibration == nil:
		return ""
	case c.Prevalence == 0:
		return fmt.Sprintf("; third: the probability of being the same, where %.0f %% of pairs are",
			100*u.Calibration.Prevalence)
	}
	return fmt.Sprintf("; third: the probability of being the same, where %.3g %% of pairs are", 100*c.Prevalence)
}

// saveText writes a file, which is complete or not there.
func saveText(path, text string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
