package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Value is what every handle has: what the session keeps, and how it came to be.
type Value struct {
	Key     string          `json:"key"`  // hash of all that it depends on
	Kind    string          `json:"kind"` // such as "frame"
	Name    string          `json:"name"` // for people, such as "items.parquet"
	Op      string          `json:"op"`   // the call that made it
	Bytes   int64           `json:"bytes"`
	Made    time.Time       `json:"made"`
	Cell    string          `json:"cell,omitempty"` // that asked for it first; "" = not known
	Seconds float64         `json:"seconds"`        // that it took
	Known   bool            `json:"known"`          // it was there: this call computed nothing
	Notes   []string        `json:"notes,omitempty"`
	Anew    string          `json:"anew,omitempty"` // says which files have changed since this call was made last; "" = none
	Text    string          `json:"text"`
	Facts   json.RawMessage `json:"facts,omitempty"`

	session *Session
}

// ID returns the first digits of the key, which are enough to name the value.
func (v *Value) ID() string { return v.Key[:min(12, len(v.Key))] }

// String returns what the value says of itself, the notes and Anew.
func (v *Value) String() string {
	lines := []string{strings.TrimRight(v.Text, "\n")}
	for _, n := range v.Notes {
		lines = append(lines, "note: "+n)
	}
	if v.Anew != "" {
		lines = append(lines, "note: "+v.Anew)
	}
	return strings.Join(lines, "\n")
}

// handle is what a call returns.
type handle interface{ value() *Value }

func (v *Value) value() *Value { return v }

// fill sets a handle by what the worker sent.
func fill(s *Session, h handle, body json.RawMessage) error {
	v := h.value()
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("the session's answer: %w", err)
	}
	v.session = s
	if len(v.Facts) == 0 {
		return nil
	}
	return json.Unmarshal(v.Facts, h)
}

// Picture is one output of a handle in several forms, of which a front end shows the best that it can: text, or a
// picture. It is what package show makes, drawn by the worker.
type Picture struct {
	Text          string `json:"text"` // says the same in plain words; never empty
	HTML          string `json:"html,omitempty"`
	SVG           string `json:"svg,omitempty"`
	PNG           []byte `json:"-"`
	Width, Height int    // of a picture, in pixels of CSS
}

// String returns the picture in words.
func (p Picture) String() string { return p.Text }

// showing is what is to be drawn of a value.
type showing struct {
	Key    string `json:"key"`
	Part   string `json:"part,omitempty"`   // of a report; "" = all
	Count  int    `json:"count,omitempty"`  // of pairs
	Number int    `json:"number,omitempty"` // of the model among several, from 1; 0 = all of them
}

// Show returns the tables and pictures of the value, as package show draws them.
func (v *Value) Show(ctx context.Context) ([]Picture, error) { return v.show(ctx, showing{Key: v.Key}) }

// show returns tables and pictures of the value.
func (v *Value) show(ctx context.Context, of showing) ([]Picture, error) {
	body, err := json.Marshal(of)
	if err != nil {
		return nil, err
	}
	m, err := v.session.call(ctx, "show", body, nil)
	if err != nil {
		return nil, err
	}
	var out []struct {
		Picture
		Buffer int // number of the PNG among the buffers, from 1; 0 = none
	}
	if err := json.Unmarshal(m.Body, &out); err != nil {
		return nil, fmt.Errorf("the session's answer: %w", err)
	}
	pictures := make([]Picture, len(out))
	for i, p := range out {
		pictures[i] = p.Picture
		if p.Buffer > 0 && p.Buffer <= len(m.Buffers) {
			pictures[i].PNG = m.Buffers[p.Buffer-1]
		}
	}
	return pictures, nil
}

// File opens a file of the value, such as "model.safetensors": the session's own, not a copy, and open even when the
// session removes it. Nobody may write to it. Package full opens them as the library's objects.
func (v *Value) File(ctx context.Context, name string) (*os.File, error) {
	body, err := json.Marshal(map[string]string{"key": v.Key, "file": name})
	if err != nil {
		return nil, err
	}
	m, err := v.session.call(ctx, "file", body, nil)
	if err != nil {
		return nil, err
	}
	if len(m.Files) != 1 {
		return nil, errors.New("the session's answer has no file")
	}
	return m.Files[0], nil
}

// export copies a file of the value to a path, which appears whole or not at all. The worker writes it.
func (v *Value) export(ctx context.Context, name, path string) error {
	path, err := absolute(path)
	if err != nil {
		return err
	}
	if path == "" {
		return errors.New("the path to save to is empty")
	}
	body, err := json.Marshal(map[string]string{"key": v.Key, "file": name, "path": path})
	if err != nil {
		return err
	}
	_, err = v.session.call(ctx, "save", body, nil)
	return err
}

// want calls an operation and fills a handle. A problem that comes with a value, such as a training that was stopped,
// fills it too.
func (s *Session) want(ctx context.Context, op string, args any, h handle, each func(wire.Message)) error {
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	m, err := s.call(ctx, op, body, each)
	if len(m.Body) == 0 {
		return err
	}
	return errors.Join(err, fill(s, h, m.Body))
}
