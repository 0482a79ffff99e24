package siamese_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDiagram: the graph of packages in the README is that of today's imports.
func TestDiagram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./siamese/testdata/diagram")
	cmd.Dir, cmd.Stderr = "..", t.Output()
	graph, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readme, graph) {
		t.Error("the diagram in siamese/README.md is not that of the imports: " +
			"go run ./siamese/testdata/diagram --into siamese/README.md")
	}
}

var (
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codeBlock = regexp.MustCompile("(?s)\n```.*?\n```")
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// anchors returns the places in a Markdown file that a link can name, as GitHub calls them.
func anchors(text []byte) map[string]bool {
	out := map[string]bool{}
	for _, h := range heading.FindAllSubmatch(codeBlock.ReplaceAll(text, nil), -1) {
		out[strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(string(h[1])), ""), " ", "-")] = true
	}
	return out
}

// TestLinks: relative links in the repository's Markdown files lead somewhere, and so do those to headings.
func TestLinks(t *testing.T) {
	t.Parallel()
	links := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range link.FindAllSubmatch(codeBlock.ReplaceAll(text, nil), -1) {
			target, anchor, _ := strings.Cut(string(found[1]), "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			to := path
			if target != "" {
				to = filepath.Join(filepath.Dir(path), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, found[1])
				continue
			}
			if anchor == "" {
				continue
			}
			other, err := os.ReadFile(to)
			if err != nil {
				return err
			}
			if !anchors(other)[anchor] {
				t.Errorf("%s: the link %s names no heading", path, found[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links < 50 {
		t.Errorf("only %d links were found", links)
	}
}

// TestReadmeIsShort: people read one page before they try something.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 130 {
		t.Errorf("README.md has %d lines, and should have 130 at most", lines)
	}
}
