package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// trialFormat is changed when old records can no longer be read.
const trialFormat = "siamese-lab trial 3"

// trialFile is the stem of the files of a trial: the model, its times, the JSON record, which is written last and so
// stands for a finished trial, and the state folder of a training in progress. The name has the hash and not the
// trial's name, so that a renamed trial is found again and a changed one is not.
type trialFile struct {
	stem    string         // path without a suffix; "" = nothing is saved
	key     string         // hash of everything the trial depends on: configuration, items, backend and format
	machine device.Machine // that trains what is missing
}

// trialRecord is the JSON record of a trial: what [siamese.Result] has beside the model.
type trialRecord struct {
	Format    string          `json:"format"`
	Key       string          `json:"key"`
	Name      string          `json:"name"` // when it was trained
	Config    siamese.Config  `json:"config"`
	Best      int             `json:"best"`
	Stopped   bool            `json:"stopped"`
	Collapsed bool            `json:"collapsed"`
	Warnings  []string        `json:"warnings"`
	History   []siamese.Epoch `json:"history"`
	Machine   device.Machine  `json:"machine"`
	Elsewhere []string        `json:"elsewhere,omitempty"` // [siamese.Result].Elsewhere
}

// newTrialFiles checks trials and items, creates the folder if one is asked for, and returns the files of every trial,
// in their order. Hashing the items takes one pass over their features.
func newTrialFiles(backend compute.Backend, trials []Trial, train, val *data.Frame,
	opt SweepOptions) ([]trialFile, error) {
	if err := checkTrials(trials); err != nil {
		return nil, err
	}
	for _, t := range trials {
		if err := option.Under("augment.", t.Config.Augment.Check(opt.Views)); err != nil {
			return nil, fmt.Errorf("trial %q: %w", t.Name, err)
		}
	}
	// Checked before hashing, which expects frames whose lists are of one length.
	sides := []*data.Frame{train, val}
	if opt.Unseen != nil {
		sides = append(sides, opt.Unseen)
	}
	for i, frame := range sides {
		if err := frame.ValidateStructure(); err != nil { // values are checked by the training
			return nil, fmt.Errorf("%s items: %w", [...]string{"training", "validation", "unseen"}[i], err)
		}
	}
	files := make([]trialFile, len(trials))
	if opt.Dir == "" {
		return files, nil
	}
	if err := makeFolder(opt.Dir); err != nil {
		return nil, err
	}
	// A hash of all items, features included: a model of other items must not be taken for this one's.
	hashes := make([]string, len(sides))
	for i, frame := range sides {
		hashes[i] = frame.Hash()
	}
	plain, err := device.Plain(backend)
	if err != nil {
		return nil, err
	}
	machine := device.MachineOf(plain)
	// The backend counts, because the same configuration trains to other bits on another one.
	for i, t := range trials {
		key, err := keyOf(struct {
			Format, Backend string
			Config          siamese.Config
			Items           []string
		}{trialFormat, backend.Name(), t.Config, hashes})
		if err != nil {
			return nil, err
		}
		files[i] = trialFile{filepath.Join(opt.Dir, "trial-"+key[:16]), key, machine}
	}
	return files, nil
}

// part returns the path of a file of the trial, "" if nothing is saved.
func (f trialFile) part(suffix string) string {
	if f.stem == "" {
		return ""
	}
	return f.stem + suffix
}

// The files of a trial, "" if nothing is saved.
func (f trialFile) record() string   { return f.part(".json") }
func (f trialFile) model() string    { return f.part(".safetensors") }
func (f trialFile) training() string { return f.part(".training") }

// read returns the saved trial, under the name that it has now; nil if there is none. Files that are damaged or of
// another trial are an error that names the one to delete.
func (f trialFile) read(t Trial) (*TrialResult, error) {
	if f.stem == "" {
		return nil, nil
	}
	var r trialRecord
	err := jsonfile.Read(f.record(), &r)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	// Names have a part of the key only; the record has it in full.
	if err == nil && (r.Format != trialFormat || r.Key != f.key || len(r.History) == 0) {
		err = fmt.Errorf("%s is not of this trial", quote.Text(f.record()))
	}
	var model *siamese.Model
	if err == nil {
		model, err = siamese.Load(f.model())
	}
	if err != nil {
		return nil, fmt.Errorf("%w: delete %s to train it again", err, quote.Text(f.record()))
	}
	// As Train returned it, but for what only a running training has.
	result := &siamese.Result{Model: model, History: r.History, Best: r.Best, Stopped: r.Stopped,
		Collapsed: r.Collapsed, Warnings: r.Warnings, Elsewhere: r.Elsewhere}
	if differences := r.Machine.Differences(f.machine); len(differences) > 0 {
		result.Warnings = append(result.Warnings, "it was trained where other bits come out than here: "+
			strings.Join(differences, "; "))
	}
	kept := &TrialResult{Trial: t, Result: result, Model: f.model(), Kept: true}
	f.readTimes(kept)
	return kept, nil
}

// write saves a trial, the record last, and then removes the state of its training.
func (f trialFile) write(t *TrialResult) error {
	if f.stem == "" {
		return nil
	}
	if err := t.Result.Model.Save(f.model()); err != nil {
		return err
	}
	if err := f.writeTimes(t); err != nil {
		return err
	}
	r := t.Result
	err := jsonfile.Write(f.record(), trialRecord{
		Format: trialFormat, Key: f.key, Name: t.Name, Config: t.Config, Best: r.Best, Stopped: r.Stopped,
		Collapsed: r.Collapsed,
		Warnings:  r.Warnings, History: timeless(r.History), Machine: f.machine, Elsewhere: r.Elsewhere,
	})
	if err != nil {
		return err
	}
	// The record is there: a state that cannot be removed is an error, and the trial is kept all the same.
	return os.RemoveAll(f.training())
}
