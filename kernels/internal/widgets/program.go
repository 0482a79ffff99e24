package widgets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// metadata is what a program says of a comm that it opens.
type metadata struct {
	Widget link.Widget `json:"widget"`
}

// data is the data of a comm's messages, by Jupyter's protocol.
type data struct {
	Method  string          `json:"method"`
	State   json.RawMessage `json:"state"`
	Paths   [][]any         `json:"buffer_paths"`
	Content json.RawMessage `json:"content"`
}

// FromProgram handles a message of a program: it opens, changes or closes a widget, or asks for one. parent is the
// header of the execution that the program runs for. A message that cannot be done is answered with its error, if it
// has a number, and returned.
func (m *Manager) FromProgram(c *link.Conn, parent json.RawMessage, message link.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.programs[c]
	if out == nil {
		out = newOutbox(c)
		m.programs[c] = out
	}
	answer, err := m.handle(out, parent, message)
	answer.Call = message.Call
	if err != nil {
		answer.Error = err.Error()
	}
	if message.Call != 0 {
		out.put(answer)
	}
	return err
}

func (m *Manager) handle(out *outbox, parent json.RawMessage, message link.Message) (link.Message, error) {
	answer := link.Message{Kind: link.KindDone}
	if message.Kind == link.KindState {
		var ask link.Ask
		if err := json.Unmarshal(message.Body, &ask); err != nil {
			return answer, err
		}
		return m.ask(ask)
	}
	var comm link.Comm
	if err := json.Unmarshal(message.Body, &comm); err != nil {
		return answer, err
	}
	if message.Kind == link.KindCommOpen {
		return m.open(out, parent, comm, message.Buffers)
	}
	w := m.models[comm.ID]
	if w == nil {
		return answer, fmt.Errorf("the widget is closed")
	}
	switch message.Kind {
	case link.KindCommClose:
		return answer, m.close(parent, w, false)
	case link.KindCommMsg:
		return answer, m.fromOwner(parent, w, comm, message.Buffers)
	}
	return answer, fmt.Errorf("a message of kind %s is none of a widget", message.Kind)
}

// open keeps a new widget and shows it to the front ends.
func (m *Manager) open(out *outbox, parent json.RawMessage, comm link.Comm, buffers [][]byte) (link.Message, error) {
	answer := link.Message{Kind: link.KindDone}
	var d data
	var about metadata
	if err := errors.Join(link.Decode(comm.Data, &d), json.Unmarshal(comm.Metadata, &about)); err != nil {
		return answer, err
	}
	name := about.Widget.Name
	older := m.names[name]
	switch {
	case comm.Target != Target:
		return answer, fmt.Errorf("comms of target %q are not known", comm.Target)
	case comm.ID == "" || m.models[comm.ID] != nil:
		return answer, fmt.Errorf("there is a comm of id %q already", comm.ID)
	case older != nil && older.run.number == m.run.number:
		return answer, fmt.Errorf("two widgets of this cell are named %q", name)
	}
	state, err := link.Join(d.State, d.Paths, buffers)
	if err != nil {
		return answer, err
	}
	// One name is one widget: a slider of an earlier cell that nobody reads any more must not look as if it counted.
	if older != nil {
		if err := m.close(parent, older, true); err != nil {
			return answer, err
		}
	}
	n := size(state)
	if err := m.grow(parent, 1, n); err != nil {
		return answer, err
	}
	if err := m.flush(); err != nil {
		return answer, err
	}
	m.opened++
	w := &model{id: comm.ID, known: about.Widget, state: state, size: n, order: m.opened, run: m.run, owner: out,
		parent: parent}
	m.models[w.id], m.bytes = w, m.bytes+n
	if name != "" {
		m.names[name] = w
	}
	rest, paths, binary := link.Split(state)
	err = m.publish(parent, "comm_open", map[string]any{"comm_id": w.id, "target_name": Target,
		"data": map[string]any{"state": rest, "buffer_paths": paths}}, map[string]any{"version": version}, binary)
	if err != nil {
		return answer, err
	}
	return link.New(link.KindDone, m.known(w))
}

// fromOwner handles a change or a message of a widget's own program.
func (m *Manager) fromOwner(parent json.RawMessage, w *model, comm link.Comm, buffers [][]byte) error {
	var d data
	if err := link.Decode(comm.Data, &d); err != nil {
		return err
	}
	switch d.Method {
	case "update":
		change, err := link.Join(d.State, d.Paths, buffers)
		if err != nil {
			return err
		}
		more := size(change)
		for key := range change {
			if old, ok := w.state[key]; ok {
				more -= size(old)
			}
		}
		if err := m.grow(parent, 0, more); err != nil {
			return err
		}
		return m.setOften(parent, w, change)
	case "custom":
		if err := m.flush(); err != nil {
			return err
		}
		return m.message(parent, "comm_msg", w.id, comm.Data, buffers)
	}
	return fmt.Errorf("%q is no method of a widget", d.Method)
}

// ask answers a program that wants a widget's value, which need not be one of its own.
func (m *Manager) ask(ask link.Ask) (link.Message, error) {
	w := m.names[ask.Widget]
	if w == nil {
		w = m.models[ask.Widget]
	}
	if w == nil {
		return link.New(link.KindState, link.Known{Names: sorted(m.names), Headless: m.run.headless})
	}
	known := m.known(w)
	if ask.Show {
		w.shown, w.values = known.Text, m.text(w, true)
	}
	var binary [][]byte
	key, v := w.known.Value, m.value(w)
	if ask.Key != "" {
		key, v = ask.Key, w.state[ask.Key]
	}
	if _, ok := w.state[key]; !ok && key != "" {
		return link.Message{Kind: link.KindState}, fmt.Errorf("it has no %q: it has %s", key,
			strings.Join(sorted(w.state), ", "))
	}
	if b, ok := v.([]byte); ok {
		binary = [][]byte{b}
	} else if key != "" {
		if _, paths, _ := link.Split(map[string]any{key: v}); len(paths) > 0 {
			return link.Message{Kind: link.KindState}, fmt.Errorf("%q has binary values within other values", key)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return link.Message{Kind: link.KindState}, err
		}
		known.Value = raw
	}
	return link.New(link.KindState, known, binary...)
}

// known is what a program is told of a widget.
func (m *Manager) known(w *model) link.Known {
	return link.Known{ID: w.id, Text: m.text(w, false), Headless: m.run.headless}
}
