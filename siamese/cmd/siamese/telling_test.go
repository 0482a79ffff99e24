package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeTable writes a table below a temporary folder and returns its path.
func writeTable(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "items.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A column that tells the class by itself is told before anything is trained or measured, in every command that does.
func TestTelling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString("id,label,code,a/0,a/1,nr\n")
	for i := range 60 {
		fmt.Fprintf(&text, "i%d,c%d,%d,%g,%g,%d\n", i, i%3, 5*(i%3), rng.Float32(), rng.Float32(), i)
	}
	items := writeTable(t, text.String())
	model := filepath.Join(t.TempDir(), "m.safetensors")
	status, out, errOut := call(strings.Fields("train --out " + model + small + items)...)
	told, _, _ := strings.Cut(errOut, "epoch")
	if status != 0 || !strings.Contains(told, `"code"`) || !strings.Contains(told, "--ignore") ||
		!strings.Contains(out, `"nr"`) || !strings.Contains(out, "--keep") {
		t.Errorf("status %d\n%s\n%s", status, out, errOut)
	}
	splits := strings.TrimSuffix(model, ".safetensors") + ".split.json"
	status, _, errOut = call("evaluate", "--split", splits, "--no-baselines", model, items)
	if status != 0 || !strings.Contains(errOut, `"code"`) {
		t.Errorf("evaluate: status %d\n%s", status, errOut)
	}
	// Items that happen to be numbered by a column of the model keep it.
	var numbered strings.Builder
	numbered.WriteString("id,code,a/0,a/1\n")
	for i := range 12 {
		fmt.Fprintf(&numbered, "n%d,%d,%d.5,%d.25\n", i, i, i%5, i%7)
	}
	status, out, errOut = call("embed", "--out="+filepath.Join(t.TempDir(), "z.csv"), model,
		writeTable(t, numbered.String()))
	if status != 0 || !strings.Contains(out, "12 items") {
		t.Errorf("embed: status %d\n%s", status, errOut)
	}
	if status, out, _ = call("describe", items); status != 0 || !strings.Contains(out, `"code" alone tells`) {
		t.Errorf("describe: status %d\n%s", status, out)
	}
	if status, out, _ = call("describe", "--ignore=code", "--keep=nr", items); status != 0 ||
		strings.Contains(out, "alone tells") || !strings.Contains(out, "x 3 features") {
		t.Errorf("describe without: status %d\n%s", status, out)
	}
}

// What a spreadsheet would run is told, or escaped when it is asked for.
func TestEscapeFormulas(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m.safetensors")
	var text strings.Builder
	text.WriteString("id,label,a/0,a/1\n")
	for i := range 40 {
		fmt.Fprintf(&text, "=i%d,c%d,%d,%d\n", i, i%2, i*i%41, i*i*i%43)
	}
	items := writeTable(t, text.String())
	if status, _, errOut := call(strings.Fields("train --out " + model + small + items)...); status != 0 {
		t.Fatal(errOut)
	}
	out := filepath.Join(t.TempDir(), "z.csv")
	for _, test := range []struct{ flag, told, begins string }{{"--backend=go", "40 texts", "\n=i0,"},
		{"--escape-formulas", "", "\n'=i0,"}} {
		status, _, errOut := call("embed", test.flag, "--out="+out, model, items)
		content, err := os.ReadFile(out)
		if status != 0 || err != nil || !strings.Contains(string(content), test.begins) ||
			strings.Contains(errOut, "--escape-formulas") != (test.told != "") || !strings.Contains(errOut, test.told) {
			t.Errorf("%s: status %d, %v\n%s\n%.99s", test.flag, status, err, errOut, content)
		}
	}
	// The same flag reads them as they were.
	escaped := writeTable(t, strings.ReplaceAll(text.String(), "\n=", "\n'="))
	status, shown, errOut := call("search", "--query==i0", "--k=3", "--escape-formulas", model, escaped)
	if status != 0 || !strings.Contains(shown, "=i") || strings.Contains(shown, "'=") {
		t.Errorf("status %d: %s%s", status, shown, errOut)
	}
}

// The flags that say how text is read.
func TestReadingFlags(t *testing.T) {
	for _, test := range []struct{ text, flags, want string }{
		{"1,2,3\n4,5,7\n", "", "as a header, "},
		{"1,2,3\n4,5,7\n", "--no-header", "2 items x 3 features"},
		{"id~f\na~1\nb~2\n", "--separator=~", "2 items x 1 features"},
		{"id,label,f\na,NA,1\nb,x,2\nc,none,3\n", "", "1 of 3 are unknown"},
		{"id,label,f\na,NA,1\nb,x,2\nc,none,3\n", "--missing=none,-", "1 of 3 are unknown, as \"none\""},
		{"id,label,f\na,NA,1\nb,x,2\nc,none,3\n", "--missing=", "3 classes"},
		{"id,f\na,1\nb,2\n", "--max-bytes=20", "--max-bytes"},
		{"id,f\na,1\nb,2\n", "--separator=,,", "--separator"},
	} {
		args := []string{"describe", writeTable(t, test.text)}
		if test.flags != "" {
			args = append(args, test.flags)
		}
		if _, out, errOut := call(args...); !strings.Contains(out+errOut, test.want) {
			t.Errorf("%s of %q lacks %q:\n%s%s", test.flags, test.text, test.want, out, errOut)
		}
	}
}
