package siamese

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
)

// notFinite returns the error of a batch, counted from 0, whose loss is not a finite number, and saves which items
// were in it beside the run's state or its best model.
func (r *run) notFinite(epoch, batch int, loss float64) error {
	step := (epoch-1)*r.cfg.stepsPerEpoch() + batch + 1
	one := r.under.batches.part(batch, batch+1, r.cfg.stepsPerEpoch())
	err := fmt.Errorf("training: the loss is %v at step %d (epoch %d, batch %d): lower learning_rate, set clip_norm, or look for huge features", loss, step, epoch, batch+1)
	dir := r.opts.State
	if dir == "" && r.opts.Checkpoint != "" {
		dir = filepath.Dir(r.opts.Checkpoint)
	}
	if dir == "" {
		var ids []string
		for _, item := range one.items[:min(4, len(one.items))] {
			ids = append(ids, strconv.Quote(r.train.IDs[item]))
		}
		return fmt.Errorf("%w in items like %s", err, strings.Join(ids, ", "))
	}
	path := filepath.Join(dir, fmt.Sprintf("not-finite-step-%d.csv", step))
	if saveErr := atomicfile.Write(path, func(w io.Writer) error { return r.writeBatch(w, one) }); saveErr != nil {
		return fmt.Errorf("%w; and its batch could not be saved: %w", err, saveErr)
	}
	return fmt.Errorf("%w; its batch is in %s", err, path)
}

// writeBatch writes the pairs of one batch, or its items with their classes, as CSV.
func (r *run) writeBatch(to io.Writer, b batches) error {
	w := csv.NewWriter(to)
	number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	if r.cfg.Loss.NeedsBatch() {
		_ = w.Write([]string{"id", "label"}) // errors come out of Flush
		for _, item := range b.items {
			_ = w.Write([]string{r.train.IDs[item], r.train.Labels[item]})
		}
	} else {
		_ = w.Write([]string{"left", "right", "label"})
		for k, label := range b.labels {
			_ = w.Write([]string{r.train.IDs[b.items[k]], r.train.IDs[b.items[len(b.labels)+k]], number(label)})
		}
	}
	w.Flush()
	return w.Error()
}
