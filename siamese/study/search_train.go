package study

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/study/found"
)

// searchFormat is changed when old records can no longer be read.
const searchFormat = "siamese-lab search trial 1"

// searchRecord is the JSON record of a trial of a search, which is written after every part of its training.
type searchRecord struct {
	Format   string         `json:"format"`
	Key      string         `json:"key"`
	Config   siamese.Config `json:"config"`
	Curve    []float64      `json:"curve"`    // score by epoch
	Complete bool           `json:"complete"` // no epoch is left
	HeldOut  float64        `json:"held_out"`
	Error    string         `json:"error,omitempty"`
}

// key returns the hash of everything that the training of a run depends on.
func (s *searcher) key(r found.Run) (string, error) {
	return keyOf(struct {
		Format, Backend string
		Config          siamese.Config
		Items           []string
	}{searchFormat, s.backend.Name(), r.Config, s.hashes})
}

// stem returns the path of the files of a run, without their endings.
func (s *searcher) stem(r found.Run) (string, error) {
	key, err := s.key(r)
	if err != nil {
		return "", err
	}
	return filepath.Join(s.opt.Dir, "search-"+key[:16]), nil
}

func (s *searcher) model(n int) string { return s.stems[n] + ".safetensors" }

// drop removes the state of a training that does not go on. What cannot be removed is left: it does no harm.
func (s *searcher) drop(n int) { _ = os.RemoveAll(s.stems[n] + ".training") }

// train trains trial n up to an epoch, or with 0 to its end. An error ends the search; that of a training is the
// trial's own.
func (s *searcher) train(ctx context.Context, n, epochs int) error {
	s.mu.Lock()
	run := s.runs[n]
	if run.State != found.Running { // it failed, or stopped before the epoch
		s.mu.Unlock()
		return nil
	}
	stem := s.stems[n]
	// Trials with the same configuration are one training: the second waits, and reads what the first has written.
	lock := s.training[stem]
	if lock == nil {
		lock = new(sync.Mutex)
		s.training[stem] = lock
	}
	s.mu.Unlock()
	lock.Lock()
	defer lock.Unlock()
	if epochs == 0 || epochs > run.Config.Epochs {
		epochs = run.Config.Epochs
	}
	key, err := s.key(run)
	if err != nil {
		return err
	}
	record := searchRecord{}
	err = jsonfile.Read(stem+".json", &record)
	if err == nil && (record.Format != searchFormat || record.Key != key) {
		err = fmt.Errorf("%s is not of this trial", quote.Text(stem+".json"))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("trial %d: %w: delete %s to train it again", n, err, quote.Text(stem+".json"))
	}
	kept := err == nil && (record.Complete || record.Error != "" || len(record.Curve) >= epochs)
	seconds := 0.
	if !kept {
		begun := time.Now()
		if record, err = s.trainTo(ctx, n, run, epochs, stem); err != nil {
			return fmt.Errorf("trial %d: %w", n, err)
		}
		seconds = time.Since(begun).Seconds()
		record.Format, record.Key, record.Config = searchFormat, key, run.Config
		if err := jsonfile.Write(stem+".json", record); err != nil {
			return fmt.Errorf("trial %d: %w", n, err)
		}
		if record.Complete {
			_ = os.RemoveAll(stem + ".training") // see drop
		}
	}
	return s.finish(n, record, epochs, seconds, kept)
}

// finish takes over the record of a trial that was trained to an epoch, or read.
func (s *searcher) finish(n int, record searchRecord, epochs int, seconds float64, kept bool) error {
	if len(record.Curve) == 0 && record.Error == "" {
		record.Error = "no epoch was trained"
	}
	// A search that is resumed sees a record as it was at this epoch, not as it is: what failed later had not failed yet.
	if record.Error != "" && (len(record.Curve) < epochs || epochs >= record.Config.Epochs) {
		s.fail(n, errors.New(record.Error))
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.runs[n]
	r.Curve = record.Curve[:min(len(record.Curve), epochs)]
	r.Step, r.Score, r.Seconds = len(r.Curve), scoreOf(r.Curve), r.Seconds+seconds
	if record.Complete && len(r.Curve) == len(record.Curve) {
		r.State, r.HeldOut = found.Complete, record.HeldOut
		if err := s.keepBest(*r); err != nil {
			return err
		}
	}
	run := *r
	s.tell(SearchProgress{Trial: n, Run: &run, Kept: kept})
	return nil
}

// keepBest removes the models of complete trials but the best one's; s.mu is held.
func (s *searcher) keepBest(r found.Run) error {
	s.models[s.model(r.Number)] = true
	best, ok := found.Best(found.Trials(s.runs))
	if !ok {
		return nil
	}
	keep := s.model(best.Number)
	for path := range s.models {
		if path != keep {
			delete(s.models, path)
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// trainTo trains a run to the end of an epoch, from the state that an earlier part has left. The error of a cancelled
// ctx, and of files, is returned; that of the training is in the record.
func (s *searcher) trainTo(ctx context.Context, n int, run found.Run, epochs int, stem string) (searchRecord, error) {
	var record searchRecord
	part, pause := context.WithCancel(ctx)
	defer pause()
	result, err := siamese.Train(part, s.backend, run.Config, s.sides.train, s.sides.val, siamese.TrainOptions{
		Unseen: s.sides.unseen, State: stem + ".training", EscapeFormulas: s.opt.EscapeFormulas, Prepared: &s.prepared,
		Views: s.opt.Views,
		Progress: func(p siamese.Progress) {
			if p.Last != nil && p.Last.Number >= epochs && !p.Ended {
				pause() // the state of this epoch is saved
				return
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.tell(SearchProgress{Trial: n, Training: &p})
		},
	})
	if result != nil {
		defer result.Model.Close()
		for _, e := range result.History {
			record.Curve = append(record.Curve, e.Monitored(run.Config.Monitor))
		}
	}
	switch {
	case ctx.Err() != nil:
		return record, errors.Join(ctx.Err(), err)
	case err != nil && len(record.Curve) >= epochs && errors.Is(err, context.Canceled):
		return record, nil // stopped here
	case err != nil && ofMachine(err):
		return record, err // no fault of the settings, and the next trial would have it too
	case err != nil: // a loss that is not finite, or what the items do not allow
		record.Error = err.Error()
		return record, nil
	}
	record.Complete = true
	if record.HeldOut, err = s.judge(ctx, result.Model); err != nil {
		return record, err
	}
	return record, result.Model.Save(stem + ".safetensors")
}

// ofMachine reports whether an error is one of files or of the system, such as a full disk. Package atomicfile takes the
// names of its temporary files out of errors, and leaves the bare number of the system.
func ofMachine(err error) bool {
	var file *fs.PathError
	var link *os.LinkError
	var number syscall.Errno
	return errors.As(err, &file) || errors.As(err, &link) || errors.As(err, &number) ||
		errors.Is(err, atomicfile.ErrInUse)
}
