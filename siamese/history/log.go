package history

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
)

// Log is a file with the history of a run, one line of JSON an epoch. [Read] can read it during the run.
// It is not safe for concurrent use, and a file must have one log at a time.
type Log struct {
	file *os.File
	size int64 // of the complete lines
	err  error // the first failure, after which nothing is written
}

// Open opens a history for appending, and creates it if there is none. It removes an incomplete last line, which
// an interrupted run may leave. A resumed run may append an epoch again: readers take the later line.
//
// A file that is not a history is an error and stays unchanged. It reads the whole file: some hundred bytes an epoch.
func Open(path string) (*Log, error) {
	// A pipe would be read for ever: what is written to it comes back.
	if info, err := os.Stat(path); err == nil {
		if err := openfile.Check(path, info); err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	h := &Log{file: file}
	if err := h.recover(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return h, nil
}

// recover finds the end of the complete lines and removes an incomplete last line. Appending after one would make a
// line that no reader accepts.
func (h *Log) recover() error {
	text, err := io.ReadAll(h.file)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	_, size, err := parseHistory(h.file.Name(), text)
	if err != nil {
		return err
	}
	h.size = int64(size)
	if size < len(text) {
		if err := h.file.Truncate(h.size); err != nil {
			return fmt.Errorf("history: remove the incomplete last line: %w", err)
		}
	}
	if size > 0 && text[size-1] != '\n' { // an editor removed the last newline
		return h.write([]byte{'\n'})
	}
	return nil
}

// Append writes one line and syncs the file. A number that is not finite is written as null. After a failure every call
// returns that failure.
func (h *Log) Append(e Epoch) error {
	if h.err != nil {
		return h.err
	}
	line, err := historyLine(e)
	if err != nil {
		return fmt.Errorf("history: %s: epoch %d: %w", quote.Text(h.file.Name()), e.Number, err)
	}
	return h.write(line)
}

// write appends text and syncs, or on failure truncates the file to its previous size if it can: half a line must not
// stay when the disk is full.
func (h *Log) write(text []byte) error {
	_, err := h.file.WriteAt(text, h.size)
	if err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		h.err = fmt.Errorf("history: %w", errors.Join(err, h.file.Truncate(h.size)))
		return h.err
	}
	h.size += int64(len(text))
	provenance.Wrote(h.file.Name())
	return nil
}

// Progress returns a function for siamese.TrainOptions that appends every finished epoch. A failure stops the log, not the
// training: [Log.Close] returns it.
func (h *Log) Progress() func(Progress) {
	last := 0 // number of the last appended epoch, which is appended once however often it is reported
	return func(p Progress) {
		// An epoch that was finished before the run resumed is in the file already.
		if p.Last != nil && p.Last.Number == p.Epoch && p.Last.Number != last {
			last = p.Last.Number
			_ = h.Append(*p.Last) // the log keeps the error
		}
	}
}

// Close closes the file and returns the log's first failure, including one in [Log.Progress].
func (h *Log) Close() error {
	err := h.file.Close()
	if err != nil {
		err = fmt.Errorf("history: %w", err)
	}
	// A failure while training is reported here, where somebody looks; calls after Close fail.
	failed := h.err
	h.err = fmt.Errorf("history: %s: the log is closed", quote.Text(h.file.Name()))
	return errors.Join(failed, err)
}
