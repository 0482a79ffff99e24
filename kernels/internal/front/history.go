package front

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Bounds of a history: the oldest cells are forgotten.
const (
	maxCells = 1000
	maxBytes = 1 << 20
)

// entry is a cell that was executed: in which session of its notebook, and with which count.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"`
	Input   string `json:"input"`
}

// history is what was executed in a notebook, over sessions: a session is one kernel.
type history struct {
	path string // "" = it is kept in memory only

	mu      sync.Mutex
	session int
	entries []entry
	own     *entry // the last that this kernel has added
}

// openHistory reads the history of a notebook from a directory, "" = there is none. A file that cannot be read is begun
// anew: it is a convenience.
func openHistory(dir, notebook string) *history {
	h := &history{}
	if dir != "" {
		sum := sha256.Sum256([]byte(notebook))
		h.path = filepath.Join(dir, hex.EncodeToString(sum[:12])+".json")
		h.entries = readHistory(h.path)
	}
	h.session = 1 + last(h.entries)
	return h
}

// readHistory returns the entries of a file, or none.
func readHistory(path string) (entries []entry) {
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &entries) != nil {
		return nil
	}
	return entries
}

// last returns the last session of some entries, 0 = there is none.
func last(entries []entry) (session int) {
	for _, e := range entries {
		session = max(session, e.Session)
	}
	return session
}

// add adds a cell and writes the file, with what other kernels of the notebook have added.
func (h *history) add(line int, input string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.path != "" {
		f, err := place.Open(h.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			h.keep(line, input)
			return err
		}
		defer f.Close()
		// In the file is all that is in memory, unless it could not be written or was damaged.
		kept := readHistory(h.path)
		if h.own == nil {
			if len(kept) > 0 {
				h.entries, h.session = kept, 1+last(kept)
			}
		} else if slices.Contains(kept, *h.own) {
			h.entries = kept
		}
	}
	h.keep(line, input)
	if h.path == "" {
		return nil
	}
	text, err := json.Marshal(h.entries)
	if err != nil {
		return err
	}
	return place.WriteFile(h.path, text, 0o600)
}

// keep adds a cell in memory, and forgets the oldest.
func (h *history) keep(line int, input string) {
	h.own = &entry{h.session, line, input}
	h.entries = append(h.entries, *h.own)
	bytes, from := 0, len(h.entries)
	for from > max(0, len(h.entries)-maxCells) && bytes+len(h.entries[from-1].Input) <= maxBytes {
		from--
		bytes += len(h.entries[from].Input)
	}
	h.entries = slices.Delete(h.entries, 0, from)
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool   `json:"output"`
	Type    string `json:"hist_access_type"` // "range", "tail" or "search"
	Session int    `json:"session"`          // of a range: 0 = this one, -1 = the one before
	Start   int    `json:"start"`
	Stop    int    `json:"stop"` // it is not in the range; 0 = the end
	N       int    `json:"n"`    // the last n of a tail or search; 0 = all
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// find returns what a request asks for, as the protocol wants it: session, line and input, or, with outputs asked for,
// session, line and a pair of input and no output, since outputs are not kept.
func (h *history) find(ask historyRequest) [][3]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	session := ask.Session
	if session <= 0 {
		session += h.session
	}
	var found []entry
	for _, e := range h.entries {
		switch ask.Type {
		case "range":
			if e.Session != session || e.Line < ask.Start || ask.Stop > 0 && e.Line >= ask.Stop {
				continue
			}
		case "search":
			if !matches(ask.Pattern, e.Input) {
				continue
			}
		case "tail":
		default:
			continue
		}
		found = append(found, e)
	}
	if ask.Unique { // the last of each
		seen := map[string]bool{}
		slices.Reverse(found)
		found = slices.DeleteFunc(found, func(e entry) bool {
			old := seen[e.Input]
			seen[e.Input] = true
			return old
		})
		slices.Reverse(found)
	}
	if ask.Type != "range" && ask.N > 0 {
		found = found[max(0, len(found)-ask.N):]
	}
	rows := [][3]any{}
	for _, e := range found {
		row := [3]any{e.Session, e.Line, e.Input}
		if ask.Output {
			row[2] = [2]any{e.Input, nil}
		}
		rows = append(rows, row)
	}
	return rows
}

// matches reports whether a text is matched by a pattern in which * stands for any text and ? for one character.
func matches(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, from := -1, 0 // the last *, and where the text goes on behind what it stands for
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
