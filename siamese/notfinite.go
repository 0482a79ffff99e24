package siamese

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/batch"
)

// NotFiniteError ends a run whose loss, or whose weights, are NaN or infinite. It carries the batch, because such a
// batch is hard to find otherwise: its items are drawn at random, and the weights that it met are gone.
type NotFiniteError struct {
	Step, Epoch int // counted from 1
	Encoder     int // of an ensemble, from 1; 0 = the only one
	Loss        float64
	// Batch is the batch of the step as CSV with ids: its pairs with labels (and weights if there are any), its items
	// with their classes, or its labelled pairs with the weight of "same" and of "different".
	Batch string
	Path  string // file with Batch, in TrainOptions.State or beside Checkpoint; "" = neither is set, or Err
	Err   error  // why Batch could not be saved; nil = it was, or there is no place for it
	// Formulas is how many items of Batch have an id or a class that a spreadsheet would run as a formula, and that
	// TrainOptions.EscapeFormulas does not escape.
	Formulas int
}

// Error says where and when numbers were not finite, and what to do.
func (e *NotFiniteError) Error() string {
	return e.Spell(func(option string) string { return option })
}

// Spell implements [option.Speller].
func (e *NotFiniteError) Spell(name func(option string) string) string {
	fix := option.Do("lower %s", "learning_rate").Or("set %s", "clip_norm").Or("look for huge features")
	which := ""
	if e.Encoder > 0 {
		which = fmt.Sprintf(" of encoder %d", e.Encoder)
	}
	text := fmt.Sprintf("training: the loss%s is %v at step %d of epoch %d: %s; its batch ", which, e.Loss, e.Step,
		e.Epoch, fix.Spell(name))
	switch {
	case e.Err != nil:
		return text + "could not be saved: " + option.Text(e.Err, name)
	case e.Path != "":
		text += "is in " + quote.Text(e.Path)
		if e.Formulas > 0 {
			text += fmt.Sprintf(", where a spreadsheet would run the ids or classes of %d items as formulas", e.Formulas)
			if unless := option.Do("unless %s is given", "EscapeFormulas").Spell(name); unless != "" {
				text += ", " + unless
			}
		}
		return text
	}
	lines := strings.SplitN(e.Batch, "\n", 4) // header, up to two rows, the rest
	return text + "begins with " + strings.Join(lines[1:len(lines)-1], " and ") + " (all of it: NotFiniteError.Batch)"
}

// Unwrap returns why the batch could not be saved.
func (e *NotFiniteError) Unwrap() error { return e.Err }

// notFinite returns the error for a batch of m, counted from 0, whose loss is not finite, and saves the batch in the
// run's state folder or beside its checkpoint. It always returns an error; a failure to save is in its Err.
func (r *run) notFinite(m *member, epoch, batch int, loss float64) error {
	steps := stepsPerEpoch(r.cfg)
	e := &NotFiniteError{Step: (epoch-1)*steps + batch + 1, Epoch: epoch, Loss: loss}
	if len(r.members) > 1 {
		e.Encoder = m.number + 1
	}
	var text strings.Builder
	if e.Err = r.writeBatch(&text, m.under.batches.Part(batch, batch+1, steps)); e.Err != nil {
		return e
	}
	e.Batch = text.String()
	if !r.opts.EscapeFormulas {
		e.Formulas = r.formulas(m.under.batches.Part(batch, batch+1, steps))
	}
	dir := r.opts.State
	if dir == "" && r.opts.Checkpoint != "" {
		dir = filepath.Dir(r.opts.Checkpoint)
	}
	if dir == "" {
		return e
	}
	path := filepath.Join(dir, fmt.Sprintf("not-finite-step-%d.csv", e.Step))
	e.Err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, e.Batch)
		return err
	})
	if e.Err == nil {
		e.Path = path
	}
	return e
}

// writeBatch writes batch b, a single one, as CSV; see [NotFiniteError]. Its columns depend on what the loss sees.
func (r *run) writeBatch(to io.Writer, b batch.Batches) error {
	w := csv.NewWriter(to)
	ids, labels := r.train.IDs, r.train.Labels
	if r.opts.EscapeFormulas {
		escaped := formula.EscapeFrame(r.train)
		ids, labels = escaped.IDs, escaped.Labels
	}
	number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	row := func(cells ...string) { _ = w.Write(cells) } // errors come out of Flush
	switch {
	case r.of.LabelledPairs > 0:
		row("left", "right", "same", "different")
		for k := range r.of.LabelledPairs {
			same, different := b.Labels[2*r.of.LabelledPairs+k], b.Weights[2*r.of.LabelledPairs+k]
			if same != 0 || different != 0 {
				row(ids[b.Items[int(b.Labels[k])]], ids[b.Items[int(b.Labels[r.of.LabelledPairs+k])]],
					number(same), number(different))
			}
		}
	case r.cfg.Loss.NeedsBatch():
		row("id", "label")
		for _, item := range b.Items {
			row(ids[item], labels[item])
		}
	case b.Weights != nil:
		row("left", "right", "label", "weight")
		for k, label := range b.Labels {
			row(ids[b.Items[k]], ids[b.Items[len(b.Labels)+k]], number(label), number(b.Weights[k]))
		}
	default:
		row("left", "right", "label")
		for k, label := range b.Labels {
			row(ids[b.Items[k]], ids[b.Items[len(b.Labels)+k]], number(label))
		}
	}
	w.Flush()
	return w.Error()
}

// formulas returns how many items of a single batch have an id, or a class that is written, which a spreadsheet would
// run as a formula.
func (r *run) formulas(b batch.Batches) int {
	found := 0
	items := slices.Clone(b.Items)
	slices.Sort(items)
	for _, item := range slices.Compact(items) {
		one := &data.Frame{IDs: r.train.IDs[item : item+1]}
		if r.of.LabelledPairs == 0 && r.cfg.Loss.NeedsBatch() {
			one.Labels = r.train.Labels[item : item+1]
		}
		found += min(1, formula.Count(one))
	}
	return found
}
