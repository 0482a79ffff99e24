package siamese_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReportGuide: the guide to the page of a report explains every section of the page, under its own heading, and has
// no heading of a section that is not there any more.
func TestReportGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("REPORT.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("show/page_*.go")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{"The verdict, above all pictures": true, "Metrics": true, "What is on other pages": true}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`section\{Title: "([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
			sections[found[1]] = true
		}
	}
	if len(sections) < 12 {
		t.Errorf("only %d sections were found: %v", len(sections), sections)
	}
	for title := range sections {
		if !strings.Contains(string(guide), "\n## "+title+"\n") {
			t.Errorf("REPORT.md does not explain %q", title)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(string(guide), -1) {
		if !sections[found[1]] {
			t.Errorf("REPORT.md explains %q, which the page does not have", found[1])
		}
	}
}
