package assist

import (
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// maxFiles bounds the names of one folder that are offered.
const maxFiles = 500

// magic is a command of the kernel that is not Go.
type magic struct {
	name, usage string
	// first = only in the first line of a cell.
	first bool
	// args are what comes behind it: "files", "folders", "keys" (of the memory) or "".
	args string
}

// magics are GoNB's, as its help explains them, and the kernel's own; those of GoNB's widgets are left out.
var magics = []magic{
	{"%%", "%% [ARGUMENTS…]: what follows is the body of main; the arguments are the program's", false, ""},
	{"%%bash", "%%bash: the rest of the cell is a script of bash", true, ""},
	{"%%script", "%%script PROGRAM [ARGUMENTS…]: the rest of the cell is the standard input of a program", true, ""},
	{"%%sh", "%%sh: the rest of the cell is a script of sh", true, ""},
	{"%%writefile", "%%writefile [-a] FILE: the rest of the cell becomes a file, or its end with -a", true, "files"},
	{"%args", "%args ARGUMENTS…: arguments of the cell's program", false, ""},
	{"%autoget", "%autoget: a module that a cell imports and that is missing is fetched", false, ""},
	{"%capture", "%capture [-a] FILE: what the cell prints goes to a file too", false, "files"},
	{"%cd", "%cd [FOLDER]: changes the folder in which cells run, or says which it is", false, "folders"},
	{"%env", "%env NAME VALUE, or NAME=VALUE: sets a variable of the environment of cells", false, ""},
	{"%exec", "%exec FUNCTION [ARGUMENTS…]: runs a function without parameters", false, "keys"},
	{"%goflags", "%goflags FLAGS…: flags of go build for cells; without any it says which are set", false, ""},
	{"%goworkfix", "%goworkfix: adds the modules of go.work to go.mod as replacements", false, ""},
	{"%help", "%help: what GoNB can do", false, ""},
	{"%list", "%list: the declarations of earlier cells", false, ""},
	{"%ls", "%ls: the declarations of earlier cells", false, ""},
	{"%main", "%main [ARGUMENTS…]: the same as %%", false, ""},
	{"%new", "%new FILE [NOTEBOOK]: writes a notebook for a table or a folder of pictures", false, "files"},
	{"%noautoget", "%noautoget: nothing is fetched", false, ""},
	{"%remove", "%remove NAMES…: forgets declarations of earlier cells", false, "keys"},
	{"%reset", "%reset [go.mod]: forgets all declarations of earlier cells, or only what was added to go.mod", false, ""},
	{"%rm", "%rm NAMES…: forgets declarations of earlier cells", false, "keys"},
	{"%session", "%session: the values that the session keeps; %session clear [ID…] removes these, or all", false, ""},
	{"%test", "%test [ARGUMENTS…]: runs the cell's tests and benchmarks", false, ""},
	{"%track", "%track [PATH]: a file or folder that completion watches for changes", false, "files"},
	{"%untrack", "%untrack PATH: ends that", false, "files"},
	{"%version", "%version: that of GoNB", false, ""},
	{"%with_inputs", "%with_inputs: the next line for the shell may ask for input", false, ""},
	{"%with_password", "%with_password: the next line for the shell may ask for a password", false, ""},
}

// escape may stand before a command in its line, so that editors of Go take it for a comment.
const escape = "//gonb:"

// command completes a line for the kernel, or a line of a script.
func (a *Assistant) command(c cells.Cell, offset int) Completion {
	start := strings.LastIndexByte(c.Code[:offset], '\n') + 1
	lead := start
	if strings.HasPrefix(c.Code[start:], escape) {
		lead = min(start+len(escape), offset)
	}
	line := c.Code[lead:offset]
	word := offset - len(line[strings.LastIndexAny(line, " \t=\"'")+1:])
	if strings.HasPrefix(line, "%") && word == lead {
		return a.magicNames(c, lead, offset, c.LineAt(offset) == 0)
	}
	args := "files"
	if strings.HasPrefix(line, "%") {
		args = ""
		name, _, _ := strings.Cut(line, " ")
		for _, m := range magics {
			if m.name == name {
				args = m.args
			}
		}
	}
	switch args {
	case "keys":
		var list []candidate
		for _, keys := range a.memory.Keys() {
			for _, key := range keys {
				if strings.HasPrefix(key, c.Code[word:offset]) && !strings.HasPrefix(key, "_~") {
					list = append(list, candidate{key, "variable", ""})
				}
			}
		}
		slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
		return placed(c.Code, word, offset, list)
	case "files", "folders":
		// A name goes on behind the cursor no further than to it: what follows stays.
		written := strings.TrimPrefix(strings.TrimPrefix(c.Code[word:offset], "!*"), "!")
		list := a.names(written, args == "folders", shellName)
		last := offset - len(written) + strings.LastIndexByte(written, '/') + 1
		return placed(c.Code, last, offset, list)
	}
	return placed(c.Code, offset, offset, nil)
}

// magicNames completes the name of a magic.
func (a *Assistant) magicNames(c cells.Cell, start, offset int, first bool) Completion {
	var list []candidate
	for _, m := range magics {
		if strings.HasPrefix(m.name, c.Code[start:offset]) && (first || !m.first) {
			list = append(list, candidate{m.name, "keyword", m.usage})
		}
	}
	return placed(c.Code, start, offset, list)
}

// files completes a name of a file in a string of Go, or the path of a package in an import; ok = false if the offset
// is in neither, or gopls may know more.
func (a *Assistant) files(c cells.Cell, offset int) (found Completion, ok bool) {
	tok, importing := tokenAt(lexemes(c.Go()), offset)
	if tok.kind != token.STRING || offset <= tok.start || offset > tok.end {
		return Completion{}, false
	}
	quote := tok.text[0]
	if len(tok.text) > 1 && offset == tok.end && tok.text[len(tok.text)-1] == quote {
		return Completion{}, false // behind it
	}
	written := c.Code[tok.start+1 : offset]
	if strings.Contains(written, "\n") {
		return placed(c.Code, offset, offset, nil), true
	}
	if importing {
		list := a.paths(written)
		return placed(c.Code, tok.start+1, offset, list), len(list) > 0
	}
	spell := func(name string) string {
		if quote == '`' {
			return name
		}
		quoted := strconv.Quote(name)
		return quoted[1 : len(quoted)-1]
	}
	raw := written
	if quote == '"' {
		if text, err := strconv.Unquote(`"` + written + `"`); err == nil {
			raw = text
		}
	}
	list := a.names(raw, false, spell)
	return placed(c.Code, tok.start+1+strings.LastIndexByte(written, '/')+1, offset, list), true
}

// paths returns paths of packages that continue what is written of one.
func (a *Assistant) paths(written string) []candidate {
	a.mu.Lock()
	space := a.space
	a.mu.Unlock()
	if space == nil {
		return nil
	}
	var list []candidate
	for _, p := range space.packages() {
		if strings.HasPrefix(p, written) {
			list = append(list, candidate{p, "module", ""})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	return list
}

// names returns the names in a folder that continue what is written of a path: folders end in a slash. Hidden ones are
// there if the name begins with a dot.
func (a *Assistant) names(written string, folders bool, spell func(string) string) []candidate {
	dir, prefix := written[:strings.LastIndexByte(written, '/')+1], written[strings.LastIndexByte(written, '/')+1:]
	at := dir
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(dir, "~/") && spell("'") == shellName("'") {
		at = filepath.Join(home, dir[2:])
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(a.memory.Dir(a.opt.Dir), at)
	}
	f, err := os.Open(at)
	if err != nil {
		return nil
	}
	defer f.Close()
	var list []candidate
	for len(list) < maxFiles {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			name := e.Name()
			if !strings.HasPrefix(name, prefix) || name[0] == '.' && !strings.HasPrefix(prefix, ".") {
				continue
			}
			isDir := e.IsDir()
			if e.Type()&os.ModeSymlink != 0 {
				info, err := os.Stat(filepath.Join(at, name))
				isDir = err == nil && info.IsDir()
			}
			switch {
			case isDir:
				list = append(list, candidate{spell(name) + "/", "folder", ""})
			case !folders:
				list = append(list, candidate{spell(name), "file", ""})
			}
		}
		if err != nil || len(entries) == 0 {
			break
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	return list
}

// shellName spells a name for a line of the shell.
func shellName(name string) string {
	if !strings.ContainsAny(name, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return name
	}
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(" \t\n'\"\\$`&|;<>()*?[]#~!{}", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
