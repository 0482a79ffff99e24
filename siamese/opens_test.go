package siamese_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opening are the functions of package os that open files or make them.
var opening = map[string]bool{"Open": true, "OpenFile": true, "OpenRoot": true, "OpenInRoot": true, "ReadFile": true,
	"DirFS": true, "Create": true, "CreateTemp": true, "WriteFile": true, "Rename": true}

// untold are the functions that open or make files without telling package provenance, by "folder function", and why.
var untold = map[string]string{
	"data/atomicfile createTemp":            "a temporary file, told by Write once it has its name",
	"data/atomicfile CheckAppend":           "a look whether it can be written",
	"data/atomicfile replace":               "told by WriteThen, or the lab's own",
	"data/atomicfile Rename":                "told by its callers, or the lab's own; and the folder, to sync it",
	"data/ondisk Select":                    "a copy of rows that were told, removed when it is opened",
	"data/ondisk mappedIn":                  "the system's own count of memory",
	"data/openfile Glob":                    "names of files, which who reads them tells",
	"data/openfile Part":                    "a part of a folder that was told",
	"data/openfile spool":                   "the copy of a pipe",
	"data/provenance Tell":                  "the events themselves",
	"siamese resume":                        "renames a damaged state, which is not read any further",
	"siamese/study readTimes":               "the lab's own: how long a trial took",
	"siamese/history Open":                  "told with the first line that is written",
	"siamese/cmd/siamese Run":               "a temporary script of the benchmark",
	"siamese/cmd/siamese machine":           "what the system tells",
	"siamese/cmd/siamese beginning":         "a look at how it begins, before it is read as what it is",
	"siamese/search New":                    "the index's own: a scratch file",
	"siamese/search Is":                     "a look at how it begins, before it is read as what it is",
	"siamese/serve spool":                   "the body of a request",
	"siamese/serve answerTable":             "an answer",
	"siamese/session/full parsed":           "a value of the session, told as such",
	"siamese/session/worker isPicture":      "a look at how it begins, before it is read as what it is",
	"siamese/session/worker write":          "the worker's own",
	"siamese/session/worker lastEnd":        "the worker's own",
	"siamese/session/worker resident":       "what the system tells",
	"siamese/session/worker kills":          "what the system tells",
	"siamese/session/starter New":           "a notebook for %new, which is no cell with a receipt",
	"siamese/session/worker create":         "a value of the session, told as such",
	"siamese/session/worker loadFrame":      "a value of the session, told as such",
	"siamese/session/worker loadEmbeddings": "a value of the session, told as such",
	"siamese/session/worker opened":         "a value of the session, told as such",
}

// systems are packages whose files are the machine's or the lab's own: what the system tells, caches, locks, plugins.
var systems = []string{"data/memory", "data/table/internal/cache", "siamese/session/internal/",
	"siamese/internal/device"}

// Whatever opens a file for a user tells so, where it does it: a function that opens files calls package provenance, or
// stands in the list of those that have a reason not to.
func TestOpensAreTold(t *testing.T) {
	unused := maps.Clone(untold)
	seen := 0
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if !strings.HasPrefix(name, "data") && !strings.HasPrefix(name, "siamese") ||
			strings.Contains(name, "internal/labtest") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				where := name
				if f, ok := d.(*ast.FuncDecl); ok {
					where += " " + f.Name.Name
				}
				opens, tells := opensAndTells(d)
				if len(opens) == 0 {
					continue
				}
				seen++
				_, listed := untold[where]
				delete(unused, where)
				if !tells && !listed && !slices.ContainsFunc(systems, func(s string) bool {
					return name == s || strings.HasSuffix(s, "/") && strings.HasPrefix(name, s)
				}) {
					t.Errorf("%s (%s) calls os.%s and tells package provenance nothing: open by package openfile, write by "+
						"atomicfile, tell it, or give a reason in the list of this test", where, filepath.Base(file),
						strings.Join(opens, " and os."))
				}
			}
		}
	}
	for where := range unused {
		t.Errorf("%s is listed and opens nothing", where)
	}
	if seen < 20 {
		t.Errorf("only %d functions open files", seen)
	}
}

// opensAndTells returns the functions of package os by which a declaration opens files, and whether it calls package
// provenance.
func opensAndTells(d ast.Decl) (opens []string, tells bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		switch {
		case !ok:
		case x.Name == "os" && opening[s.Sel.Name]:
			opens = append(opens, s.Sel.Name)
		case x.Name == "provenance":
			tells = true
		}
		return true
	})
	return opens, tells
}
