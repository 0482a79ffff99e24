package cells

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Memory is what GoNB remembers of the cells before: what they declare, and how the kernel was set. The zero value is
// that of a kernel that has just started. It may be used by several goroutines.
type Memory struct {
	mu       sync.Mutex
	n        int // cells so far
	decls    map[Kind]map[string]*kept
	settings []setting
	again    []again           // lines that later cells run again
	gone     map[string]string // variables that were made with what is something else now, by their names
	index    *index            // nil = not made since the last change
}

// kept is a declaration that is remembered, with the cell that it is from.
type kept struct {
	Decl
	cell, order int
	from        *Cell
	said        *facts // nil = not found out yet
}

// setting is a magic that lasts, by the key under which a later one replaces it.
type setting struct{ key, text string }

// Add remembers a cell that GoNB has compiled.
func (m *Memory) Add(c Cell) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands(c)
	m.n++
	if m.decls == nil {
		m.decls = map[Kind]map[string]*kept{}
	}
	c.syntax = nil // of a cell that is kept the text is enough
	for i, d := range c.Decls {
		m.declare(&kept{Decl: d, cell: m.n, order: i, from: &c})
	}
}

// Tried remembers what a cell did that GoNB could not compile: it runs lines for the kernel first.
func (m *Memory) Tried(c Cell) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands(c)
}

// declare puts a declaration in the place of what it replaces.
func (m *Memory) declare(k *kept) {
	m.index = nil
	of := m.decls[k.Kind]
	if of == nil {
		of = map[string]*kept{}
		m.decls[k.Kind] = of
	}
	for _, key := range k.Keys {
		if key == "_" && k.Kind == Var {
			key = "_~" + strings.Repeat("_", len(of)) // GoNB gives each a key of its own
			for of[key] != nil {
				key += "_"
			}
			k.Keys = slices.Clone(k.Keys)
			k.Keys[slices.Index(k.Keys, "_")] = key
		}
		// Variables of one assignment go together.
		if old := of[key]; old != nil && old != k && k.Kind == Var {
			for _, other := range old.Keys {
				delete(of, other)
			}
		}
		of[key] = k
	}
}

// commands does what the magics of a cell do to the memory.
func (m *Memory) commands(c Cell) {
	if c.moves() {
		m.again = nil
	}
	for _, command := range c.Commands {
		magic := command.Magic()
		if len(magic) == 0 {
			continue
		}
		switch magic[0] {
		case "reset":
			if len(magic) == 1 {
				m.decls, m.again, m.gone, m.index = nil, nil, nil, nil
			}
		case "rm", "remove":
			for _, key := range magic[1:] {
				m.remove(key)
			}
		case "cd":
			if len(magic) != 2 {
				continue
			}
			// A folder named from the root, or from home, makes those before it matter no more.
			if filepath.IsAbs(magic[1]) || strings.HasPrefix(magic[1], "~") {
				m.settings = slices.DeleteFunc(m.settings, func(s setting) bool { return s.key == "cd" })
			}
			m.settings = append(m.settings, setting{"cd", command.Text})
		case "env":
			if len(magic) > 1 {
				name, _, _ := strings.Cut(magic[1], "=")
				m.set("env "+name, command.Text)
			}
		case "goflags":
			if len(magic) > 1 {
				m.set("goflags", command.Text)
			}
		case "autoget", "noautoget":
			m.set("autoget", command.Text)
		case "track", "untrack":
			if len(magic) > 1 {
				m.set(command.Text, command.Text)
			}
		}
	}
}

// set keeps a setting in place of the one with its key.
func (m *Memory) set(key, text string) {
	m.settings = slices.DeleteFunc(m.settings, func(s setting) bool { return s.key == key })
	m.settings = append(m.settings, setting{key, text})
}

// remove forgets the first declaration of a key, as "%rm" does.
func (m *Memory) remove(key string) {
	for kind := Import; kind <= Func; kind++ {
		if _, ok := m.decls[kind][key]; ok {
			delete(m.decls[kind], key)
			m.index = nil
			return
		}
	}
	m.drop(map[string]bool{key: true})
}

// live returns the declarations that GoNB writes into the next cell's program, as they were added. A group of constants
// and variables of one assignment are there as long as the first of them is.
func (m *Memory) live() []*kept {
	var out []*kept
	for kind := Import; kind <= Func; kind++ {
		for _, k := range m.decls[kind] {
			if m.decls[kind][k.Keys[0]] == k {
				out = append(out, k)
			}
		}
	}
	slices.SortFunc(out, func(a, b *kept) int {
		if a.cell != b.cell {
			return a.cell - b.cell
		}
		return a.order - b.order
	})
	return slices.Compact(out)
}

// Names returns the names that the memory declares at the top level, methods and imports left out.
func (m *Memory) Names() map[string]Kind {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.indexed().names)
}

// names returns the top-level names of declarations.
func names(list []*kept) map[string]Kind {
	out := map[string]Kind{}
	for _, k := range list {
		for _, key := range k.Keys {
			if k.Kind != Import && !strings.Contains(key, "~") && key != "_" && !strings.HasPrefix(key, initPrefix) {
				out[key] = k.Kind
			}
		}
	}
	return out
}

// Declarations returns cells that bring a new GoNB to where this memory is, to be run in order: a magic each, then one
// cell with all declarations. There is none if there is nothing to bring.
func (m *Memory) Declarations() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, s := range m.settings {
		out = append(out, s.text)
	}
	if text := text(m.indexed().list); text != "" {
		out = append(out, text)
	}
	return out
}

// Separately returns the declarations as one cell for each cell that they came from, in order, for where the cell of
// all of them is broken.
func (m *Memory) Separately() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	live := m.indexed().list
	for len(live) > 0 {
		n := slices.IndexFunc(live, func(k *kept) bool { return k.cell != live[0].cell })
		if n < 0 {
			n = len(live)
		}
		out = append(out, text(live[:n]))
		live = live[n:]
	}
	return out
}

// text returns declarations as a cell. An init function keeps the name under which a cell may replace it.
func text(list []*kept) string {
	var imports, rest File
	for _, k := range list {
		if k.Kind == Import {
			k.write(&imports, true)
		} else {
			k.write(&rest, true)
		}
	}
	return imports.Text() + rest.Text()
}

// write appends the declaration to a file. own = with its own name, where GoNB would rename it.
func (k *kept) write(f *File, own bool) {
	for _, p := range k.parts {
		switch {
		case p.text == "":
			f.copyLines(k.cell, k.from, p.start, p.end)
		case own && p.text == "init" && k.Kind == Func:
			f.write(k.Keys[0])
		default:
			f.write(p.text)
		}
	}
	f.write("\n")
}

// Keys returns what is remembered by GoNB's keys, sorted, as "%ls" lists it.
func (m *Memory) Keys() map[Kind][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[Kind][]string{}
	for kind, of := range m.decls {
		out[kind] = slices.Sorted(maps.Keys(of))
	}
	return out
}

// Dir returns the folder that cells run in, after the "%cd" of earlier cells, if the kernel was started in start.
func (m *Memory) Dir(start string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.settings {
		if s.key != "cd" {
			continue
		}
		to := Command{Text: s.text}.Magic()[1]
		if rest, ok := strings.CutPrefix(to, "~"); ok && (rest == "" || rest[0] == '/') {
			if home, err := os.UserHomeDir(); err == nil {
				to = filepath.Join(home, rest)
			}
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(start, to)
		}
		// GoNB stays where it is if there is no such folder.
		if info, err := os.Stat(to); err == nil && info.IsDir() {
			start = to
		}
	}
	return start
}
