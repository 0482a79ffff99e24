package problem

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTests: what the tests of a cell print, and why they failed, names the cell's lines.
func TestTests(t *testing.T) {
	const cell = "%test\nfunc TestInc(t *testing.T) {\n\tt.Log(\"before\")\n\tif Inc(1) != 2 {\n\t\tt.Errorf(\"got\\n%d\", 3)\n\t}\n}\n"
	c := Context{Cell: Cell{Number: 4, Code: cell}, Earlier: []Cell{{2, "func check(t *testing.T) {\n\tt.Error(\"earlier\")\n}\n"}}}
	dir := t.TempDir()
	// GoNB's file has other lines before the cell's.
	text := "package main\n\nimport \"testing\"\n\n" + c.Earlier[0].Code + "\n" + strings.TrimPrefix(cell, "%test\n")
	if err := os.WriteFile(filepath.Join(dir, testFile), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	line := func(part string) int {
		for i, l := range strings.Split(text, "\n") {
			if strings.Contains(l, part) {
				return i + 1
			}
		}
		t.Fatalf("no %q", part)
		return 0
	}
	log := func(part, says string) string { return fmt.Sprintf("    main_test.go:%d: %s\n", line(part), says) }
	for _, test := range []struct{ output, marked, value string }{
		{"=== RUN   TestInc\n" + log("before", "before") + log("Errorf", "got\n        3") + "--- FAIL: TestInc (0.00s)\nFAIL\n",
			"line 5 of this cell: got", "line 3: TestInc: before"},
		{"--- FAIL: TestInc (0.00s)\n" + log("Errorf", "got\n        3") + "FAIL\n", "line 5 of this cell: got",
			"line 5: TestInc: got\n3"},
		// Of one that passed nothing is told.
		{"=== RUN   TestA\n" + log("before", "x") + "--- PASS: TestA (0.00s)\n=== RUN   TestInc\n" + log("earlier", "earlier") +
			"--- FAIL: TestInc (0.00s)\n", "cell [2], line 2: earlier", "cell [2], line 2: TestInc: earlier"},
		{"--- FAIL: TestInc (0.00s)\nFAIL\n", "--- FAIL", "TestInc failed"},
		{"    main_test.go:9999: x\n--- FAIL: TestInc (0.00s)\n", "main_test.go:9999: x", "TestInc failed"},
	} {
		if got := c.MarkTest(test.output, dir); !strings.Contains(got, test.marked) {
			t.Errorf("marked %q, want %q", got, test.marked)
		}
		p, ok := c.Test(test.output, dir)
		if !ok || p.Name != "TestFailed" || p.Value != test.value {
			t.Errorf("%q: %+v, want %q", test.output, p, test.value)
		}
	}
	if p, ok := c.Test("ok\nmain_test.go:3: x\n", dir); ok {
		t.Errorf("no test has failed: %+v", p)
	}
	// A text that only looks like a place stays, and one whose folder is not known.
	for _, text := range []string{"main_test.go:3: x", "  main_test.go:3: x", "    other_test.go:3: x"} {
		if got := c.MarkTest(text, dir); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if text := log("before", "x"); c.MarkTest(text, "") != text {
		t.Error("marked without a file")
	}
}
