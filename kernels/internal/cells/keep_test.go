package cells_test

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestKeep has cells that went well, and says of the last what of the others is put before it: a part of it, "" = nothing,
// "refused" = a trap.
func TestKeep(t *testing.T) {
	const split = "items := lab.Builtin(4)\nn := 42\nsplit := items.Split(lab.Seed(n))"
	for _, test := range []struct {
		cells      []string
		last, want string
	}{
		{[]string{split}, "split", "items.Split(lab.Seed(n))"},
		{[]string{"cfg := lab.Config()\ncfg.Epochs = 3"}, "cfg", "cfg.Epochs = 3"},
		{[]string{split, "m := split.Train(lab.Set(\"Layers\", []int{64, n}))"}, "m", "[]int{64, n}"},
		{[]string{split, "w := []int{64}\nm := split.Train(lab.Set(\"Layers\", w))"}, "m", ""},
		{[]string{split, "m := split.Train(lab.Set(\"Layers\", []int{rand.IntN(9)}))"}, "m", ""},
		{[]string{"type int string", split, "m := split.Train(lab.Set(\"Layers\", []int{4}))"}, "m", ""},
		{[]string{"cmd := exec.Cmd{}", "err := cmd.Run()"}, "err", ""},
		{[]string{"c := http.Client{}"}, "c", ""},
		{[]string{split, "n := len(os.Args)"}, "split", "refused"},
		{[]string{split, "var n = 7"}, "split", "refused"},
		{[]string{split, "n++"}, "split", "refused"},
		{[]string{split, "n := len(os.Args)"}, "n", ""},
		{[]string{"var N = 5", "N = 7\ns := lab.Seed(N)"}, "s", ""},
		{[]string{"var N = 5", "s := lab.Seed(N)"}, "s", "lab.Seed(N)"},
		{[]string{"var N = rand.IntN(9)", "s := lab.Seed(N)"}, "s", ""},
		{[]string{"ids := []string{\"a\"}"}, "ids", ""},
		{[]string{"items := lab.Builtin(4)\nif items.N < 9 { return }\nm := items.Split().Train()"}, "m", ""},
		{[]string{"os.Exit(0)\nn := 5"}, "n", ""},
		{[]string{"n := 5\nset := func() { n = 6 }"}, "n", ""},
		{[]string{"m := lab.Builtin(4)", "m2 := m"}, "m", ""},
		{[]string{"c := lab.Config()", "c.Layers[0] = 8"}, "c", ""},
		{[]string{"m := lab.Builtin(4)\nb, err := m.Data().Block(\"x\")"}, "b", ""},
		{[]string{split + "\nm := split.Model(\"best\")"}, "m", ""},
		{[]string{split, "for n := 0; n < 3; n++ {\n}"}, "split", "lab.Seed(n)"},
		{[]string{split, "%cd x"}, "split", ""},
	} {
		var m cells.Memory
		for _, code := range test.cells {
			c := cells.Parse(code)
			m.Add(c)
			m.Keep(c)
		}
		got, trap := m.Program(cells.Parse(test.last), nil)
		if (trap != nil) != (test.want == "refused") {
			t.Errorf("%q %q: %v", test.cells, test.last, trap)
		} else if trap == nil && (!strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "_ =")) {
			t.Errorf("%q %q: %s", test.cells, test.last, got)
		}
	}
	var m cells.Memory
	m.Keep(cells.Parse("n := 5"))
	m.Fail(cells.Parse("n := 6\npanic(1)"))
	if got, _ := m.Program(cells.Parse("n"), nil); strings.Contains(got, "n := 5") {
		t.Errorf("after a failure: %s", got)
	}
}

// TestChanged: what is known of declarations is looked up anew after each change of them.
func TestChanged(t *testing.T) {
	var m cells.Memory
	for i, step := range []struct {
		code  string
		shown bool
	}{
		{"func f() int { return 1 }", true}, {"%rm f", false}, {"func f() {}", false}, {"func f() int { return 2 }", true},
		{"%reset", false}, {"var f = func() int { return 3 }\nfunc g() int { return 4 }", false},
		{"func f() int { return 5 }", true},
	} {
		m.Add(cells.Parse(step.code))
		got, trap := m.Program(cells.Parse("f()"), nil)
		if trap != nil || strings.Contains(got, cells.Alias+".Value(f())") != step.shown {
			t.Errorf("step %d: %v\n%s", i, trap, got)
		}
	}
	if names := m.Names(); len(names) != 2 {
		t.Errorf("%v", names)
	}
	m.Names()["h"] = cells.Func // the caller's own
	if names := m.Names(); len(names) != 2 {
		t.Errorf("%v", names)
	}
	m.Add(cells.Parse("n := 5\nf := lab.Seed(n)"))
	m.Keep(cells.Parse("var N = 3"))
	m.Add(cells.Parse("var N = 3"))
	m.Keep(cells.Parse("s := lab.Seed(N)"))
	if got, trap := m.Program(cells.Parse("s"), nil); trap != nil || !strings.Contains(got, "s := lab.Seed(N)") {
		t.Errorf("%v\n%s", trap, got)
	}
	m.Add(cells.Parse("var N = 4"))
	if _, trap := m.Program(cells.Parse("s"), nil); trap == nil {
		t.Error("the parameter was declared anew")
	}
}
