// Package provenance tells a notebook's kernel what a cell's program used and made, for the cell's receipt: the files
// that loaders read and wrote, the seeds and the backend, and which printed text differs from run to run. Whoever opens
// a file for a user, prints a rate, or draws from a seed says so here, in one call; outside of the lab's kernel a call
// does nothing.
//
// Events are lines of JSON that are appended to the file which the environment variable [Env] names. Files are named
// only; the kernel hashes them when the cell has ended. The package imports the standard library alone, since it is
// linked into every cell.
package provenance

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Env is the environment variable with the path of the file that takes the events of a program; empty = none are kept.
const Env = "SIAMESE_PROVENANCE"

// Kind says what an event is about.
type Kind string

// The kinds of events.
const (
	FileRead    Kind = "read"     // a file was read; Text is its absolute path
	FileWritten Kind = "written"  // a file was written; Text is its absolute path
	Changes     Kind = "volatile" // Text was printed and is another one in every run: a time, a rate
	Fact        Kind = "fact"     // Name has the value Text: "seed", "backend"
	KeptValue   Kind = "session"  // a value of the session was used; Text is its key
)

// Event is one thing that a program did.
type Event struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
}

// String returns the event in a line, such as `read "/data/a.csv"` or `fact seed "7"`.
func (e Event) String() string {
	return strings.TrimSpace(string(e.Kind)+" "+e.Name) + " " + strconv.Quote(e.Text)
}

// Read says that a file was read. A relative path is one of the current directory. Paths in /dev are passed over: they
// are no files, or names of files that this process alone has open.
func Read(path string) { file(FileRead, path) }

// Data is [Read] for a file or folder that items are from: a table, pictures, labels. Its path is remembered for
// [DataFiles].
func Data(path string) {
	path = absolute(path)
	mu.Lock()
	if len(opened) < mostOpened && !strings.HasPrefix(path, "/dev/") && !slices.Contains(opened, path) {
		opened = append(opened, path)
	}
	mu.Unlock()
	Read(path)
}

// DataFiles returns the paths that [Data] was told of, in their order, up to a hundred.
func DataFiles() []string {
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(opened)
}

// Wrote says that a file was written, after it has its final content and name.
func Wrote(path string) { file(FileWritten, path) }

// Volatile marks a text that the program printed, exactly as printed, as another one in every run, and returns it: two
// runs that differ there alone are the same. A text that is empty marks nothing.
func Volatile(text string) string {
	if text != "" {
		Tell(Event{Kind: Changes, Text: text})
	}
	return text
}

// Note records a fact about the cell: a name such as "seed" or "backend", and its value. A name may be told with several
// values.
func Note(name, value string) { Tell(Event{Kind: Fact, Name: name, Text: value}) }

// Seed notes the seed that something was drawn from, as the fact "seed".
func Seed(seed uint64) { Tell(SeedEvent(seed)) }

// SeedEvent is what [Seed] tells.
func SeedEvent(seed uint64) Event { return Event{Fact, "seed", strconv.FormatUint(seed, 10)} }

// file tells of a file by its absolute path.
func file(kind Kind, path string) {
	if !strings.HasPrefix(path, "/dev/") {
		Tell(Event{Kind: kind, Text: absolute(path)})
	}
}

// absolute returns the absolute form of a path, or the path itself where there is none.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// mostOpened bounds what is remembered: a server may open files for ever.
const mostOpened = 100

var (
	mu   sync.Mutex
	told = map[Event]bool{} // what was told already: once is enough
	// sink takes events in place of the file; nil = the file.
	sink   func(Event)
	opened []string // paths of data
)

// To has a function take the events in place of the file, until restore is called: the session's worker passes on what
// it does for a cell. The function may be called from several goroutines, one call at a time, and calls nothing of this
// package. It is told of every event, also of one told before.
func To(take func(Event)) (restore func()) {
	mu.Lock()
	defer mu.Unlock()
	before := sink
	sink = take
	return func() {
		mu.Lock()
		defer mu.Unlock()
		sink = before
	}
}

// Tell records an event. What cannot be recorded is not: a receipt that lacks a file says less, and a program must not
// fail by it.
func Tell(e Event) {
	mu.Lock()
	defer mu.Unlock()
	if sink != nil {
		sink(e)
		return
	}
	path := os.Getenv(Env)
	if path == "" || told[e] {
		return
	}
	told[e] = true
	line, err := json.Marshal(e)
	if err != nil {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	// One write: lines of several programs do not mix. It begins a line, as that of a program may have been cut.
	_, _ = f.Write(slices.Concat([]byte{'\n'}, line, []byte{'\n'}))
	f.Close()
}

// Parse returns the events of a file's content, in their order. A line that is no event, such as the cut last one of a
// program that was killed, is left out.
func Parse(content []byte) []Event {
	var events []Event
	for line := range bytes.Lines(content) {
		var e Event
		if json.Unmarshal(line, &e) == nil && e.Kind != "" {
			events = append(events, e)
		}
	}
	return events
}
