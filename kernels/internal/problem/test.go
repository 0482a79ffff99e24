package problem

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// testFile is the file that GoNB makes of a cell with tests.
const testFile = "main_test.go"

var (
	// logLine matches a place in what a test logs, which the package testing names without a folder.
	logLine = regexp.MustCompile(`(?m)^( {4,})main_test\.go:(\d+): `)
	// failLine matches the name of a test that has failed.
	failLine = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+) \(`)
)

// MarkTest puts the cell and line in the place of those of GoNB's file in what tests print. folder is where the cell was
// built; "" = not known.
func (c Context) MarkTest(text, folder string) string {
	if folder == "" || !logLine.MatchString(text) {
		return text
	}
	lines := read(filepath.Join(folder, testFile))
	return logLine.ReplaceAllStringFunc(text, func(found string) string {
		m := logLine.FindStringSubmatch(found)
		at := c.locate(lines, atoi(m[2]), 0)
		if !at.ok() {
			return found
		}
		return m[1] + c.where(at) + ": "
	})
}

// Test returns the problem of a cell in which tests have failed: the first place and message that a failed test logged,
// and the names of all that failed. output is what they printed; ok is false if it names none.
func (c Context) Test(output, folder string) (p Problem, ok bool) {
	var failed []string
	for _, m := range failLine.FindAllStringSubmatch(output, -1) {
		failed = append(failed, m[1])
	}
	if len(failed) == 0 {
		return Problem{}, false
	}
	value, at := "", place{}
	if name, text, line := firstLog(output, failed); name != "" {
		value = fmt.Sprintf("%s: %s", name, text)
		at = c.locate(read(filepath.Join(folder, testFile)), line, 0)
	} else {
		value = failed[0] + " failed"
	}
	var more []string
	if len(failed) > 1 {
		more = []string{"failed: " + strings.Join(failed, ", ")}
	}
	return c.problem("TestFailed", value, "", at, more), true
}

// runLine matches the beginning of a test, or that it goes on.
var runLine = regexp.MustCompile(`^=== (?:RUN|CONT|NAME) +(\S+)`)

// firstLog returns what a test that failed logged first: its name, the text, and the line of GoNB's file; "" = nothing.
func firstLog(output string, failed []string) (name, text string, line int) {
	fails := map[string]bool{}
	for _, f := range failed {
		fails[f] = true
	}
	now := ""
	lines := strings.Split(output, "\n")
	for i, l := range lines {
		if m := runLine.FindStringSubmatch(l); m != nil {
			now = m[1]
			continue
		}
		if m := failLine.FindStringSubmatch(l); m != nil { // without -v the log of a test follows its name
			now = m[1]
			continue
		}
		m := logLine.FindStringSubmatch(l)
		if m == nil || !fails[now] {
			continue
		}
		text = l[len(m[0]):]
		for _, next := range lines[i+1:] { // a message of several lines is indented further
			rest, ok := strings.CutPrefix(next, m[1]+"    ")
			if !ok {
				break
			}
			text += "\n" + rest
		}
		return now, text, atoi(m[2])
	}
	return "", "", 0
}
