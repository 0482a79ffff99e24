package cells

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// imported is an import: the name that it has in its file, "" for the package's own, and its path.
type imported struct{ Name, Path string }

// Composed is a cell on top of what the memory holds, as two files of package main.
type Composed struct {
	// Edited is the cell. Its line i is line i+1 there.
	Edited File
	// Remembered is what earlier cells declare and this one does not.
	Remembered File
}

// Compose puts a cell on top of the memory. known are imports that files may use without saying so, by the name of
// their package: GoNB adds imports to a cell by goimports. They stand in both files, used or not, except under names
// that a cell declares or imports itself; the set of imports stays the same from one composition to the next as far as
// it can, since a language server takes long over a new one.
func (m *Memory) Compose(c Cell, known map[string]string) Composed {
	m.mu.Lock()
	defer m.mu.Unlock()
	var now []*kept
	for i, d := range c.Decls {
		now = append(now, &kept{Decl: d, order: i, from: &c})
	}
	replaced := map[Kind]map[string]bool{}
	for kind := Import; kind <= Func; kind++ {
		replaced[kind] = map[string]bool{}
	}
	for _, k := range now {
		for _, key := range k.Keys {
			replaced[k.Kind][key] = true
		}
	}
	var rest []*kept
	before := map[string]imported{} // what cells import, by its key
	for _, k := range m.indexed().list {
		switch {
		case k.Kind == Import:
			before[k.Keys[0]] = imported{k.Name, k.Path}
		case k.Kind == Const && replaced[Const][k.Keys[0]]:
		case k.Kind != Const && anyOf(k.Keys, replaced[k.Kind]):
		default:
			rest = append(rest, k)
		}
	}
	declared := names(append(rest[:len(rest):len(rest)], now...))
	stays := m.stays(func(name string) bool { _, is := declared[name]; return is })
	for name := range stays {
		declared[name] = Var
	}
	out := Composed{Edited: c.source(head(before, known, declared, replaced[Import]))}
	out.Remembered.write(head(before, known, declared, nil) + "\n")
	for _, k := range rest {
		k.write(&out.Remembered, false)
	}
	for _, name := range slices.Sorted(maps.Keys(stays)) {
		out.Remembered.write(stays[name])
	}
	return out
}

// anyOf reports whether one of the keys is in the set. "_" is nothing that is replaced.
func anyOf(keys []string, set map[string]bool) bool {
	for _, key := range keys {
		if set[key] && key != "_" {
			return true
		}
	}
	return false
}

// head returns the first line of a file: the package clause and imports, without a newline. own are keys of what the
// file imports itself.
func head(before map[string]imported, known map[string]string, declared map[string]Kind, own map[string]bool) string {
	all := map[string]imported{}
	for name, path := range known {
		all[name] = imported{Path: path}
		if importKey("", path) != name {
			all[name] = imported{name, path}
		}
	}
	for key, imported := range before {
		all[key] = imported
	}
	var keys []string
	for key := range all {
		_, taken := declared[key]
		if !taken && !own[key] {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	var b strings.Builder
	b.WriteString("package main")
	for _, key := range keys {
		b.WriteString("; import ")
		if name := all[key].Name; name != "" {
			b.WriteString(name + " ")
		}
		b.WriteString(strconv.Quote(all[key].Path))
	}
	return b.String()
}
