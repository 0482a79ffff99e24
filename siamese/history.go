package siamese

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// HistoryLog is a file with a run's history that grows by a line of JSON an epoch. [ReadHistory] reads it, while
// the run goes on as well.
type HistoryLog struct {
	file *os.File
	size int64 // of the complete lines
	err  error // the first failure; nothing is written after it
}

// OpenHistory opens a history for appending and creates it where it is not there. A last line that a stopped run
// left half-written is cut off; complete lines stay as they are. A run that goes on from a checkpoint appends
// the epochs that it trains again: readers take the later line.
//
// A file that is no history is an error and is not touched.
func OpenHistory(path string) (*HistoryLog, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	h := &HistoryLog{file: file}
	if err := h.recover(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return h, nil
}

// recover leaves the file with complete lines only.
func (h *HistoryLog) recover() error {
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
			return fmt.Errorf("history: cut off the half-written last line: %w", err)
		}
	}
	if size > 0 && text[size-1] != '\n' { // an editor took the end of the last line away
		return h.write([]byte{'\n'})
	}
	return nil
}

// Append adds an epoch: one line, on the disk when Append returns. A figure that is not a finite number is
// written as null. After a failure every further call returns that failure.
func (h *HistoryLog) Append(e Epoch) error {
	if h.err != nil {
		return h.err
	}
	line, err := historyLine(e)
	if err != nil {
		return fmt.Errorf("history: %s: epoch %d: %w", h.file.Name(), e.Number, err)
	}
	return h.write(line)
}

// write adds text to the file. When it fails, it takes back what came through, as far as that goes.
func (h *HistoryLog) write(text []byte) error {
	_, err := h.file.WriteAt(text, h.size)
	if err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		h.err = fmt.Errorf("history: %w", errors.Join(err, h.file.Truncate(h.size)))
		return h.err
	}
	h.size += int64(len(text))
	return nil
}

// Progress returns a function for [TrainOptions] that appends every epoch once it was judged. A failure ends the
// writing, not the training: [HistoryLog.Close] returns it.
func (h *HistoryLog) Progress() func(Progress) {
	last := 0
	return func(p Progress) {
		// An epoch that was judged before a run went on stands in the file.
		if p.Last != nil && p.Last.Number == p.Epoch && p.Last.Number != last {
			last = p.Last.Number
			_ = h.Append(*p.Last) // the log keeps the error
		}
	}
}

// Close closes the file and returns the log's first failure, also one inside [HistoryLog.Progress].
func (h *HistoryLog) Close() error {
	err := h.file.Close()
	if err != nil {
		err = fmt.Errorf("history: %w", err)
	}
	failed := h.err
	h.err = fmt.Errorf("history: %s: the log is closed", h.file.Name())
	return errors.Join(failed, err)
}
