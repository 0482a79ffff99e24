// Package tensorboard writes event files that TensorBoard shows: curves of numbers, histograms and text.
//
// A directory is one run. Every [Writer] adds a new file to it, so a resumed run never changes earlier files;
// TensorBoard reads the files of a directory as one.
//
// The format is that of TensorFlow: TFRecord frames with masked CRC-32C around protocol buffers of the types
// tensorboard.Event and tensorboard.Summary.
package tensorboard

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
)

// Writer writes one event file. Its methods may be called from several goroutines. What is written is buffered: call
// Flush for TensorBoard to see it, and Close in the end.
type Writer struct {
	mu      sync.Mutex // guards everything below but file and now
	file    *os.File
	out     *bufio.Writer
	now     func() time.Time  // the clock; tests have their own
	kinds   map[string]string // kind of each tag: TensorBoard shows a tag in one way only
	started bool              // whether the first step of this file was written
	err     error             // the first failure; nothing is written after it
}

// NewWriter returns a writer of a new event file in the directory dir, which is created if necessary.
//
// If the directory holds event files already, the new one continues them: from its first step on, its values replace
// the older ones, as a run needs that resumes from a checkpoint before its last written step. Concurrent writers need
// separate directories.
func NewWriter(dir string) (*Writer, error) {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost" // used in the file name only
	}
	return newWriter(dir, fmt.Sprintf("%s.%d.0", host, os.Getpid()), time.Now)
}

// newWriter is [NewWriter] with the end of the file's name and a clock.
func newWriter(dir, suffix string, now func() time.Time) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("tensorboard: make the directory of the run: %w", err)
	}
	newest, err := newestFile(dir)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: look for older event files: %w", err)
	}
	// TensorBoard reads files in the order of their names and never goes back: a new file must sort last, even if the
	// clock was set back or the run stopped within this second. O_EXCL keeps two writers from sharing one.
	seconds := max(now().Unix(), newest+1)
	var file *os.File
	for {
		path := filepath.Join(dir, fmt.Sprintf("%s%010d.%s", prefix, seconds, suffix))
		file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("tensorboard: create the event file: %w", err)
		}
		seconds++
	}
	w := &Writer{file: file, out: bufio.NewWriter(file), now: now, kinds: map[string]string{}}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write(event{version: "brain.Event:2"}) // TensorBoard wants it in every file's first event
	if w.flush(); w.err != nil {
		return nil, errors.Join(w.err, file.Close(), os.Remove(file.Name()))
	}
	provenance.Wrote(dir) // not the file, whose name is that of a machine
	return w, nil
}

// prefix marks event files for TensorBoard; the seconds since 1970 follow, in ten digits.
const prefix = "events.out.tfevents."

// newestFile returns the latest time in the names of the event files in dir, in seconds since 1970, 0 where there is
// none. Other files in dir are ignored.
func newestFile(dir string) (newest int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		digits, _, _ := strings.Cut(rest, ".")
		if seconds, err := strconv.ParseInt(digits, 10, 64); ok && err == nil && len(digits) == 10 {
			newest = max(newest, seconds)
		}
	}
	return newest, nil
}

// Path returns the name of the event file.
func (w *Writer) Path() string { return w.file.Name() }

// Scalar adds a value to the curve tag at a step, counted from 0.
//
// Event files hold float32: the value is rounded, and beyond 3.4e38 it is infinite. TensorBoard marks NaN and
// infinities in the curve. An empty tag, a tag that is not UTF-8 or has another kind already, and a negative step are
// errors that do not stop the writer; after a failure to write, every call returns that failure.
func (w *Writer) Scalar(tag string, step int64, value float64) error {
	return w.add("a scalar", tag, step, scalarValue(tag, float32(value)))
}

// Histogram adds the distribution of values (at least one, all finite) at a step, in 30 buckets of equal width.
// Errors are those of [Writer.Scalar], and an empty list or a value that is not finite.
func (w *Writer) Histogram(tag string, step int64, values []float32) error {
	h, err := newHistogram(values)
	if err != nil {
		return fmt.Errorf("tensorboard: histogram %q, step %d: %w", tag, step, err)
	}
	return w.add("a histogram", tag, step, histogramValue(tag, h))
}

// Text adds a text in Markdown at a step, for instance the configuration of a run at step 0. Errors are those of
// [Writer.Scalar], and text that is not UTF-8.
func (w *Writer) Text(tag string, step int64, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("tensorboard: text %q, step %d: the text is not valid UTF-8", tag, step)
	}
	return w.add("a text", tag, step, textValue(tag, text))
}

// add writes an event with one encoded value, after checking what all kinds of values have in common. kind, "a scalar"
// for instance, is for errors, and a tag keeps the kind of its first value.
func (w *Writer) add(kind, tag string, step int64, value []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return w.err
	case tag == "":
		return fmt.Errorf("tensorboard: step %d of %s has an empty tag: name what it shows", step, kind)
	case !utf8.ValidString(tag):
		return fmt.Errorf("tensorboard: tag %q is not valid UTF-8", tag)
	case step < 0:
		return fmt.Errorf("tensorboard: %q: step is %d: steps count from 0", tag, step)
	}
	if have := w.kinds[tag]; have != "" && have != kind {
		return fmt.Errorf("tensorboard: tag %q holds %s already: give %s another tag", tag, have, kind)
	}
	w.kinds[tag] = kind // known to this writer only: older files of the directory are not read
	if !w.started {
		// Also in a run's first file, where nothing is void: TensorBoard's loader in Python takes only the second
		// start and those after it for one that voids older values.
		w.write(event{step: step, start: true})
		w.started = true
	}
	w.write(event{step: step, value: value})
	return w.err
}

// write adds a record to the buffer with the current time; a failure is kept in w.err. The caller holds the lock.
func (w *Writer) write(e event) {
	if w.err != nil {
		return
	}
	at := w.now()
	e.wallTime = float64(at.Unix()) + float64(at.Nanosecond())/1e9
	if _, err := w.out.Write(record(e.encode())); err != nil {
		w.err = fmt.Errorf("tensorboard: %w", err) // the operating system's error names the file
	}
}

// Flush hands everything written so far to the operating system, where TensorBoard sees it.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	return w.err
}

// flush empties the buffer. The caller holds the lock.
func (w *Writer) flush() {
	if w.err != nil {
		return
	}
	if err := w.out.Flush(); err != nil {
		w.err = fmt.Errorf("tensorboard: %w", err)
	}
}

// Close flushes and closes the file. It returns the first failure of the writer's life, also one inside
// [Progress]. Calls after it return an error.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(w.err, errClosed) {
		return w.err
	}
	w.flush()
	failed := w.err
	if err := w.file.Close(); err != nil {
		failed = errors.Join(failed, fmt.Errorf("tensorboard: %w", err))
	}
	w.err = fmt.Errorf("tensorboard: %s: %w", quote.Text(w.file.Name()), errClosed)
	return failed
}

// errClosed is in the error of every call after Close.
var errClosed = errors.New("the writer is closed")
