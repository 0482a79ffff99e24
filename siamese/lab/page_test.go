package lab_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/lab"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// TestPythonPage: what the page for Python users gives to settings is taken, each alone and those of one training
// together, and the numbers that it says losses have are theirs.
func TestPythonPage(t *testing.T) {
	raw, err := os.ReadFile("../../notebooks/PYTHON.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	all := regexp.MustCompile(`lab\.Set\((?:[^()]|\([^()]*\))*\)`)
	if n := len(all.FindAllString(text, -1)); n < 20 {
		t.Errorf("only %d settings were found", n)
	}
	apply := func(lines []string) {
		c := lab.Config()
		for _, line := range lines {
			if err := failure(func() { setting(t, line)(&c) }); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%q: %v", lines, err)
		}
	}
	for _, train := range regexp.MustCompile(`(?s)\.Train\((.*?)\)\n`).FindAllStringSubmatch(text, -1) {
		apply(all.FindAllString(train[1], -1))
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		columns := strings.Split(line, "|")
		loss, err := spec.Default(strings.Trim(columns[2], " `"))
		if err != nil {
			for _, one := range all.FindAllString(line, -1) { // of the table of Keras
				apply([]string{one})
			}
			continue
		}
		c := lab.Config()
		c.Loss = loss
		for _, number := range regexp.MustCompile("`(\\w+)` ([0-9.]+)(?: |,|;|$)").FindAllStringSubmatch(columns[3], -1) {
			before := c.Loss
			if err := failure(func() { setting(t, `lab.Set("Loss.`+number[1]+`", `+number[2]+`)`)(&c) }); err != nil {
				t.Error(err)
			}
			if c.Loss != before {
				t.Errorf("%s has the default %v, and the page says %s %s", loss.Name, before, number[1], number[2])
			}
		}
	}
}

// setting reads a call of lab.Set.
func setting(t *testing.T, line string) lab.Setting {
	t.Helper()
	e, err := parser.ParseExpr(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	args := e.(*ast.CallExpr).Args
	name, err := strconv.Unquote(args[0].(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	switch v := args[1].(type) {
	case *ast.Ident:
		return lab.Set(name, v.Name == "true")
	case *ast.CompositeLit:
		var widths []int
		for _, e := range v.Elts {
			n, err := strconv.Atoi(e.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			widths = append(widths, n)
		}
		return lab.Set(name, slices.Clip(widths))
	case *ast.BasicLit:
		switch v.Kind {
		case token.INT:
			n, err := strconv.Atoi(v.Value)
			if err != nil {
				t.Fatal(err)
			}
			return lab.Set(name, n)
		case token.FLOAT:
			x, err := strconv.ParseFloat(v.Value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return lab.Set(name, x)
		}
		s, err := strconv.Unquote(v.Value)
		if err != nil {
			t.Fatal(err)
		}
		return lab.Set(name, s)
	}
	t.Fatalf("%s: a value of another kind", line)
	return nil
}
