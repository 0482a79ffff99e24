package cells_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name, code string
		main       bool
		empty      bool
		loose      int
		errors     []int // lines, from 1
		keys       []string
	}{
		{name: "nothing", empty: true, loose: -1},
		{name: "commands only", code: "%ls\n!ls -l \\\n  /tmp\n\n", empty: true, loose: -1},
		{name: "percent only", code: "%%", main: true, empty: true, loose: -1},
		{name: "exec", code: "%exec work", main: true, empty: true, loose: -1},
		{name: "script", code: "%%bash\nfunc f() {}", empty: true, loose: -1},
		{name: "declarations", code: "func f() {}\nvar x, y = f()", loose: -1, keys: []string{"f", "x y"}},
		{name: "no percent", code: "import \"fmt\"\n\nframe := 1\nfmt.Println(frame)", main: true, loose: 2,
			keys: []string{"fmt"}},
		{name: "no percent, after a declaration", code: "var x = 1\nfmt.Println(x)", main: true, loose: 1,
			keys: []string{"x"}},
		{name: "unfinished call", code: "%%\nframe.Select(", main: true, loose: -1, errors: []int{2}},
		{name: "unfinished selector", code: "func f() {\n\tx.\n}\nfunc g() {}", loose: -1, errors: []int{3},
			keys: []string{"f", "g"}},
		{name: "unfinished raw string", code: "%%\nx := `a\nb", main: true, loose: -1, errors: []int{2, 3}},
		{name: "main twice", code: "%%\nx()\n%%\ny()", main: true, loose: -1, errors: []int{3}},
	} {
		c := cells.Parse(test.code)
		if c.Main != test.main || c.Empty() != test.empty || c.Loose != test.loose {
			t.Errorf("%s: main %v, empty %v, loose %d", test.name, c.Main, c.Empty(), c.Loose)
		}
		var lines []int
		for _, e := range c.Errors {
			if len(lines) == 0 || lines[len(lines)-1] != e.Pos.Line {
				lines = append(lines, e.Pos.Line)
			}
		}
		if (len(test.errors) > 0) != (len(lines) > 0) || len(lines) > 0 && lines[0] != test.errors[0] {
			t.Errorf("%s: errors at lines %v, want %v: %v", test.name, lines, test.errors, c.Errors)
		}
		var keys []string
		for _, d := range c.Decls {
			keys = append(keys, strings.Join(d.Keys, " "))
		}
		if diff := cmp.Diff(test.keys, keys); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestMagic(t *testing.T) {
	c := cells.Parse("%env A \"b c\\\"d\"\n%% -n \"\" 3\n!ls\n//gonb:%cd /tmp\n%")
	var got [][]string
	for _, command := range c.Commands {
		got = append(got, command.Magic())
	}
	want := [][]string{{"env", "A", `b c"d`}, {"%", "-n", "", "3"}, nil, {"cd", "/tmp"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCompose looks for a cursor, marked by ¦, in the composed file, and back.
func TestCompose(t *testing.T) {
	var m cells.Memory
	m.Add(cells.Parse("import d \"example.org/data\"\nvar x, y = 1, 2\n\n// f is old.\nfunc f() {}\nfunc show() {}"))
	m.Add(cells.Parse("const (\n\tA = iota\n\tB\n)\ntype T struct{}\nfunc (T) Len() int { return 0 }"))
	known := map[string]string{"table": "example.org/table", "show": "example.org/show", "v": "example.org/v2"}
	for _, marked := range []string{
		"¦func f() int { return 1 }", "func f() int { return ¦x }", "%%\nfr¦ame.Sel", "%%\nfmt.Println(`é😀`, x¦",
		"!ls\n%args a\nvar z = \"😀\" + ¦y", "frame := T{¦", "%%\n\n¦\nx := 1", "x := 1¦",
		"import \"fmt\"\nfmt.Println(¦)",
	} {
		before, after, _ := strings.Cut(marked, "¦")
		c := cells.Parse(before + after)
		composed := m.Compose(c, known)
		text := composed.Edited.Text()
		at, ok := composed.Edited.Offset(0, len(before))
		if !ok {
			t.Errorf("%s: the cursor is lost in\n%s", marked, text)
			continue
		}
		own := before[strings.LastIndex(before, "\n")+1:]
		next, _, _ := strings.Cut(after, "\n")
		if !strings.HasSuffix(text[:at], own) || !strings.HasPrefix(text[at:], next) {
			t.Errorf("%s: the cursor is at %q¦%q", marked, text[:at], text[at:])
		}
		if cell, back, ok := composed.Edited.Cell(at); !ok || cell != 0 || back != len(before) {
			t.Errorf("%s: back at cell %d, %d, %v, want %d", marked, cell, back, ok, len(before))
		}
		// Lines are those of the cell behind one of the head.
		p := cells.PositionOf(text, at)
		if want := strings.Count(before, "\n") + 1; p.Line != want {
			t.Errorf("%s: line %d, want %d", marked, p.Line, want)
		}
		if got := cells.OffsetOf(text, p); got != at {
			t.Errorf("%s: position %v is offset %d, want %d", marked, p, got, at)
		}
	}
	if _, ok := m.Compose(cells.Parse("%ls\nvar x = 1"), nil).Edited.Offset(0, 2); ok {
		t.Error("a line for the kernel is in the Go file")
	}
}

// TestComposeReplaces declares what the memory has, and finds it only in the cell.
func TestComposeReplaces(t *testing.T) {
	var m cells.Memory
	m.Add(cells.Parse("var a, b = f()\nvar c int\nconst A, B = 1, 2\ntype T int\nfunc (T) Len() int { return 1 }\n" +
		"import \"example.org/old/data\"\nfunc f() (int, int) { return 1, 2 }\nfunc init_1() {}"))
	c := cells.Parse("import \"example.org/new/data\"\nvar b = 1\nconst A = 3\n" +
		"func (T) Len() int { return 2 }\nfunc table() {}")
	composed := m.Compose(c, map[string]string{"table": "example.org/table", "data": "example.org/data", "os": "os"})
	for name, src := range map[string]string{"edited": composed.Edited.Text(), "remembered": composed.Remembered.Text()} {
		if _, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rest := composed.Remembered.Text()
	for _, gone := range []string{"a, b", "const", "Len", "table", "init_1"} {
		if strings.Contains(rest, gone) {
			t.Errorf("%q is still in\n%s", gone, rest)
		}
	}
	for _, there := range []string{"var c int", "type T int", "func f()", `import "example.org/old/data"`, `import "os"`,
		"func init() {}"} {
		if !strings.Contains(rest, there) {
			t.Errorf("%q is not in\n%s", there, rest)
		}
	}
	if edited := composed.Edited.Text(); strings.Count(edited, "data\"") != 1 || strings.Contains(edited, "table\"") {
		t.Errorf("imports of the cell: %s", edited)
	}
	// Every line of what is remembered leads back.
	at := strings.Index(rest, "type T")
	if cell, back, ok := composed.Remembered.Cell(at + len("type ")); !ok || cell != 1 || back == 0 {
		t.Errorf("T comes from cell %d, %d, %v", cell, back, ok)
	}
}

func TestReplay(t *testing.T) {
	var m cells.Memory
	m.Tried(cells.Parse("%cd lost\n%cd /tmp\n%env A 1\nfunc ("))
	m.Add(cells.Parse("%env A=2\n%goflags -race\n%goflags\n%noautoget\n%autoget\n" +
		"%cd below\nfunc init_a() {}\nimport \"os\""))
	want := []string{"%cd /tmp", "%env A=2", "%goflags -race", "%autoget", "%cd below",
		"import \"os\"\nfunc init_a() {}\n"}
	if diff := cmp.Diff(want, m.Declarations()); diff != "" {
		t.Error(diff)
	}
	m.Add(cells.Parse("import \"fmt\"\nvar x = 1\n%%\nx()"))
	want = []string{"import \"os\"\nfunc init_a() {}\n", "import \"fmt\"\nvar x = 1\n"}
	if diff := cmp.Diff(want, m.Separately()); diff != "" {
		t.Error(diff)
	}
	m.Tried(cells.Parse("%reset"))
	if got := m.Declarations(); len(got) != 5 {
		t.Errorf("after a reset: %q", got)
	}
	if got := new(cells.Memory).Declarations(); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}

func TestTop(t *testing.T) {
	got := cells.Parse("%args\nvar x = 1\npackage main\n!ls\nvar y = 2\n%%\nx()\n").Top("package p;")
	if want := "package p;\nvar x = 1\n\n\nvar y = 2\n\n\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRunes(t *testing.T) {
	const text = "é😀x\n字"
	for cursor, want := range []int{0, 2, 6, 7, 8, 11, 11} {
		if got := cells.FromRunes(text, cursor); got != want {
			t.Errorf("cursor %d is offset %d, want %d", cursor, got, want)
		}
		if got := cells.Runes(text, want); got != min(cursor, 5) {
			t.Errorf("offset %d is cursor %d, want %d", want, got, cursor)
		}
	}
	if got := cells.FromRunes(text, -3); got != 0 {
		t.Errorf("cursor -3 is offset %d", got)
	}
	for i := range text {
		if !utf8.RuneStart(text[i]) {
			continue
		}
		line := text[strings.LastIndex(text[:i], "\n")+1 : i]
		want := cells.Position{Line: strings.Count(text[:i], "\n"), Character: len(utf16.Encode([]rune(line)))}
		if got := cells.PositionOf(text, i); got != want {
			t.Errorf("offset %d is %v, want %v", i, got, want)
		}
		if got := cells.OffsetOf(text, want); got != i {
			t.Errorf("%v is offset %d, want %d", want, got, i)
		}
	}
	for p, want := range map[cells.Position]int{{0, 2}: 2, {0, 99}: 7, {9, 0}: len(text), {1, 5}: len(text)} {
		if got := cells.OffsetOf(text, p); got != want {
			t.Errorf("%v is offset %d, want %d", p, got, want)
		}
	}
}

// FuzzParse reads anything without a panic, remembers it, and composes it with cursors that lead back.
func FuzzParse(f *testing.F) {
	for _, code := range []string{"", "%", "% ", "!", "%%\nx", "%main\n", "%exec", "//gonb:%%", "func init_x() {",
		"%\\\n\\", "package main\nvar x = `\n%cd\n`", "const (\n_ = iota\nA\n)", "func (t *T[K]) f() {}",
		"var a, b = f(\n)", "x := 1\r\n", "import _ \"a\"\nimport . \"b\"\nimport c", "\xff\xfe", "😀\n%%\n😀", "%%\n/*",
		"%%bash\nls", "func f() {\n%ls\n}"} {
		f.Add(code, 3)
	}
	f.Fuzz(func(t *testing.T, code string, cursor int) {
		c := cells.Parse(code)
		c.Empty()
		new(cells.Memory).Traps(c)
		c.Top("package p;")
		var m cells.Memory
		m.Add(c)
		m.Declarations()
		m.Traps(c)
		known := map[string]string{"os": "os"}
		m.Compose(cells.Parse("%%\n"), known)
		composed := m.Compose(c, known)
		offset := cells.FromRunes(code, cursor)
		if at, ok := composed.Edited.Offset(0, offset); ok {
			if _, back, ok := composed.Edited.Cell(at); !ok || back != offset {
				t.Errorf("offset %d is %d in the file, which is %d, %v", offset, at, back, ok)
			}
		} else if !c.Command(offset) {
			t.Errorf("offset %d is lost", offset)
		}
		for _, command := range c.Commands {
			command.Magic()
		}
		if !slices.IsSortedFunc(c.Commands, func(a, b cells.Command) int { return a.Line - b.Line }) {
			t.Error("commands are out of order")
		}
	})
}
