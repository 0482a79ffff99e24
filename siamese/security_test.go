package siamese_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreats: every threat in SECURITY.md names what tries it, and the tests of those names are in those packages.
func TestThreats(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z/]+)`:((?:,? (?:Test|Fuzz)\\w+)+)")
	threats, tests := 0, 0
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(line, "|")
		if len(columns) != 6 || strings.HasPrefix(line, "| ---") || strings.Contains(columns[4], " tests ") {
			continue
		}
		threats++
		found := named.FindAllStringSubmatch(columns[4], -1)
		if len(found) == 0 {
			script := strings.Trim(columns[4], " `")
			if _, err := os.Stat("../" + script); err != nil {
				t.Errorf("%s: no test, and no script %s", columns[1], script)
			}
		}
		for _, of := range found {
			sources := ""
			files, err := filepath.Glob("../" + of[1] + "/*_test.go")
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				sources += string(source)
			}
			for _, name := range strings.Fields(strings.ReplaceAll(of[2], ",", " ")) {
				tests++
				if !strings.Contains(sources, "\nfunc "+name+"(") {
					t.Errorf("%s: there is no %s in %s", columns[1], name, of[1])
				}
			}
		}
	}
	if threats < 15 || tests < 60 {
		t.Errorf("only %d threats and %d tests were found", threats, tests)
	}
}

// markupPlaces are the files that make markup without a template's escaping, or put it into a page, and what of.
var markupPlaces = map[string]string{
	"kernels/internal/reproduce/page.go":    "the data of a picture, in base64",
	"siamese/session/worker/panel/panel.js": "what look.go has made",
	"siamese/show/drawing.go":               "SVG of gonum's plots, which escape",
	"siamese/show/page.go":                  "pictures of drawing.go and page_map.go",
	"siamese/show/page_map.go":              "a map, names escaped by hand",
}

// TestMarkupPlaces: what turns text into markup is in few places, each of which has a test with names that look like
// markup. A new one has to be added to the list, with its test.
func TestMarkupPlaces(t *testing.T) {
	t.Parallel()
	makes := regexp.MustCompile(`\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function\(|` +
		`\btemplate\.(HTML|HTMLAttr|JS|JSStr|CSS|URL|Srcset)\b|"text/template"`)
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || len(name) > 2 && d.Name()[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") &&
			!strings.HasSuffix(name, ".js"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := makes.Find(source); found != nil {
			seen[name] = true
			if markupPlaces[name] == "" {
				t.Errorf("%s has %s", name, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range markupPlaces {
		if !seen[name] {
			t.Errorf("%s makes no markup any more", name)
		}
	}
}
