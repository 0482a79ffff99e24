package split

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Rows of the report are broken between examples where a terminal would break them anywhere, and lose nothing.
func TestLeakageWraps(t *testing.T) {
	leak := Leak{Kind: LeakExact, Sides: [2]string{"train", "test"}, Count: 7, Items: [2]int{9, 8}}
	for _, name := range []string{"short", strings.Repeat("ü", 59), strings.Repeat("long, name ", 9), "a\nb", "last"} {
		leak.Examples = append(leak.Examples, LeakExample{IDs: [2]string{name, name + "2"}})
	}
	l := &Leakage{Split: "3 train, 2 test items", Looked: []string{LeakExact}, Leaks: []Leak{leak}}
	var found []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "~") && !strings.Contains(line, LeakExact+"  LEAK") {
			continue
		}
		// An example is at most 2 x 62 characters and the tilde.
		if n := utf8.RuneCountInString(line); n > 36+2*62+3+len(" and 2 more\n") {
			t.Errorf("%d characters: %s", n, line)
		}
		found = append(found, strings.TrimSpace(line))
	}
	for _, example := range leak.Examples {
		if !slices.ContainsFunc(found, func(line string) bool { return strings.Contains(line, example.String()) }) {
			t.Errorf("%s is not whole in %q", example, found)
		}
	}
	whole := strings.Join(found, " ")
	if len(found) < 3 || !strings.HasSuffix(whole, leak.String()) || strings.Contains(leak.String(), "\n") {
		t.Errorf("%d lines: %q\nwant %q", len(found), whole, leak.String())
	}
}
