package siamese

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// machineOf is a variable because tests move runs to other machines.
var machineOf = device.MachineOf

// resume restores the newest intact state in the run's state folder, if there is one. Damaged states are skipped with a
// warning, because a crash may have damaged the newest. If all are damaged that is an error: starting again silently
// would throw away what the user hoped to resume. A state of another run is an error too, and no file is touched.
func (r *run) resume() error {
	if r.opts.State == "" {
		return nil
	}
	if err := removeUnfinished(r.opts.State); err != nil {
		return err
	}
	var err error
	r.dataHash, err = prepared(r.opts.Prepared, r.train, r.val.frame, fmt.Sprintf("data %p %s", r.val.unseen, r.pairs),
		func() (string, error) { return r.hash(), nil })
	if err != nil {
		return err
	}
	r.machine = machineOf(r.backend)
	files, err := stateFiles(r.opts.State)
	if err != nil {
		return err
	}
	var damaged []error
	for _, path := range files {
		was, err := r.resumeFrom(path)
		var other *otherRunError
		if errors.As(err, &other) {
			return err
		}
		if err == nil {
			// They would take the places of the states that are written from here on.
			for i, d := range damaged {
				if err := os.Rename(files[i], files[i]+".damaged"); err != nil {
					return fmt.Errorf("state: %w", err)
				}
				r.warn("%v: resumed from the previous state; it is called %s.damaged now", d, filepath.Base(files[i]))
			}
			return r.tellElsewhere(was)
		}
		damaged = append(damaged, fmt.Errorf("the state %s cannot be read (%w)", quote.Text(path), err))
	}
	if len(damaged) > 0 {
		return fmt.Errorf("%w: delete the folder to start again", errors.Join(damaged...))
	}
	// A folder that cannot be written to is found before hours of work.
	if r.opts.Prepared != nil { // the first step should not wait for a disk: what is lost is done again soon
		return atomicfile.CheckFolder(r.opts.State)
	}
	return r.saveState()
}

// otherRunError is the error for an intact state of another run. Unlike a damaged state it must not be skipped: an
// older file in the folder would be of that run as well.
type otherRunError struct {
	path string // of the state
	why  error  // the differences; those of settings are [option.Error]
}

func (e *otherRunError) Error() string {
	return fmt.Sprintf("the state %s is of another run: %v: choose another folder, or delete this one",
		quote.Text(e.path), e.why)
}

func (e *otherRunError) Unwrap() error { return e.why }

// tellElsewhere notes in the result, the model and the state if was, which wrote the state that the run resumed from,
// is not the machine of this call. A run that had ended computes nothing any more, and is as it was.
func (r *run) tellElsewhere(was device.Machine) error {
	differences := was.Differences(r.machine)
	if len(differences) > 0 && !r.ended() {
		what := fmt.Sprintf("resumed after step %d where other bits come out: %s", r.steps(),
			strings.Join(differences, "; "))
		r.result.Elsewhere = append(r.result.Elsewhere, what)
		r.warn("%s: the model is not, to the bit, that of a run that was not interrupted", what)
	}
	for _, what := range r.result.Elsewhere {
		r.result.Model.Notes = append(r.result.Model.Notes, "training was "+what)
	}
	if len(differences) > 0 && !r.ended() {
		return r.saveState() // of the same step: from here on the bits are those of this machine
	}
	return nil
}

// resumeFrom restores the state at path and returns the machine that wrote it. It returns an *otherRunError for a state
// of another run. On any failure to read the file the run is unchanged.
func (r *run) resumeFrom(path string) (was device.Machine, err error) {
	content, err := openfile.Part(path)
	if err != nil {
		return was, err
	}
	defer content.Close()
	stat, err := content.Stat()
	if err != nil {
		return was, err
	}
	file, err := safetensors.Read(content, stat.Size(), stateKey)
	if err != nil {
		return was, err
	}
	info, err := readState(file)
	if err != nil {
		return was, err
	}
	if err := r.sameRun(info); err != nil {
		return was, &otherRunError{path, err}
	}
	return info.Machine, r.restore(info, file)
}

// readState parses and checks the description of a state.
func readState(file *safetensors.File) (stateInfo, error) {
	var info stateInfo
	if err := json.Unmarshal([]byte(file.Info), &info); err != nil {
		return info, fmt.Errorf("its description is damaged: %w", err)
	}
	if info.Format != stateFormat || info.Version != stateVersion {
		return info, fmt.Errorf("it is a %q of version %d, not %q of version %d", info.Format, info.Version,
			stateFormat, stateVersion)
	}
	return info, nil
}

// sameRun returns all differences between the run of a state and this one, joined, or nil. The number of epochs may
// differ if the learning rate does not depend on it, so that a finished run can be continued. The backend must be the
// same because others round differently. Whatever else differs in the machine is told, see [run.tellElsewhere].
func (r *run) sameRun(info stateInfo) error {
	was, is := info.Config, r.cfg
	// All differences at once: a user who changed two settings should not find out one by one.
	var errs []error
	if is.Schedule == config.ScheduleConstant {
		if done := len(info.History); is.Epochs < done {
			errs = append(errs, option.Errorf("epochs", "%d is less than the %d that are done: give %d or more",
				is.Epochs, done, done))
		}
		was.Epochs = is.Epochs
	}
	for _, d := range fields.Differences(was, is) {
		errs = append(errs, option.Errorf(d.Name, "it was %v and is %v", d.Was, d.Now))
	}
	if info.Data != r.dataHash {
		errs = append(errs, errors.New("items, features, labels or given pairs differ"))
	}
	if was, is := info.Machine.Backend, r.backend.Name(); was != is {
		errs = append(errs, fmt.Errorf("the backend was %s and is %s", was, is))
	}
	return errors.Join(errs...)
}

// restore reads the state from a file into the run. It reads and checks everything first and changes the run only then.
// Samplers have no state in the file: they draw the earlier epochs again and drop them, which takes a small part of the
// time of training on them.
func (r *run) restore(info stateInfo, file *safetensors.File) error {
	if len(info.Encoders) != len(r.members) {
		return fmt.Errorf("it has %d encoders, not %d", len(info.Encoders), len(r.members))
	}
	var all []restored
	for k, m := range r.members {
		one, err := r.readMember(m, info, file, r.result.Model.Encoders()[k])
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	if c := info.Calibration; c != nil {
		if err := c.Validate(); err != nil {
			return err
		}
	}
	if err := errors.Join(file.Done(), file.Verify()); err != nil {
		return err
	}
	var best [][]encoder.Layer
	for k, m := range r.members {
		one := all[k]
		if len(info.History) >= r.cfg.Epochs {
			one.under = nil // fewer epochs are asked for than were begun: that one is not
		}
		if err := m.stepper.Replace(one.state); err != nil {
			return err
		}
		m.stepper.Step, m.resumed, m.under = info.Encoders[k].Step, info.Encoders[k].Step, one.under
		best = append(best, one.best)
	}
	res := r.result
	res.History, res.Best, res.Stopped, res.Collapsed, res.Resumed = info.History, info.Best, info.Stopped,
		info.Collapsed, info.Step
	res.Warnings, res.Elsewhere = info.Warnings, info.Elsewhere // warnings include those about the items
	if info.Best > 0 {
		r.best, res.Model.Threshold, res.Model.Calibration = info.BestScore, info.Threshold, info.Calibration
		res.Model.Nested = info.Nested
	}
	// With more epochs or patience than before, training may continue.
	res.Stopped = r.patienceLost(len(res.History)) && len(res.History) > 0
	if err := res.Model.setEncoders(best); err != nil {
		return err
	}
	// Bring the samplers to where they were: after the draws of all epochs begun so far.
	for _, m := range r.members {
		drawn := len(res.History)
		if m.under != nil {
			drawn++
		}
		for e := 1; e <= drawn; e++ {
			if err := m.sampler.Skip(stepsPerEpoch(m.cfg), streams.Epoch(m.cfg.Seed, e)); err != nil {
				return err
			}
		}
	}
	return nil
}
