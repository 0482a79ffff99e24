package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// source is a file of the packages that the commands call.
type source struct {
	path string
	*ast.File
}

// librarySources parses the packages below data/ and siamese/ but for commands and what is for tests.
func librarySources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, root := range []string{"../../../data", "../../../siamese"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			// Sessions are another front, with options of their own.
			if entry.IsDir() && (slices.Contains([]string{"testdata", "cmd", "labtest", "acceptance", "session"},
				entry.Name())) {
				return fs.SkipDir
			}
			if _, none := os.Stat(filepath.Join(path, "go.mod")); none == nil {
				return fs.SkipDir // a module of its own, which these commands do not call
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			all = append(all, source{strings.TrimPrefix(path, "../../../"), file})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// literal returns the text of a string literal, or of several joined by +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		a, okA := literal(e.X)
		b, okB := literal(e.Y)
		return a + b, okA && okB
	}
	return "", false
}

// goOnly are options that errors name and no command sets, with the reason why no command meets the error.
var goOnly = map[string]string{
	"CacheDir":                "SIAMESE_LAB_DIR does it, which the error says too",
	"JoinOptions.AllowOthers": "commands allow it always",
	"Evaluate.Estimate":       "protocols are evaluated exactly",
	"MaxPairs":                "commands keep the default",
	"Isotropic":               "baselines choose it",
	"Own":                     "search by an id sets it",
	"Room":                    "the index command knows how many items come",
	"AtLeast":                 "search gives the nearest, however far",
	"Self":                    "search by an id leaves out its item",
	"Range":                   "features finds it from all pictures, or --config has it",
}

// Every option that an error names has a flag in some command, so that no message sends anybody to a name that the
// command line does not have.
func TestOptionsHaveFlags(t *testing.T) {
	parser, err := newParser(&commandLine{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	known := func(option string) bool {
		return slices.ContainsFunc(parser.Model.Leaves(true), func(command *kong.Node) bool {
			return flagNames(command)(option) != ""
		})
	}
	seen := map[string]bool{}
	named := 0
	for _, s := range librarySources(t) {
		if strings.HasPrefix(s.path, "siamese/session/") {
			continue // options of cells, which no command sets
		}
		for _, name := range optionsOf(s.File) {
			named++
			if _, only := goOnly[name]; only {
				seen[name] = true
			} else if !known(name) && !strings.Contains(name, "_") && name != strings.ToLower(name) {
				t.Errorf("%s: no command has a flag for the option %s", s.path, name)
			}
		}
	}
	if named < 60 {
		t.Errorf("%d options were found in errors: the search is broken", named)
	}
	for name := range goOnly {
		if !seen[name] {
			t.Errorf("no error names %s any more", name)
		}
	}
}

// optionsOf returns the names of options that are literals in calls of package option, and of what it calls a fix.
func optionsOf(file *ast.File) (names []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, _ := sel.X.(*ast.Ident)
		args := call.Args
		switch {
		case of != nil && of.Name == "option" && sel.Sel.Name == "Errorf":
			args = args[:1]
		case of != nil && of.Name == "option" && sel.Sel.Name == "Do",
			sel.Sel.Name == "Or" && (of == nil || of.Name != "cmp"):
			args = args[1:]
		default:
			return true
		}
		for _, a := range args {
			if name, ok := literal(a); ok {
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// No text of an error spells a field of Go: only what is an option by type can be printed as a flag.
func TestErrorsSpellNoFields(t *testing.T) {
	sources := librarySources(t)
	fields := map[string]bool{}
	ofOptions := regexp.MustCompile(`(Options|Schema)$`)
	for _, s := range sources {
		ast.Inspect(s.File, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !ofOptions.MatchString(spec.Name.Name) {
				return true
			}
			if fieldsOf, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range fieldsOf.Fields.List {
					for _, name := range f.Names {
						fields[name.Name] = name.IsExported()
					}
				}
			}
			return true
		})
	}
	word, hump := regexp.MustCompile(`[A-Za-z]+`), regexp.MustCompile(`^[A-Z].*[a-z][A-Z]`)
	texts := 0
	for _, s := range sources {
		if strings.HasPrefix(s.path, "siamese/session/") {
			continue // a cell's options are fields
		}
		if strings.HasPrefix(s.path, "siamese/metric/") || strings.HasPrefix(s.path, "siamese/stats/") {
			continue // no command sets the options of these, except through evaluate, which checks them
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Errorf", "New", "Do", "Or"}, sel.Sel.Name) {
				return true
			}
			of, _ := sel.X.(*ast.Ident)
			args := call.Args
			if of != nil && of.Name == "option" && sel.Sel.Name == "Errorf" {
				args = args[1:]
			}
			if len(args) == 0 {
				return true
			}
			text, ok := literal(args[0])
			if !ok {
				return true
			}
			texts++
			for _, w := range word.FindAllString(text, -1) {
				if fields[w] && hump.MatchString(w) && !unmet[w] {
					t.Errorf("%s: %q spells the field %s", s.path, text, w)
				}
			}
			return true
		})
	}
	if texts < 300 || len(fields) < 50 {
		t.Errorf("%d texts and %d fields: the search is broken", texts, len(fields))
	}
}

// unmet are fields that errors spell which no command meets: it sets none of them.
var unmet = map[string]bool{"BlockOf": true, "HeldOut": true, "HeldOutCount": true}
