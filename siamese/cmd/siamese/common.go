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
	Backend string `placeholder:"NAME" help:"${help_backend}"`
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
type loadedModel struct {
	*siamese.Model
	frame   *data.Frame
	backend *siamese.Backend
}

// open returns what the arguments MODEL and DATA name, and prints the backend.
func (m *modelFlags) open(ctx context.Context, model, name string, errOut io.Writer) (*loadedModel, error) {
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
	fmt.Fprintln(errOut, backend.Why)
	return &loadedModel{loaded, frame, backend}, nil
}

// embed returns the embeddings of the items with the given numbers, nil = all, and prints their warnings.
func (u *loadedModel) embed(ctx context.Context, items []int, errOut io.Writer) (*embedding.Embeddings, error) {
	frame := u.frame
	if items != nil {
		frame = frame.Select(items)
	}
	return u.embedFrame(ctx, frame, errOut)
}

func (u *loadedModel) embedFrame(ctx context.Context, frame *data.Frame, errOut io.Writer) (*embedding.Embeddings, error) {
	z, err := u.Embed(ctx, u.backend, frame)
	if err != nil {
		return nil, err
	}
	for _, warning := range z.Warnings() {
		fmt.Fprintln(errOut, "warning:", warning)
	}
	return z, nil
}

// verdict says what a model's threshold makes of a cosine.
func (u *loadedModel) verdict(cosine float64) string {
	if cosine >= u.Threshold {
		return "same"
	}
	return "different"
}

// prevalenceFlag is the flag for how common same pairs are, and what it makes of cosines.
type prevalenceFlag struct {
	Prevalence float64 `placeholder:"SHARE" help:"${help_prevalence}"`
}

// check returns what is wrong with the flag, or nil.
func (c *prevalenceFlag) check() error {
	if !(c.Prevalence >= 0 && c.Prevalence < 1) {
		return wrongFlag("prevalence", "%v is not a share in [0, 1)", c.Prevalence)
	}
	return nil
}

// of returns the probability that two items of this cosine are the same as a cell of a line, "" for a model without a
// calibration.
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

// legend says what stands in the cells.
func (c *prevalenceFlag) legend(u *loadedModel) string {
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
