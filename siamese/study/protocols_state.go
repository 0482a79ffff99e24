package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/report"
)

// protocolFormat is changed when old reports can no longer be resumed from.
const protocolFormat = "siamese-lab protocol report 2"

// protocolUnit is one training of a run: a fold with a seed, and the file of its report. Its training keeps a state of
// its own beside the file until the report is written, so that a run that is cut off resumes within the training.
type protocolUnit struct {
	cfg  siamese.Config // with the seed of the training
	path string         // "" = no state is kept
	key  string         // hash of everything the report depends on
}

// protocolFile is what the file of a report holds.
type protocolFile struct {
	Format string         `json:"format"` // protocolFormat
	Key    string         `json:"key"`    // of the protocolUnit
	Report *report.Report `json:"report"`

	Machine device.Machine `json:"machine"` // that trained
}

// checkState creates the state folder, if one is asked for.
func (r *protocolRun) checkState() error {
	if r.opt.State == "" {
		return nil
	}
	if err := makeFolder(r.opt.State); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	backend, err := device.Plain(r.backend)
	if err != nil {
		return err
	}
	r.machine = device.MachineOf(backend)
	return nil
}

// makeFolder creates a folder, unless it exists, and checks that it is writable, before there is anything to lose.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return atomicfile.Check(filepath.Join(path, "file"))
}

// keyOf returns a hash of the JSON of a value, in hex. Fields that JSON leaves out do not count.
func keyOf(of any) (string, error) {
	text, err := json.Marshal(of)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// unit returns the training of the current fold with a seed. Its key covers all that the report depends on, the backend
// included, since other backends give other bits. The names of folds alone would let a run with another configuration
// take over reports that are not its own.
func (r *protocolRun) unit(sides protocolSides, seed uint64) (protocolUnit, error) {
	u := protocolUnit{cfg: r.cfg}
	u.cfg.Seed = seed
	if r.opt.State == "" {
		return u, nil
	}
	first := r.cfg
	first.Seed = r.opt.Seeds[0] // the baselines have it, see train
	// Sides are hashes of the items of the fold, so that the key also covers the options of the split.
	of := struct {
		Format, Protocol, Backend string
		Config, First             siamese.Config
		Evaluate                  evaluate.Options
		Sides                     []string
	}{Format: protocolFormat, Protocol: r.at.Protocol, Backend: r.backend.Name(), Config: u.cfg, First: first,
		Evaluate: r.opt.Evaluate, Sides: sides.hashes()}
	var err error
	if u.key, err = keyOf(of); err != nil {
		return u, fmt.Errorf("state: %w", err)
	}
	// One file a training, named for people who look into the folder, such as classes-2-seed5.json.
	u.path = filepath.Join(r.opt.State, fmt.Sprintf("%s-%d-seed%d.json", r.at.Protocol, r.at.Fold, seed))
	return u, nil
}

// hashes returns the hashes of the sides, in the order training, validation, test, unseen; "" for a missing one.
func (s *protocolSides) hashes() []string {
	out := []string{s.train.Hash(), s.val.Hash(), s.test.Hash(), ""}
	if s.unseen != nil {
		out[3] = s.unseen.Hash()
	}
	return out
}

// read returns the saved report, nil if there is none, and the machine that trained. A file that is damaged, or of
// another run or version, is an error that names it: overwriting it could cost somebody's hours. Like the state of a
// training it is the lab's own file, which no receipt lists.
func (u protocolUnit) read() (*report.Report, device.Machine, error) {
	var file protocolFile
	if u.path == "" {
		return nil, file.Machine, nil
	}
	text, err := openfile.ReadPart(u.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, file.Machine, nil
	}
	if err != nil {
		return nil, file.Machine, fmt.Errorf("state: %w", err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, file.Machine, fmt.Errorf("state: %s is damaged (%w): delete it to train again", quote.Text(u.path),
			err)
	}
	switch {
	case file.Format != protocolFormat || file.Report == nil:
		return nil, file.Machine, fmt.Errorf("state: %s is a %q, this version reads %q: name another folder, or "+
			"delete it", quote.Text(u.path), file.Format, protocolFormat)
	case file.Key != u.key:
		return nil, file.Machine, fmt.Errorf("state: %s is of another run (its configuration, items, split, options "+
			"or backend differ): name another folder, or delete it", quote.Text(u.path))
	}
	return file.Report, file.Machine, nil
}

// write saves a report and then removes the state of its training, which in this order is never lost before the report
// is there.
func (u protocolUnit) write(report *report.Report, machine device.Machine) error {
	if u.path == "" {
		return nil
	}
	// Written whole or not at all, see package jsonfile: a report that is cut off would not be read again.
	err := jsonfile.WriteOwn(u.path, protocolFile{protocolFormat, u.key, report, machine})
	if err == nil {
		err = os.RemoveAll(u.training())
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// training returns the folder for the state of the training, "" if none is kept.
func (u protocolUnit) training() string {
	if u.path == "" {
		return ""
	}
	return u.path[:len(u.path)-len(".json")] + ".training"
}
