package assist_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/cells"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// childEnv makes this binary start an assistant with the folder of folderEnv, tell its gopls and wait: see
// TestDiesWithParent.
const (
	childEnv  = "ASSIST_TEST_CHILD"
	folderEnv = "ASSIST_TEST_FOLDER"
	// muteEnv makes it a gopls that answers until it is warm: see TestHung.
	muteEnv = "ASSIST_TEST_MUTE"
)

func TestMain(m *testing.M) {
	if program := os.Getenv(childEnv); program != "" {
		child(program)
		return
	}
	if starts := os.Getenv(muteEnv); starts != "" {
		mute(starts)
		return
	}
	code := m.Run()
	if warm.assistant != nil {
		if err := warm.assistant.Close(); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	os.Exit(code)
}

// warm is the assistant that tests share: its start takes seconds.
var warm struct {
	once      sync.Once
	assistant *assist.Assistant
}

// gopls returns the program of the lab, and the checkout.
func gopls(t testing.TB) (program, repo string) {
	t.Helper()
	lab, err := place.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := setup.ReadSpec(lab, setup.KernelGo)
	if err == nil {
		program = spec.Gopls()
		_, err = os.Stat(program)
	}
	if err != nil {
		t.Skipf("gopls is not installed: %v; go run ./kernels install puts it there", err)
	}
	return program, lab.Repo
}

// shared returns the shared assistant. Tests of it do not run side by side.
func shared(t *testing.T) *assist.Assistant {
	t.Helper()
	program, repo := gopls(t)
	warm.once.Do(func() {
		warm.assistant = assist.Start(context.Background(), assist.Options{Gopls: program, Repo: repo,
			Deadline: time.Minute})
	})
	warm.assistant.Tried(cells.Parse("%reset"))
	return warm.assistant
}

// split returns code without the mark of the cursor, and the cursor.
func split(t testing.TB, marked string) (code string, cursor int) {
	t.Helper()
	before, after, ok := strings.Cut(marked, "¦")
	if !ok {
		t.Fatalf("no cursor in %q", marked)
	}
	return before + after, len([]rune(before))
}

// complete returns what completes marked code: the matches, and the code that they replace.
func complete(t testing.TB, a *assist.Assistant, marked string) (c assist.Completion, replaced string) {
	t.Helper()
	code, cursor := split(t, marked)
	c, err := a.Complete(t.Context(), code, cursor)
	if err != nil {
		t.Fatalf("%q: %v", marked, err)
	}
	if c.Start > cursor || c.End < cursor || c.Matches == nil || len(c.Types) != len(c.Matches) {
		t.Fatalf("%q: %+v", marked, c)
	}
	for i, m := range c.Types {
		if m.Text != c.Matches[i] || m.Start != c.Start || m.End != c.End {
			t.Errorf("%q: type %d is %+v of %q", marked, i, m, c.Matches[i])
		}
	}
	return c, string([]rune(code)[c.Start:c.End])
}

func TestComplete(t *testing.T) {
	a := shared(t)
	a.Executed(cells.Parse("import d \"github.com/go-siamese/lab/data\"\n\nvar PerClass = 3\n\n// load loads.\n" +
		"func load() (*d.Frame, error) { return nil, nil }"))
	a.Executed(cells.Parse("type point struct{ East, North float64 }\nfunc (p point) Length() float64 { return 0 }\n" +
		"func TestOfMine(t *testing.T) {}\nfunc init_mine() {}"))
	for _, test := range []struct {
		code     string
		replaced string
		first    string   // the best match; "" = any
		all      []string // matches in any place
		none     []string // parts of names that no match has
		kind     string   // of the first
	}{
		{code: "%%\nshow.¦", all: []string{"Must", "OK", "Done"}, none: []string{"Test", "Example", "must"}},
		{code: "%%\nframe, _ := load()\nframe.Sel¦", replaced: "Sel", first: "Select", kind: "method",
			all: []string{"Select", "SelectColumns"}},
		{code: "%%\nframe, _ := load()\nframe.¦\nfmt.Println(frame)", all: []string{"IDs", "Labels", "N", "Select"}},
		{code: "%%\ncfg := siamese.DefaultConfig()\ncfg.Ep¦", replaced: "Ep", first: "Epochs", kind: "field"},
		{code: "%%\ncfg := siamese.Config{¦}", all: []string{"Epochs", "Loss"}},
		{code: "%%\ncfg := siamese.Config{Ep¦: 3}", replaced: "Ep", first: "Epochs"},
		{code: "%%\ntable.Op¦", replaced: "Op", first: "Open", kind: "function"},
		{code: "items := lab.Op¦", replaced: "Op", first: "Open", kind: "function"},
		{code: "lab.Open(\"a.csv\", lab.¦)", all: []string{"ID", "Label", "Domain", "Ignore"}},
		{code: "lab.Builtin(3).Split().Tr¦", replaced: "Tr", first: "Train", kind: "method"},
		{code: "%%\nshow.Must(siamese.Load¦", replaced: "Load", all: []string{"Load"}},
		{code: "%%\nx := \"😀é\"; strings.TrimSp¦ // 😀", replaced: "TrimSp", first: "TrimSpace"},
		{code: "%%\nif Per¦ > 0 {\n", replaced: "Per", first: "PerClass", kind: "variable"},
		{code: "func f() {\n\tloa¦\n}", replaced: "loa", first: "load"},
		{code: "loa¦", replaced: "loa", first: "load"},                         // %% forgotten
		{code: "fr, err := load()\nfr.Sel¦", replaced: "Sel", first: "Select"}, // likewise
		{code: "%%\np := point{¦}", all: []string{"East", "North"}},
		{code: "%%\npoint{}.¦", all: []string{"East", "North", "Length"}},
		{code: "%%\nTest¦", replaced: "Test", none: []string{"TestOfMine"}},
		{code: "%%\ninit¦", replaced: "init", none: []string{"init_mine"}},
		{code: "%%\nsiam¦", replaced: "siam", first: "siamese", kind: "module"},
		{code: "%%\nd.DefaultF¦", replaced: "DefaultF", none: []string{"internal"}},
		{code: "import \"github.com/go-siamese/lab/data/spl¦\"",
			replaced: "github.com/go-siamese/lab/data/spl", first: "github.com/go-siamese/lab/data/split"},
		{code: "import (\n\t\"os\"\n\td \"encoding/c¦\"\n)", replaced: "encoding/c", first: "encoding/csv"},
		{code: "import \"example.org/nothing\"\n%%\nstrings.Fie¦", replaced: "Fie", all: []string{"Fields"}},
		{code: "%%\n// show.¦"},
		{code: "%%\nPerClass = 1\nvar x int = PerCl¦", replaced: "PerCl", first: "PerClass"},
		{code: "type point struct{ Up int }\n%%\npoint{}.¦", all: []string{"Up"}, none: []string{"East"}},
	} {
		c, replaced := complete(t, a, test.code)
		if test.replaced != "" && replaced != test.replaced && len(c.Matches) > 0 {
			t.Errorf("%q replaces %q", test.code, replaced)
		}
		if test.first != "" && (len(c.Matches) == 0 || c.Matches[0] != test.first) {
			t.Errorf("%q: first of %.10q, want %q", test.code, c.Matches, test.first)
		}
		if test.kind != "" && (len(c.Types) == 0 || c.Types[0].Type != test.kind) {
			t.Errorf("%q: %+v, want the kind %s", test.code, c.Types[:min(1, len(c.Types))], test.kind)
		}
		for _, want := range test.all {
			if !slices.ContainsFunc(c.Matches, func(m string) bool { return strings.TrimRight(m, ": ") == want }) {
				t.Errorf("%q: no %s among %q", test.code, want, c.Matches)
			}
		}
		for _, part := range test.none {
			if slices.ContainsFunc(c.Matches, func(m string) bool { return strings.Contains(m, part) }) {
				t.Errorf("%q: %s is among %q", test.code, part, c.Matches)
			}
		}
		if sorted := slices.Sorted(slices.Values(c.Matches)); len(slices.Compact(sorted)) != len(c.Matches) {
			t.Errorf("%q has doubles: %q", test.code, c.Matches)
		}
	}
	c, _ := complete(t, a, "%%\nshow.Mus¦")
	if len(c.Types) == 0 || !strings.HasPrefix(strings.TrimPrefix(c.Types[0].Signature, "[T any]"), "(") {
		t.Errorf("signature of %+v", c.Types)
	}
}

func TestInspect(t *testing.T) {
	a := shared(t)
	a.Executed(cells.Parse("// load loads them all.\nfunc load(n int) (*data.Frame, error) { return nil, nil }\nvar held = []string{}"))
	for _, test := range []struct {
		code  string
		plain []string // parts of the text; nil = not found
	}{
		{"%%\ntable.Op¦en(show.Context(), \"a.csv\")", []string{"func table.Open(", "explanation of how it was read"}},
		{"%%\ntable.Open¦(x)", []string{"func table.Open("}},
		{"%%\ntable.Open(ctx, ¦)", []string{"func table.Open("}},
		{"%%\ntable.Open(ctx, ¦", []string{"func table.Open("}},
		{"%%\nshow.Must(split.Items(frame, split.ItemOptions{¦}))", []string{"type ItemOptions struct"}},
		{"%%\nshow.Must(f(1), ¦)", []string{"func show.Must"}},
		{"%%\nlo¦ad(1)", []string{"func load(n int)", "load loads them all."}},
		{"%%\nload(1, ¦2)", nil},
		{"%%\nload(¦\n\t1)", []string{"func load(n int)"}},
		{"%%\nframe, _ := load(1)\nfr¦ame.N()", []string{"var frame *data.Frame"}},
		{"%%\nsiamese.DefaultConfig().Epo¦chs", []string{"field Epochs int"}},
		{"%%\nstrings.Fie¦lds(x)", []string{"func strings.Fields(s string) []string", "Example", "Fields are: ["}},
		{"%%\nx := \"😀\"; strings.Fie¦lds(x)", []string{"func strings.Fields"}},
		{"%%¦", []string{"body of main"}},
		{"%c¦d /tmp", []string{"folder"}},
		{"//gonb:%c¦d /tmp", []string{"folder"}},
		{"%cd /t¦mp", nil},
		{"!l¦s", nil},
		{"¦", nil},
		{"%%\n¦\nload(1)", nil},
		{"%%\nload(\n¦\n)", nil},
		{"%%\n// lo¦ad", nil},
		{"%%\nx := \"lo¦ad\"", nil},
		{"%%\nx := 1¦2", nil},
		{"%%\nfo¦r {\n}", nil},
		{"%%\nnothing¦(1)", nil},
		{"%%\nx := 1; ¦", nil},
		{"%%\n)¦", nil},
		{"%%bash\nlo¦ad", nil},
	} {
		code, cursor := split(t, test.code)
		b, err := a.Inspect(t.Context(), code, cursor, 0)
		if err != nil {
			t.Errorf("%q: %v", test.code, err)
		}
		text, _ := b["text/plain"].(string)
		if (b == nil) != (test.plain == nil) {
			t.Errorf("%q: found %v: %.80q", test.code, b != nil, text)
			continue
		}
		for _, part := range test.plain {
			if !strings.Contains(text, part) {
				t.Errorf("%q: no %q in\n%s", test.code, part, text)
			}
		}
		markdown, _ := b["text/markdown"].(string)
		for _, mark := range []string{"```", "file://", "\\_", "**Example"} {
			if strings.Contains(text, mark) {
				t.Errorf("%q: %q is in the plain text:\n%s", test.code, mark, text)
			}
		}
		if strings.Contains(markdown, "file://") {
			t.Errorf("%q: paths of this machine in\n%s", test.code, markdown)
		}
	}
}

// TestInspectExamples finds examples of functions, methods and types of the lab in its tests.
func TestInspectExamples(t *testing.T) {
	a := shared(t)
	for code, want := range map[string]string{
		"%%\nsplit.Ite¦ms(frame, x)":          "split.Items(",
		"items := lab.Op¦en(\"a.csv\")":       "lab.Open(\"items.parquet\"",
		"lab.Open(\"a\").Spl¦it()":            "items.Split(",
		"lab.Open(\"a\", lab.Ign¦ore(\"x\"))": "lab.Ignore(\"price\"",
		"%%\nvar s strings.Builder¦":          "strings.Builder",
		"%%\nb := bytes.Buffer{}; b.Gro¦w(3)": "Grow(",
		"%%\nslices.Sor¦tFunc(a, b)":          "slices.SortFunc(",
	} {
		code, cursor := split(t, code)
		b, err := a.Inspect(t.Context(), code, cursor, 0)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := b["text/markdown"].(string)
		_, example, ok := strings.Cut(text, "**Example**\n\n```go\n")
		if !ok || !strings.Contains(example, want) {
			t.Errorf("%q: no example with %q in\n%s", code, want, text)
		}
	}
	all, err := a.Inspect(t.Context(), "%%\nfmt.Sprintf()", len("%%\nfmt.Spri"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := all["text/markdown"].(string); !strings.Contains(text, "**Example**") {
		t.Errorf("no example in\n%s", text)
	}
}

// TestSession follows the memory of a kernel: what a cell declares is completed in the next, until it is removed.
func TestSession(t *testing.T) {
	a := shared(t)
	has := func(name string) bool {
		c, _ := complete(t, a, "%%\n"+name[:len(name)-1]+"¦")
		return slices.Contains(c.Matches, name)
	}
	if has("gainOfMine") {
		t.Error("it is there before it is declared")
	}
	a.Executed(cells.Parse("var gainOfMine = 1.5"))
	if !has("gainOfMine") {
		t.Error("it is not there after it was declared")
	}
	a.Tried(cells.Parse("%rm gainOfMine\nfunc ("))
	if has("gainOfMine") {
		t.Error("it is there after it was removed")
	}
}

// TestStays: what later cells have of plain cells is completed there, and package lab is explained with an example.
func TestStays(t *testing.T) {
	a := shared(t)
	a.Executed(cells.Parse("items := lab.Open(\"items.parquet\")\nsplit := items.Split(lab.Seed(3))"))
	a.Ended(cells.Parse("items := lab.Open(\"items.parquet\")\nsplit := items.Split(lab.Seed(3))"), true)
	a.Executed(cells.Parse("model := split.Train()"))
	a.Ended(cells.Parse("model := split.Train()"), true)
	for marked, want := range map[string]string{"lab.Op¦": "Open", "lab.¦": "Recommended", "items.Desc¦": "Describe",
		"split.Tr¦": "Train", "model.Sim¦": "Similar", "x := model.Sc¦": "Score"} {
		if c, _ := complete(t, a, marked); !slices.Contains(c.Matches, want) {
			t.Errorf("%q: %q, want %s", marked, c.Matches, want)
		}
	}
	code, cursor := split(t, "lab.Set¦")
	data, err := a.Inspect(t.Context(), code, cursor, 0)
	text, _ := data["text/plain"].(string)
	if err != nil || !strings.Contains(text, "lab.Set(\"Epochs\", 3)") {
		t.Errorf("%s, error %v", text, err)
	}
}

func TestMetadata(t *testing.T) {
	c := assist.Completion{Types: []assist.Match{{Text: "Open", Type: "function", Signature: "()"}}}
	if diff := cmp.Diff(map[string]any{"_jupyter_types_experimental": c.Types}, c.Metadata()); diff != "" {
		t.Error(diff)
	}
}
