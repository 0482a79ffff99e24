package show

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/siamese/history"
)

// Trained ends the cell of a training: it displays how the training went and prints its result, whether it went to its
// end or was stopped. A cell that was stopped (the stop button) ends like any other and says where its model is; the
// model, its reports and its pages say that it was cut. Every other error of the training is returned, also that of a
// training that was stopped before an epoch was judged: it has no model to go on with. files are the options of the training, which name its files.
//
//	opts := siamese.TrainOptions{Progress: show.Progress(), Checkpoint: "runs/model.safetensors"}
//	result, err := siamese.Train(show.Context(), backend, cfg, train, val, opts)
//	show.OK(show.Trained(result, err, opts))
func Trained(r Trainer, err error, files interface{ Files() (model, state string) }) error {
	o := r.Outcome()
	model, state := files.Files()
	if o == nil || len(o.History) == 0 {
		if err != nil && model != "" {
			return fmt.Errorf("%w: nothing is written to %s", err, model)
		}
		return errors.Join(err, ended(r))
	}
	shown := History(r)
	fmt.Println(o)
	if err != nil {
		fmt.Println(kept(o, model, state))
	}
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, shown)
}

// ended returns an error for a result without an epoch that no error explains.
func ended(r Trainer) error {
	_, err := HistoryOutputs(r)
	return err
}

// kept says in a line what a training that was cut has left, and where.
func kept(o *history.Outcome, model, state string) string {
	if o.Saved == 0 {
		return "the model is not saved: give TrainOptions.Checkpoint a file, or save the result's model"
	}
	text := fmt.Sprintf("kept: the model of epoch %d, in %s", o.Saved, model)
	if state != "" {
		return text + "; the same training again goes on from there"
	}
	return text
}
