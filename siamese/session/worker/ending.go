package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/openfile"

	"github.com/go-siamese/lab/data/memory"
)

// marker is a file that says what the worker computes, for the next one if this one is killed: nobody else can tell.
type marker struct {
	path string

	mu   sync.Mutex
	runs map[string]int // operations that run, by name
	stop chan struct{}  // ends the writing while some run
}

// mark is the content of a marker.
type mark struct {
	Ops    []string  `json:"ops"`
	At     time.Time `json:"at"`
	Memory int64     `json:"memory"` // of the process, in bytes
	Free   int64     `json:"free"`
	Kills  int64     `json:"kills"` // of processes by the system, for want of memory, so far
}

// newMarker returns this process' marker.
func newMarker(dir string) *marker {
	return &marker{path: filepath.Join(dir, "running-"+strconv.Itoa(os.Getpid())), runs: map[string]int{}}
}

// begin notes that an operation runs, and returns what notes its end.
func (m *marker) begin(op string) func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[op]++
	if m.stop == nil {
		m.stop = make(chan struct{})
		go m.keep(m.stop)
	}
	m.write()
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.runs[op]--; m.runs[op] == 0 {
			delete(m.runs, op)
		}
		if len(m.runs) > 0 {
			m.write()
			return
		}
		close(m.stop)
		m.stop = nil
		_ = os.Remove(m.path) // at worst the next worker tells of an end that was none
	}
}

// keep writes the marker anew while operations run: memory grows.
func (m *marker) keep(stop chan struct{}) {
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-stop:
			tick.Stop()
			return
		case <-tick.C:
			m.mu.Lock()
			if m.stop == stop {
				m.write()
			}
			m.mu.Unlock()
		}
	}
}

// write writes the marker; one that cannot be written tells nothing. m.mu is held.
func (m *marker) write() {
	now := mark{At: time.Now(), Memory: resident(), Kills: kills()}
	now.Free, _ = memory.Free()
	for op := range m.runs {
		now.Ops = append(now.Ops, op)
	}
	text, err := json.Marshal(now)
	if err != nil {
		return
	}
	if os.WriteFile(m.path+".new", text, 0o600) == nil {
		_ = os.Rename(m.path+".new", m.path)
	}
}

// lastEnd returns how workers that are gone ended, as a sentence, "" where none was killed at work. It removes their
// markers.
func lastEnd(dir string) string {
	paths, _ := openfile.Glob(dir, "running-*")
	var said []string
	for _, path := range paths {
		digits := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "running-"), ".new")
		pid, err := strconv.Atoi(digits)
		// A process that becomes newer code keeps its number, and had nothing running.
		if err == nil && pid != os.Getpid() && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		text, readErr := os.ReadFile(path)
		_ = os.Remove(path)
		var was mark
		if readErr != nil || json.Unmarshal(text, &was) != nil || len(was.Ops) == 0 {
			continue
		}
		why := "it was killed or crashed"
		if kills() > was.Kills {
			why = "the system killed it, or another process at that time, for want of memory"
		}
		said = append(said, fmt.Sprintf("%s during %s: it had %s in memory, and %s were free", why,
			strings.Join(was.Ops, " and "), memory.Size(float64(was.Memory)), memory.Size(float64(was.Free))))
	}
	return strings.Join(said, "; ")
}

// resident returns the memory of this process, 0 where the system does not tell.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// kills returns how many processes the system has killed for want of memory since it started, 0 where it does not tell.
func kills() int64 {
	text, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "oom_kill "); ok {
			count, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64) // what is no number tells nothing
			return count
		}
	}
	return 0
}
