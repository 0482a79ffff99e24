package widgets

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// content is the content of a comm's message.
type content struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

// FromFront handles a message of kind comm_open, comm_msg or comm_close that a front end sent on the shell channel.
// parent is its header. Comms have no replies: an error is for the kernel's log, and the front ends were told what is
// true instead.
func (m *Manager) FromFront(parent json.RawMessage, kind string, body, meta json.RawMessage, buffers [][]byte) error {
	var c content
	if err := json.Unmarshal(body, &c); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.flush(); err != nil {
		return err
	}
	w, control := m.models[c.ID], slices.Index(m.controls, c.ID)
	switch {
	case kind == "comm_open":
		return m.openControl(parent, c, meta)
	case kind == "comm_close" && control >= 0:
		m.controls = slices.Delete(m.controls, control, control+1)
		return nil
	case kind == "comm_close" && w != nil:
		return m.close(parent, w, true)
	case kind == "comm_close":
		return nil
	case kind == "comm_msg" && control >= 0:
		return m.all(parent, c)
	case kind == "comm_msg" && w != nil:
		return m.fromFront(parent, w, c, buffers)
	case kind == "comm_msg":
		// A page that outlived its kernel: what it shows is dead, and must not look alive.
		return errors.Join(fmt.Errorf("comm %s is not open", c.ID),
			m.message(parent, "comm_close", c.ID, map[string]any{}, nil))
	}
	return fmt.Errorf("%s is no message of a comm", kind)
}

// openControl begins the talk by which a front end asks for all widgets. Comms of other targets are closed at once:
// front ends make no widgets here.
func (m *Manager) openControl(parent json.RawMessage, c content, meta json.RawMessage) error {
	var about struct {
		Version string `json:"version"`
	}
	major, _, _ := strings.Cut(controlVersion, ".")
	if c.Target == ControlTarget && (len(meta) == 0 || json.Unmarshal(meta, &about) == nil) {
		if theirs, _, _ := strings.Cut(about.Version, "."); theirs == major {
			m.controls = append(m.controls, c.ID)
			if len(m.controls) > maxControls {
				m.controls = m.controls[1:]
			}
			return nil
		}
	}
	return errors.Join(fmt.Errorf("a front end opened a comm of target %q, version %q", c.Target, about.Version),
		m.message(parent, "comm_close", c.ID, map[string]any{}, nil))
}

// all answers a front end that asks for all widgets.
func (m *Manager) all(parent json.RawMessage, c content) error {
	var d data
	if err := json.Unmarshal(c.Data, &d); err != nil {
		return err
	}
	if d.Method != "request_states" {
		return fmt.Errorf("%q is no method of the target %s", d.Method, ControlTarget)
	}
	states := map[string]any{}
	for id, w := range m.models {
		states[id] = map[string]any{"model_name": w.state["_model_name"], "model_module": w.state["_model_module"],
			"model_module_version": w.state["_model_module_version"], "state": w.state}
	}
	rest, paths, buffers := link.Split(states)
	return m.message(parent, "comm_msg", c.ID, map[string]any{"method": "update_states", "states": rest,
		"buffer_paths": paths}, buffers)
}

// fromFront handles a message of a front end to a widget.
func (m *Manager) fromFront(parent json.RawMessage, w *model, c content, buffers [][]byte) error {
	var d data
	if err := link.Decode(c.Data, &d); err != nil {
		return err
	}
	switch d.Method {
	case "request_state":
		return m.update(parent, w, "update", w.state)
	case "custom":
		if w.owner != nil {
			w.owner.comm(link.KindCommMsg, w.id, c.Data, buffers)
		}
		return nil
	case "update":
		change, err := link.Join(d.State, d.Paths, buffers)
		if err != nil {
			return err
		}
		return m.changed(parent, w, change)
	}
	return fmt.Errorf("%q is no method of a widget", d.Method)
}

// changed takes over what a front end changed. The change is echoed first, by which the sender knows that it was seen
// and the others follow; where it does not fit, the kernel's own value goes after it, to all of them.
func (m *Manager) changed(parent json.RawMessage, w *model, change map[string]any) error {
	echo, accepted, back := map[string]any{}, map[string]any{}, map[string]any{}
	var errs []error
	for _, key := range sorted(change) {
		own, ok := w.state[key]
		if !ok {
			errs = append(errs, fmt.Errorf("widget %s has no %q", called(w), key))
			continue
		}
		echo[key] = change[key]
		rule, ok := w.known.Rules[key]
		v, err := any(nil), errors.New("it is not for the browser to change")
		if ok {
			v, err = checked(rule, change[key], w.state)
		}
		if err == nil && m.bytes-size(own)+size(v) > m.bounds.bytes {
			err = errors.New("it is more than the kernel holds")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("widget %s, %q: %w", called(w), key, err))
			back[key] = own
			continue
		}
		if accepted[key] = v; !reflect.DeepEqual(v, change[key]) {
			back[key] = v // a bound in place of what was as good as it
		}
	}
	if len(echo) > 0 {
		errs = append(errs, m.update(parent, w, "echo_update", echo))
	}
	if len(back) > 0 {
		errs = append(errs, m.update(parent, w, "update", back))
	}
	if len(accepted) > 0 {
		m.merge(w, accepted)
		if w.owner != nil {
			rest, paths, binary := link.Split(accepted)
			w.owner.comm(link.KindCommMsg, w.id, map[string]any{"method": "update", "state": rest,
				"buffer_paths": paths}, binary)
		}
	}
	return errors.Join(errs...)
}

// called is a widget's name, or its id.
func called(w *model) string {
	if w.known.Name != "" {
		return fmt.Sprintf("%q", w.known.Name)
	}
	return w.id
}
