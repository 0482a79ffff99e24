package widget

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Widget is one of this package's widgets: give pointers, and do not copy them.
type Widget interface {
	base() *model
	// describe returns what the widget is before it is shown, or what is wrong with its fields.
	describe() (description, error)
}

// description is what the kernel is told of a widget when it is opened.
type description struct {
	class    string         // its name in states.json
	state    map[string]any // what differs from that state
	layout   Layout
	style    Style
	about    link.Widget
	children []Widget
}

// model is what all widgets have.
type model struct {
	mu      sync.Mutex
	client  *client // nil = it is not shown, or there is no kernel
	id      string
	opened  bool
	able    bool // it can be disabled
	gone    bool // it was closed, or replaced by another of its name
	onClose []func()
	sending map[string]int
	changed func(key string, value any)                     // takes over a change of the browser; value as link.Join reads it
	custom  func(content json.RawMessage, buffers [][]byte) // hears a click or another message

	unseen bool // something happened that no Wait has seen; guarded by client.events
}

func (m *model) base() *model { return m }

// ID returns the widget's id, by which the kernel and other cells know it. It is "" before the widget is shown.
func (m *model) ID() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.id
}

// Close takes the widget away from the page. It is no error to close one twice, or one that was not shown.
func (m *model) Close() error {
	m.mu.Lock()
	c, id, closed := m.client, m.id, m.gone || !m.opened
	m.gone = true
	m.mu.Unlock()
	if closed || c == nil {
		return nil
	}
	_, err := c.ask(context.Background(), link.KindCommClose, link.Comm{ID: id}, nil, nil)
	return err
}

// OnClose calls f when the front end, another widget of the name or another execution of the cell has closed the widget,
// which [Widget]'s own Close does not do.
func (m *model) OnClose(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onClose = append(m.onClose, f)
}

// closed notes that the front end or another widget of the name closed it.
func (m *model) closed() {
	m.mu.Lock()
	m.gone = true
	client, hear := m.client, m.onClose
	m.mu.Unlock()
	for _, f := range hear {
		client.events.add(m, "", f)
	}
}

var (
	errGone     = errors.New("the kernel has ended")
	errNotShown = errors.New("the widget is not shown yet")
	errClosed   = errors.New("the widget was closed, or replaced by another of its name")
)

// open makes a widget known to the kernel, those in it and its layout and style first. c nil = there is no kernel.
func open(ctx context.Context, c *client, w Widget) error {
	d, err := w.describe()
	if err != nil {
		return err
	}
	m := w.base()
	state, err := states()
	if err != nil {
		return err
	}
	full := maps.Clone(state[d.class])
	for key := range d.state {
		if _, ok := full[key]; !ok && d.class != classAny {
			return fmt.Errorf("%s cannot be %s", d.class, key)
		}
	}
	maps.Copy(full, d.state)
	children := make([]any, len(d.children))
	for i, child := range d.children {
		if err := opened(ctx, c, child); err != nil {
			return err
		}
		children[i] = "IPY_MODEL_" + child.base().ID()
	}
	if d.children != nil {
		full["children"] = children
	}
	if c == nil {
		return nil
	}
	layout, err := d.layout.state(state["LayoutModel"])
	if err != nil {
		return err
	}
	if full["layout"], err = c.open(ctx, layout); err != nil {
		return err
	}
	if class, ok := full["style"].(string); ok {
		style, err := d.style.state(d.class, state[class])
		if err != nil {
			return err
		}
		if full["style"], err = c.open(ctx, style); err != nil {
			return err
		}
	} else if d.style != (Style{}) {
		return fmt.Errorf("%s has no style", d.class)
	}
	id := newID()
	c.mu.Lock()
	c.models[id] = m
	c.mu.Unlock()
	m.mu.Lock()
	m.client, m.id = c, id
	_, m.able = full["disabled"]
	m.mu.Unlock()
	return c.openAs(ctx, id, full, d.about)
}

// opened opens a widget unless it is open.
func opened(ctx context.Context, c *client, w Widget) error {
	if w == nil {
		return errors.New("a widget is nil")
	}
	m := w.base()
	m.mu.Lock()
	done, gone := m.opened, m.gone
	m.mu.Unlock()
	switch {
	case gone:
		return errClosed
	case done:
		return nil
	}
	if err := open(ctx, c, w); err != nil {
		return err
	}
	m.mu.Lock()
	m.opened = true
	m.mu.Unlock()
	return nil
}

// open opens a layout or a style, and returns the reference to it.
func (c *client) open(ctx context.Context, state map[string]any) (string, error) {
	id := newID()
	err := c.openAs(ctx, id, state, link.Widget{})
	return "IPY_MODEL_" + id, err
}

func (c *client) openAs(ctx context.Context, id string, state map[string]any, about link.Widget) error {
	data, buffers, err := packed(map[string]any{}, state)
	if err != nil {
		return err
	}
	meta, err := json.Marshal(map[string]any{"widget": about})
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, link.KindCommOpen, link.Comm{ID: id, Target: "jupyter.widget", Data: data,
		Metadata: meta}, buffers, nil)
	return err
}

// newID returns an id as Python's uuid4().hex is one.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return hex.EncodeToString(b)
}

// ready returns the connection by which the widget is known to the kernel; nil = there is no kernel.
func (m *model) ready() (*client, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.gone:
		return nil, "", errClosed
	case !m.opened:
		return nil, "", errNotShown
	}
	return m.client, m.id, nil
}

// send changes a part of the state, here done by the caller already. What the browser changed of it before the kernel
// had this is passed over: the kernel's last value is this one.
func (m *model) send(change map[string]any) error {
	data, buffers, err := packed(map[string]any{"method": "update"}, change)
	if err != nil {
		return err
	}
	c, id, err := m.ready()
	if err != nil || c == nil {
		return err
	}
	m.mu.Lock()
	if m.sending == nil {
		m.sending = map[string]int{}
	}
	for key := range change {
		m.sending[key]++
	}
	m.mu.Unlock()
	_, err = c.ask(context.Background(), link.KindCommMsg, link.Comm{ID: id, Data: data}, buffers, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		for key := range change {
			m.sending[key]--
		}
	})
	return err
}

// disable disables or enables a widget that is shown.
func (m *model) disable(disabled bool) error {
	m.mu.Lock()
	able := m.able || m.client == nil
	m.mu.Unlock()
	if !able {
		return errors.New("the user cannot change this widget anyway")
	}
	return m.send(map[string]any{"disabled": disabled})
}

// message handles what a front end sent to the widget.
func (m *model) message(data json.RawMessage, buffers [][]byte) {
	var d struct {
		Method  string          `json:"method"`
		State   json.RawMessage `json:"state"`
		Paths   [][]any         `json:"buffer_paths"`
		Content json.RawMessage `json:"content"`
	}
	if link.Decode(data, &d) != nil {
		return
	}
	if d.Method == "custom" && m.custom != nil {
		m.custom(d.Content, buffers)
	}
	if d.Method != "update" || m.changed == nil {
		return
	}
	change, err := link.Join(d.State, d.Paths, buffers)
	if err != nil {
		return // not reached: the kernel sends what it could read itself
	}
	for key, value := range change {
		if m.fresh(key) {
			m.changed(key, value)
		}
	}
}

// fresh reports whether a change of the browser is newer than what the program itself set.
func (m *model) fresh(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sending[key] == 0
}
