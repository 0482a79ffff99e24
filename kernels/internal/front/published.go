package front

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// streamed is the content of a stream's message.
type streamed struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// shows are the kinds of messages that change what a cell shows.
var shows = []string{"stream", "display_data", "execute_result", "update_display_data", "clear_output", "error"}

// showing is the content of a message of these kinds.
type showing struct {
	Data, Metadata map[string]any
	Transient      struct {
		ID string `json:"display_id"`
	}
	Wait      bool
	Error     string `json:"ename"`
	Value     string `json:"evalue"`
	Traceback []string
	streamed
}

// reread returns the content of a message, numbers as they are written.
func reread(content any) (s showing, err error) {
	text, raw := content.(json.RawMessage)
	if !raw {
		if text, err = json.Marshal(content); err != nil {
			return s, err
		}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return s, dec.Decode(&s)
}

// published notes what is published for a cell, given its request's header.
func (r *receipts) published(parent json.RawMessage, kind string, content any) {
	if r == nil || !slices.Contains(shows, kind) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.by[string(parent)]
	if p == nil && kind != "update_display_data" { // which may come of no cell, as the session's panel's does
		return
	}
	if s, ok := content.(streamed); ok { // most messages are: they are not made JSON twice
		p.change(r, func(o *receipt.Outputs) { o.Stream(s.Name, s.Text) })
		return
	}
	c, err := reread(content)
	if err != nil {
		r.log("receipts: %s: %v", kind, err)
		return
	}
	id := c.Transient.ID
	update := func(o *receipt.Outputs) { o.Update(id, c.Data, c.Metadata) }
	switch kind {
	case "stream":
		p.change(r, func(o *receipt.Outputs) { o.Stream(c.Name, c.Text) })
	case "clear_output":
		p.change(r, func(o *receipt.Outputs) { o.Clear(c.Wait) })
	case "error":
		p.change(r, func(o *receipt.Outputs) { o.Error(c.Error, c.Value, c.Traceback) })
	case "update_display_data":
		for _, of := range r.displays[id] {
			of.change(r, update)
		}
	default:
		if id != "" {
			for _, of := range r.displays[id] {
				of.change(r, update)
			}
			if !slices.Contains(r.displays[id], p) {
				r.displays[id] = append(r.displays[id], p)
			}
		}
		p.change(r, func(o *receipt.Outputs) { o.Show(kind, c.Data, c.Metadata, id) })
	}
}

// rewrite is how long after a change the entry is written again, once for all changes until then.
const rewrite = 300 * time.Millisecond

// change changes the outputs of a cell. Where it is over its entry of the journal is written again, soon.
func (p *proof) change(r *receipts, how func(*receipt.Outputs)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(&p.outputs)
	if p.entry == nil {
		return
	}
	p.outputs.Forget()
	p.entry.Cell.Outputs = p.outputs.Digest()
	if p.late == nil {
		p.late = time.AfterFunc(rewrite, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.late != nil {
				p.late = nil
				r.keep(p)
			}
		})
	}
}

// close writes what is still to be written.
func (r *receipts) close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Collect(maps.Values(r.by))
	for _, shown := range r.displays {
		all = append(all, shown...)
	}
	for _, p := range all {
		p.mu.Lock()
		if p.late != nil && p.late.Stop() {
			p.late = nil
			r.keep(p)
		}
		p.mu.Unlock()
	}
}
