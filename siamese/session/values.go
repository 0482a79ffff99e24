package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/provenance"
)

// Listed is a value of [Session.Values].
type Listed struct {
	Value
	Used time.Time `json:"used"` // last
}

// String returns the value in a line of a list.
func (l Listed) String() string {
	cell := l.Cell
	if cell == "" {
		cell = "-"
	}
	made := provenance.Volatile(l.Made.Local().Format("2006-01-02 15:04"))
	return fmt.Sprintf("%s  %-12s %10s  %s  %-12s  %s", l.ID(), l.Kind, size(l.Bytes), made, cell, l.Name)
}

// size returns a number of bytes in words.
func size(n int64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// Values returns all values that are kept, those used last first. Values of other code or of files that have changed
// are among them until they are removed for want of room.
func (s *Session) Values(ctx context.Context) ([]Listed, error) {
	m, err := s.call(ctx, "list", nil, nil)
	if err != nil {
		return nil, err
	}
	var out []Listed
	if err := json.Unmarshal(m.Body, &out); err != nil {
		return nil, fmt.Errorf("the session's answer: %w", err)
	}
	for i := range out {
		out[i].session = s
	}
	return out, nil
}

// Cleared is what [Session.Clear] removed.
type Cleared struct {
	Values int   `json:"removed"`
	Bytes  int64 `json:"bytes"`
}

// String returns what was removed.
func (c Cleared) String() string {
	if c.Values == 1 {
		return "1 value removed, " + size(c.Bytes)
	}
	return fmt.Sprintf("%d values removed, %s", c.Values, size(c.Bytes))
}

// Clear removes the values with these ids, or without any all of them, and what was begun and not finished with them.
// An id that no value has, or that several begin with, is an error, and then nothing is removed.
func (s *Session) Clear(ctx context.Context, ids ...string) (Cleared, error) {
	var keys []string
	if len(ids) > 0 {
		all, err := s.Values(ctx)
		if err != nil {
			return Cleared{}, err
		}
		for _, id := range ids {
			one, err := byID(all, id)
			if err != nil {
				return Cleared{}, err
			}
			keys = append(keys, one.Key)
		}
	}
	body, err := json.Marshal(map[string][]string{"keys": keys})
	if err != nil {
		return Cleared{}, err
	}
	m, err := s.call(ctx, "clear", body, nil)
	if err != nil {
		return Cleared{}, err
	}
	var c Cleared
	return c, json.Unmarshal(m.Body, &c)
}

// byID returns the one value whose key begins so.
func byID(all []Listed, id string) (*Listed, error) {
	var found []int
	for i := range all {
		if id != "" && strings.HasPrefix(all[i].Key, id) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no value has the id %q: Values lists them", id)
	case 1:
		return &all[found[0]], nil
	}
	names := make([]string, 0, len(found))
	for _, i := range found {
		names = append(names, all[i].ID())
	}
	slices.Sort(names)
	return nil, fmt.Errorf("several values have the id %q: give more of it, of %s", id, strings.Join(names, " or "))
}

// ModelByID returns the model whose key begins with id, for instance one that another notebook trained.
func (s *Session) ModelByID(ctx context.Context, id string) (*Model, error) {
	m := &Model{}
	return give(m, s.byID(ctx, id, "model", m))
}

// FrameByID returns the frame whose key begins with id.
func (s *Session) FrameByID(ctx context.Context, id string) (*Frame, error) {
	f := &Frame{}
	return give(f, s.byID(ctx, id, "frame", f))
}

// SplitByID returns the split whose key begins with id.
func (s *Session) SplitByID(ctx context.Context, id string) (*Split, error) {
	p := &Split{}
	return give(p, s.byID(ctx, id, "split", p))
}

// byID fills a handle with the value of an id.
func (s *Session) byID(ctx context.Context, id, kind string, h handle) error {
	all, err := s.Values(ctx)
	if err != nil {
		return err
	}
	one, err := byID(all, id)
	if err != nil {
		return err
	}
	if one.Kind != kind {
		return fmt.Errorf("%s is a %s, not a %s", one.ID(), one.Kind, kind)
	}
	provenance.Tell(provenance.Event{Kind: provenance.KeptValue, Text: one.Key})
	body, err := json.Marshal(one.Value)
	if err != nil {
		return err
	}
	return fill(s, h, body)
}

// Status is what a worker is and holds.
type Status struct {
	Pid     int      `json:"pid"`
	Code    string   `json:"code"`              // hash of its program
	Backend string   `json:"backend"`           // which, and why; "" = not opened yet
	Memory  int64    `json:"memory"`            // of the process, in bytes; 0 = not known
	Values  int64    `json:"values"`            // bytes of the values in memory, an estimate
	Most    int64    `json:"most"`              // bound of those
	Running []string `json:"running,omitempty"` // calls that compute something
	// Explorers is how many explorers are shown.
	Explorers int `json:"explorers,omitempty"`
}

// String returns the status in a line.
func (s Status) String() string {
	text := provenance.Volatile(fmt.Sprintf("worker %d: %s of memory, values %s of at most %s", s.Pid, size(s.Memory),
		size(s.Values), size(s.Most)))
	if s.Backend != "" {
		text += "; " + s.Backend
	}
	if len(s.Running) > 0 {
		text += "; running: " + strings.Join(s.Running, ", ")
	}
	return text
}

// Status returns what the session's worker is and holds.
func (s *Session) Status(ctx context.Context) (Status, error) {
	m, err := s.call(ctx, "status", nil, nil)
	if err != nil {
		return Status{}, err
	}
	var out Status
	return out, json.Unmarshal(m.Body, &out)
}
