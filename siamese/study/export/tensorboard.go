package export

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
	"github.com/go-siamese/lab/siamese/tensorboard"
)

// TensorBoard writes a run of TensorBoard for every trial, in folders of dir called trial-0000 and so on: its settings
// as hyper-parameters, its score by epoch, the best of these (score/best) and, of complete trials, held_out. Where dir
// has these runs already their values are replaced; runs in it that are of no trial of the result, such as those of a
// longer search, are an error, since TensorBoard would show both as one.
//
//	tensorboard --logdir runs      # see the tab HPARAMS
func TensorBoard(dir string, r *found.Result) error {
	if err := others(dir, r); err != nil {
		return err
	}
	for _, run := range r.Runs {
		w, err := tensorboard.NewWriter(filepath.Join(dir, trialName(run)))
		if err != nil {
			return err
		}
		values := map[string]any{}
		for _, p := range r.Space {
			if v, ok := run.Point[p.Name]; ok && p.Kind == space.KindChoice {
				values[p.Name] = p.Text(v)
			} else if ok {
				values[p.Name] = v
			}
		}
		if len(r.Space) == 0 {
			values["seed"] = fmt.Sprint(run.Config.Seed)
		}
		errs := []error{w.HParams(values, run.Scored())}
		for k, v := range run.Curve {
			errs = append(errs, w.Scalar("score", int64(k+1), v))
		}
		// TensorBoard's table has the last value of a curve, and the trial's score is that of its best epoch.
		if best := slices.Index(run.Curve, run.Score); run.Scored() && best >= 0 {
			errs = append(errs, w.Scalar("score/best", int64(best+1), run.Score))
		}
		if run.State == found.Complete {
			errs = append(errs, w.Scalar("held_out", int64(len(run.Curve)), run.HeldOut))
		}
		if err := errors.Join(append(errs, w.Close())...); err != nil {
			return fmt.Errorf("trial %d: %w", run.Number, err)
		}
	}
	return nil
}

// others returns an error about runs in a folder that are of no trial of a result.
func others(dir string, r *found.Result) error {
	paths, err := openfile.Glob(dir, "trial-*")
	if err != nil {
		return err
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if !slices.ContainsFunc(r.Runs, func(one found.Run) bool { return name == trialName(one) }) {
			return fmt.Errorf("%s has %s of another search: choose another folder, or remove it", quote.Text(dir), quote.Text(name))
		}
	}
	return nil
}

// trialName is the folder of a trial.
func trialName(run found.Run) string { return fmt.Sprintf("trial-%04d", run.Number) }
