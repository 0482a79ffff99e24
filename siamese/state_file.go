package siamese

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/stats"
)

// The state of a run is a file of tensors: the state of the training step (weights, moments, averages, cross-batch
// memory), the weights of the best epoch, and the batches of the current epoch. The two newest files are kept, so that
// one is intact if the other is damaged. Their names sort by steps done.
const (
	stateFormat  = "siamese-lab training state"
	stateVersion = 4
	stateKey     = "state" // of the metadata: stateInfo as JSON
	statesKept   = 2
	statePattern = "state-%010d.safetensors" // by steps done

	bestPrefix       = "best."
	underItemsName   = "epoch.items"
	underLabelsName  = "epoch.labels"
	underWeightsName = "epoch.weights"
)

// stateInfo describes the state of a run: everything but its tensors. Config, Data and the backend of Machine identify
// the run; see [run.sameRun].
type stateInfo struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Config  Config `json:"config"`
	Data    string `json:"data"` // hash of all frames of the run
	Step    int    `json:"step"` // of all encoders

	Encoders []encoderState `json:"encoders"`

	Best      int      `json:"best"`
	BestScore float64  `json:"best_score"`
	Threshold float64  `json:"threshold"`
	Stopped   bool     `json:"stopped"`
	Collapsed bool     `json:"collapsed"`
	History   []Epoch  `json:"history"`
	Warnings  []string `json:"warnings"`

	Calibration *stats.Calibration `json:"calibration,omitempty"`
	Nested      []NestedWidth      `json:"nested,omitempty"`

	Machine   device.Machine `json:"machine"`             // that wrote this state
	Elsewhere []string       `json:"elsewhere,omitempty"` // [Result].Elsewhere
}

// saveState writes the state of the run, if it has a state folder, and removes all but the newest statesKept files. It
// must be called between compiled calls, when the tensors on the device belong to the step that names the file. It
// copies them to the host: with Adam three times the size of the weights, four with an average. States are not told, as
// they are the lab's own files: the result is the same with and without, and they hold rates, which no two runs share.
func (r *run) saveState() error {
	if r.opts.State == "" {
		return nil
	}
	info, list, err := r.snapshot()
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	path := filepath.Join(r.opts.State, fmt.Sprintf(statePattern, r.steps()))
	err = atomicfile.WriteOwn(path, func(w io.Writer) error { return safetensors.Write(w, stateKey, string(info), list) })
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	r.saved = time.Now()
	files, err := stateFiles(r.opts.State)
	if err != nil {
		return err
	}
	for _, old := range files[min(statesKept, len(files)):] {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("removing an old state: %w", err)
		}
	}
	return nil
}

// stateFiles returns the paths of the states in a folder, newest first. Only names that [run.saveState] gives count:
// another file beside them, such as somebody's copy of a state, must not take the place of one.
func stateFiles(dir string) ([]string, error) {
	files, err := openfile.Glob(dir, "state-*.safetensors")
	files = slices.DeleteFunc(files, func(path string) bool {
		var steps int
		_, err := fmt.Sscanf(filepath.Base(path), statePattern, &steps)
		return err != nil || filepath.Base(path) != fmt.Sprintf(statePattern, steps)
	})
	slices.Sort(files)
	slices.Reverse(files)
	return files, err
}

// removeUnfinished removes temporary files that a killed run left behind: they are large and of no use.
func removeUnfinished(dir string) error {
	files, err := openfile.Glob(dir, ".state-*.safetensors.*.tmp")
	for _, path := range files {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// snapshot returns the current state of the run: its description as JSON and its tensors. Tensors of the best epoch and
// of the batches share memory with the run.
func (r *run) snapshot() (info []byte, list []safetensors.Tensor, err error) {
	s := stateInfo{
		Format: stateFormat, Version: stateVersion, Config: r.cfg, Data: r.dataHash,
		Step: r.steps(),
		Best: r.result.Best, Threshold: r.result.Model.Threshold, Calibration: r.result.Model.Calibration,
		Nested:  r.result.Model.Nested,
		Stopped: r.result.Stopped, Collapsed: r.result.Collapsed,
		History: r.result.History, Warnings: r.result.Warnings, Machine: r.machine, Elsewhere: r.result.Elsewhere,
	}
	if s.Best > 0 { // before that BestScore is -Inf, which JSON cannot hold
		s.BestScore = r.best
	}
	for k, m := range r.members {
		of, more, err := m.snapshot()
		if err != nil {
			return nil, nil, err
		}
		if s.Best > 0 {
			more = append(more, encoder.NamedLayers(bestPrefix, r.result.Model.Encoders()[k])...)
		}
		for i := range more {
			more[i].Name = encoder.Prefix(k) + more[i].Name
		}
		s.Encoders, list = append(s.Encoders, of), append(list, more...)
	}
	info, err = json.Marshal(s)
	return info, list, err
}
