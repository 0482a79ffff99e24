package siamese

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// now is a variable because tests hold the clock.
var now = time.Now

// cutBy says where a run that is not over is cut by why, or where it is, if why is nil: a process that is killed leaves
// the checkpoint as it was last written.
func (r *run) cutBy(why error) string {
	how := "stopped"
	switch {
	case why == nil:
		how = "not finished:"
	case !errors.Is(why, context.Canceled) && !errors.Is(why, context.DeadlineExceeded):
		how = "failed"
	}
	text := fmt.Sprintf("%s in epoch 1 of %d, before one was judged", how, r.cfg.Epochs)
	if n := len(r.result.History); n > 0 {
		text = fmt.Sprintf("%s after epoch %d of %d", how, n, r.cfg.Epochs)
	}
	if _, wanted := r.cfg.ByPLDA(); wanted && r.result.Model.EncoderPLDA == nil {
		text += ", before PLDA of the encoder was fitted"
	}
	if r.cfg.UnknownShare > 0 && r.result.Model.Gate == nil {
		text += ", before the gate was fitted"
	}
	if why != nil {
		text += now().UTC().Format(" at 2006-01-02 15:04 UTC")
	}
	return text
}

// finish marks the model as that of a whole run, or of one that was cut by why, also in the checkpoint if this call has
// written it. The error is that of writing.
func (r *run) finish(why error) error {
	model := r.result.Model
	model.Cut = ""
	if why != nil {
		model.Cut = r.cutBy(why)
	}
	if r.result.Saved == 0 {
		return nil
	}
	return model.save(r.opts.Checkpoint, nil)
}
