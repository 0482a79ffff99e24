package widgets

import (
	"encoding/json"
	"errors"
	"time"
)

// often is the least time between two messages of changes of one widget by its program. Jupyter's server drops messages
// where more than a thousand come in a second, and no eye follows more than these.
const often = 33 * time.Millisecond

// setOften takes over a change of a program. It is published at once, or soon with others that follow it; nothing is
// published before it that came after it, and the last value always is.
func (m *Manager) setOften(parent json.RawMessage, w *model, change map[string]any) error {
	m.merge(w, change)
	wait := often - time.Since(w.said)
	if wait <= 0 && len(w.late) == 0 {
		w.said = time.Now()
		return m.update(parent, w, "update", change)
	}
	if w.late == nil {
		w.late = map[string]bool{}
		m.late = append(m.late, w)
		time.AfterFunc(wait, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			// An error would be one of the sockets, on which nothing can be said any more.
			_ = m.flush()
		})
	}
	w.parent = parent
	for key := range change {
		w.late[key] = true
	}
	return nil
}

// flush publishes the changes that wait.
func (m *Manager) flush() error {
	late := m.late
	m.late = nil
	var errs []error
	for _, w := range late {
		change := map[string]any{}
		for key := range w.late {
			change[key] = w.state[key]
		}
		w.late, w.said = nil, time.Now()
		if m.models[w.id] == w {
			errs = append(errs, m.update(w.parent, w, "update", change))
		}
	}
	return errors.Join(errs...)
}
