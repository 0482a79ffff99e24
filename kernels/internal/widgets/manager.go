// Package widgets is the kernel's side of Jupyter widgets: comms of the target jupyter.widget, protocol 2.1. It keeps
// the state of every widget that a cell's program has opened, passes changes between the program and the front ends,
// and outlives the program: a slider can be moved when its cell has ended, and later cells read it. What a browser sends
// is checked first; where it does not fit, the kernel's own value goes back. State is in memory only, and bounded.
package widgets

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Targets of comms, and the versions of their protocols.
const (
	Target         = "jupyter.widget"
	ControlTarget  = "jupyter.widget.control"
	version        = "2.1.0"
	controlVersion = "1.0.0"
)

// Bounds of a manager. Beyond them the widgets of cells that have ended are closed, the oldest first.
const (
	maxWidgets  = 10_000
	maxBytes    = 512 << 20
	maxControls = 64 // a front end has one while it loads
)

// Publish sends a message to all front ends (iopub). parent is the header of what it is said for.
type Publish func(parent json.RawMessage, kind string, content, metadata any, buffers [][]byte) error

// Manager holds the widgets of one kernel. Its methods may be called by several goroutines at once.
type Manager struct {
	publish Publish

	mu       sync.Mutex
	models   map[string]*model
	names    map[string]*model
	controls []string // comms of front ends that load, oldest first
	programs map[*link.Conn]*outbox
	bytes    int
	opened   uint64
	run      run
	late     []*model // with changes that are not published yet
	bounds   struct{ widgets, bytes int }
}

// run is one execution of a cell.
type run struct {
	number   uint64
	cell     string
	headless bool
}

// model is one widget.
type model struct {
	id     string
	known  link.Widget
	state  map[string]any // as JSON is decoded, numbers as json.Number, binary values as []byte
	size   int
	order  uint64
	run    run
	owner  *outbox // nil = its program has ended
	parent json.RawMessage
	late   map[string]bool // keys whose change is not published yet
	said   time.Time       // when a change was published last
	shown  string          // text of its display; "" = it is not shown by itself
	values string          // those lines of it that later cells may ask for
}

// New returns a manager without widgets. publish is called one at a time; it must not call the manager.
func New(publish Publish) *Manager {
	m := &Manager{publish: publish, models: map[string]*model{}, names: map[string]*model{},
		programs: map[*link.Conn]*outbox{}}
	m.bounds.widgets, m.bounds.bytes = maxWidgets, maxBytes
	return m
}

// Begin says that a cell is executed now: widgets of its earlier execution are closed, and displays whose values were
// moved since are brought up to date, so that a saved notebook has what this cell will read. cell is the cell's id, or
// its code where the front end gives none ("" = neither); headless = nobody is there to move anything. parent is the request's header.
func (m *Manager) Begin(parent json.RawMessage, cell string, headless bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.run = run{m.run.number + 1, cell, headless}
	errs := []error{m.flush()}
	for _, w := range m.inOrder() {
		if cell != "" && m.models[w.id] == w && w.run.cell == cell {
			errs = append(errs, m.close(parent, w, true))
		}
	}
	// What a later cell reads counts here, not what programs write: a page loses its focus where it is shown anew.
	moved := func(w *model) bool { return m.text(w, true) != w.values }
	return errors.Join(append(errs, m.refresh(parent, moved))...)
}

// End says that a cell has ended: what its program said last is published, and the text of its displays is that of now.
// The front calls it before it says that the cell is done.
func (m *Manager) End(parent json.RawMessage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := func(w *model) bool { return w.run.number == m.run.number && m.text(w, false) != w.shown }
	return errors.Join(m.flush(), m.refresh(parent, changed))
}

// refresh publishes the displays that are stale anew.
func (m *Manager) refresh(parent json.RawMessage, stale func(*model) bool) error {
	var errs []error
	for _, w := range m.inOrder() {
		if w.shown != "" && stale(w) {
			text := m.text(w, false)
			w.shown, w.values = text, m.text(w, true)
			errs = append(errs, m.publish(parent, "update_display_data", map[string]any{
				"data": map[string]any{"text/plain": text, viewType: map[string]any{"version_major": 2,
					"version_minor": 0, "model_id": w.id}},
				"metadata":  map[string]any{},
				"transient": map[string]any{"display_id": w.id},
			}, map[string]any{}, nil))
		}
	}
	return errors.Join(errs...)
}

// Gone says that a program has ended. Its widgets stay with their state, and take what they have for this moment; its
// buttons, which nobody hears any more, are disabled and say so.
func (m *Manager) Gone(c *link.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.programs[c]
	if out == nil {
		return
	}
	delete(m.programs, c)
	out.close()
	_ = m.flush()
	for _, w := range m.inOrder() {
		if w.owner != out {
			continue
		}
		w.owner = nil
		// An error would be one of the sockets, on which nothing can be said any more.
		if len(w.known.Ended) > 0 {
			_ = m.set(w.parent, w, w.known.Ended)
		}
		if w.state["_model_name"] == "ButtonModel" {
			_ = m.set(w.parent, w, map[string]any{"disabled": true, "tooltip": "its cell has ended: run it again"})
		}
	}
}

// Close forgets all widgets and ends what runs for programs.
func (m *Manager) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, out := range m.programs {
		out.close()
	}
	m.models, m.names, m.programs = map[string]*model{}, map[string]*model{}, map[*link.Conn]*outbox{}
	m.controls, m.bytes, m.late = nil, 0, nil
}

// Info returns the comms of a comm_info_reply. target "" = of all targets.
func (m *Manager) Info(target string) map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	comms := map[string]any{}
	if target == "" || target == Target {
		for id := range m.models {
			comms[id] = map[string]any{"target_name": Target}
		}
	}
	return comms
}

// inOrder returns the widgets in the order in which they were opened.
func (m *Manager) inOrder() []*model {
	all := make([]*model, 0, len(m.models))
	for _, w := range m.models {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b *model) int { return cmp.Compare(a.order, b.order) })
	return all
}

// set changes a state and tells the front ends.
func (m *Manager) set(parent json.RawMessage, w *model, change map[string]any) error {
	m.merge(w, change)
	return m.update(parent, w, "update", change)
}

// merge changes a state.
func (m *Manager) merge(w *model, change map[string]any) {
	for key, v := range change {
		w.state[key] = v
	}
	m.bytes -= w.size
	w.size = size(w.state)
	m.bytes += w.size
}

// update publishes a part of a state by the method update or echo_update.
func (m *Manager) update(parent json.RawMessage, w *model, method string, state map[string]any) error {
	rest, paths, buffers := link.Split(state)
	data := map[string]any{"method": method, "state": rest, "buffer_paths": paths}
	return m.message(parent, "comm_msg", w.id, data, buffers)
}

// message publishes a message of a comm.
func (m *Manager) message(parent json.RawMessage, kind, id string, data any, buffers [][]byte) error {
	return m.publish(parent, kind, map[string]any{"comm_id": id, "data": data}, map[string]any{}, buffers)
}

// close takes a widget away: from the front ends, from the boxes that hold it, and from its program, which is told if
// tell is set. Its layout and its style go with it.
func (m *Manager) close(parent json.RawMessage, w *model, tell bool) error {
	delete(m.models, w.id)
	if m.names[w.known.Name] == w {
		delete(m.names, w.known.Name)
	}
	m.bytes -= w.size
	if tell && w.owner != nil {
		w.owner.comm(link.KindCommClose, w.id, map[string]any{}, nil)
	}
	errs := []error{m.message(parent, "comm_close", w.id, map[string]any{}, nil)}
	for _, key := range []string{"layout", "style"} {
		if part := m.models[reference(w.state[key])]; part != nil {
			errs = append(errs, m.close(parent, part, false))
		}
	}
	// A page that loads all widgets anew fails for a box whose child is not among them.
	for _, box := range m.inOrder() {
		children, _ := box.state["children"].([]any)
		isChild := func(v any) bool { return reference(v) == w.id }
		if slices.ContainsFunc(children, isChild) {
			left := slices.DeleteFunc(slices.Clone(children), isChild)
			errs = append(errs, m.set(parent, box, map[string]any{"children": left}))
		}
	}
	return errors.Join(errs...)
}

// grow closes the widgets of the oldest cells that have ended until so many more widgets and bytes fit.
func (m *Manager) grow(parent json.RawMessage, more, bytes int) error {
	fits := func() bool { return len(m.models)+more <= m.bounds.widgets && m.bytes+bytes <= m.bounds.bytes }
	if fits() {
		return nil
	}
	var errs []error
	for _, w := range m.inOrder() {
		if fits() {
			break
		}
		if w.owner == nil && m.models[w.id] == w {
			errs = append(errs, m.close(parent, w, false))
		}
	}
	if !fits() {
		errs = append(errs, fmt.Errorf("%d widgets of %d bytes are open, and the kernel holds at most %d of %d bytes",
			len(m.models), m.bytes, m.bounds.widgets, m.bounds.bytes))
	}
	return errors.Join(errs...)
}
