package problem

import (
	"path/filepath"
	"regexp"
	"strings"
)

// frame is one call of a stack.
type frame struct {
	function string
	file     string
	line     int
}

// crash is what Go's runtime wrote when it ended a program.
type crash struct {
	kind       string // "panic" or "fatal error"
	value      string // what the panic was about
	signal     string // the line about a signal, without its brackets
	frames     []frame
	goroutines int // how many have a stack
}

var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+ .*\[.*\]:$`)
	frameLine     = regexp.MustCompile(`^\t(.+\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?$`)
	signalLine    = regexp.MustCompile(`^\[(signal .*)\]$`)
)

// readCrash reads last words. ok is false for other text.
func readCrash(text string) (c crash, ok bool) {
	kind, rest, found := strings.Cut(text, ": ")
	if !found || kind != "panic" && kind != "fatal error" && !strings.HasPrefix(kind, "SIG") {
		return c, false
	}
	c.kind = kind
	lines := strings.Split(rest, "\n")
	i := 0
	for ; i < len(lines) && !goroutineLine.MatchString(lines[i]) && lines[i] != "runtime stack:"; i++ {
		if m := signalLine.FindStringSubmatch(lines[i]); m != nil {
			c.signal = m[1]
			continue
		}
		c.value += lines[i] + "\n"
	}
	c.value = strings.TrimSpace(c.value)
	first := true
	for ; i < len(lines); i++ {
		line := lines[i]
		switch {
		case goroutineLine.MatchString(line):
			c.goroutines++
			first = c.goroutines == 1
		case first && c.goroutines == 1 && i+1 < len(lines):
			if m := frameLine.FindStringSubmatch(lines[i+1]); m != nil {
				c.frames = append(c.frames, frame{callee(line), m[1], atoi(m[2])})
				i++
			}
		}
	}
	return c, true
}

// callee returns the function of a line of a stack, without its arguments.
func callee(line string) string {
	line = strings.TrimPrefix(line, "created by ")
	line, _, _ = strings.Cut(line, " in goroutine ")
	if strings.HasSuffix(line, ")") {
		if at := strings.LastIndex(line, "("); at > 0 {
			line = line[:at]
		}
	}
	return line
}

// cellPackage matches the package of a cell's functions: of tests the go command names it after GoNB's module.
var cellPackage = regexp.MustCompile(`^(?:main|gonb_[0-9a-z]+)\.`)

// ours reports whether a frame is in GoNB's file, that is in a cell.
func (f frame) ours() bool {
	base := filepath.Base(f.file)
	return (base == "main.go" || base == testFile) && cellPackage.MatchString(f.function)
}

// runtime reports whether a frame is of Go's own machinery.
func (f frame) runtime() bool {
	for _, prefix := range []string{"runtime.", "runtime/", "internal/", "panic", "testing.", "reflect.", "sync."} {
		if strings.HasPrefix(f.function, prefix) {
			return true
		}
	}
	return false
}
