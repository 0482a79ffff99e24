package cells

import (
	"maps"
	"slices"
)

// Keep remembers what later cells may use of a cell that went well, after [Memory.Add]: the variables that statements of
// its main body make with := of package lab, and of numbers and texts, out of others that are kept. What is changed
// otherwise than as a whole is kept no more, nor is what was made with it.
func (m *Memory) Keep(c Cell) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.read(&c, m.view(&c), c.body())
	m.again = append(m.again, r.kept...)
	for _, a := range r.kept {
		if a.makes {
			delete(m.gone, a.name)
		}
	}
	maps.Copy(r.dropped, m.replaced(&c))
	m.drop(r.dropped)
}

// Fail forgets what a cell that failed or was stopped may have made or changed: how far it came is not known.
func (m *Memory) Fail(c Cell) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := c.body()
	r := m.read(&c, m.view(&c), body)
	for _, a := range r.kept {
		r.dropped[a.name] = true
	}
	for _, one := range body {
		for _, name := range defined(one.Stmt) {
			r.dropped[name] = true
		}
		maps.Copy(r.dropped, changedIn(one.Stmt))
	}
	maps.Copy(r.dropped, m.replaced(&c))
	m.drop(r.dropped)
}

// replaced returns the variables whose place a declaration of the cell takes. m.mu is held.
func (m *Memory) replaced(c *Cell) map[string]bool {
	out := map[string]bool{}
	for _, d := range c.Decls {
		for _, key := range d.Keys {
			for _, a := range m.again {
				if a.makes && a.name == key {
					out[key] = true
				}
			}
		}
	}
	return out
}

// drop forgets variables, and those that were made with them. m.mu is held.
func (m *Memory) drop(names map[string]bool) {
	gone := map[string]string{} // by the name that it was made with
	for grown := true; grown; {
		grown = false
		for _, a := range m.again {
			for _, use := range a.uses {
				if names[use] && !names[a.name] {
					names[a.name], gone[a.name], grown = true, use, true
				}
			}
		}
	}
	m.again = slices.DeleteFunc(m.again, func(a again) bool { return names[a.name] })
	if m.gone == nil {
		m.gone = map[string]string{}
	}
	for name := range names {
		delete(m.gone, name)
	}
	maps.Copy(m.gone, gone)
}

// moves reports whether the cell goes to another folder, where paths are of other files.
func (c *Cell) moves() bool {
	return slices.ContainsFunc(c.Commands, func(command Command) bool {
		magic := command.Magic()
		return len(magic) > 1 && magic[0] == "cd"
	})
}
