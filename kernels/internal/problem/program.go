package problem

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/kernels/internal/link"
)

// lessMemory is the hint where memory ran out.
const lessMemory = "use less data, a smaller batch or smaller pictures"

// framesShown is how many calls of a stack are shown; the ones nearest to the failure.
const framesShown = 12

// Program returns the problem of a program that did not end well: by a panic, an exit status or a signal. what is that
// of its [link.Start], stderr is the end of what it wrote there.
func (c Context) Program(what string, end link.End, stderr string) Problem {
	words, crashed := readCrash(end.Text)
	switch {
	case strings.Contains(stderr, "std::bad_alloc") && end.Status != 0: // of C++, which ends it by a signal
		return c.problem("OutOfMemory", "memory ran out: std::bad_alloc", lessMemory, place{}, nil)
	case crashed:
		return c.crash(words)
	case end.Memory:
		return c.problem("OutOfMemory", "the system killed the program, since memory ran out", lessMemory, place{}, nil)
	case end.Signal == "killed":
		return c.problem("Killed", "the program was killed",
			"the system does this when memory runs out: try less data", place{}, nil)
	case end.Signal != "":
		return c.problem("Signal", "a signal ended the program: "+end.Signal, "", c.place(stderr), c.tail(stderr))
	}
	value := fmt.Sprintf("exit status %d", end.Status)
	if last := lastWords(stderr); last != "" {
		value += ": " + c.Mark(last)
	} else if text := strings.TrimSpace(end.Text); text != "" {
		value += ": " + text
	}
	if what == "shell" {
		return c.problem("ShellError", value, "", c.shellLine(), nil)
	}
	return c.problem("ExitStatus", value, "", c.place(stderr), nil)
}

// Script returns the problem of a script of another language. how is "exit status 1" or "signal: killed", stderr is the
// end of what it wrote there.
func (c Context) Script(how, stderr string) Problem {
	if strings.Contains(how, "signal: killed") {
		return c.Program("shell", link.End{Status: -1, Signal: "killed"}, stderr)
	}
	if last := lastLine(stderr); last != "" {
		how += ": " + last
	}
	return c.problem("ScriptError", how, "", place{}, nil)
}

// shellLine returns the place of the cell's line for the shell; none if there are several, or none.
func (c Context) shellLine() place {
	var at place
	lines := strings.Split(c.Cell.Code, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "!") {
			continue
		}
		if at.ok() {
			return place{}
		}
		at = place{cell: c.Cell.Number, line: i + 1, lines: lines}
	}
	return at
}

// Refused returns the problem of a cell that is not run: at a line (from 1) is what GoNB would get wrong. mend is how to
// write it instead.
func (c Context) Refused(line int, what, mend string) Problem {
	lines := strings.Split(c.Cell.Code, "\n")
	return c.problem("CellError", what, "the cell was not run: "+mend,
		place{cell: c.Cell.Number, line: min(max(line, 1), len(lines)), lines: lines}, nil)
}

// NoInput returns the problem of a cell that reads input where nobody can type. prompt is what it asked, or "".
func (c Context) NoInput(prompt string) Problem {
	value := "the cell reads standard input, and nobody can type: it got end of file"
	if prompt = strings.TrimSpace(prompt); prompt != "" {
		value = "the cell asks " + fmt.Sprintf("%q", prompt) + ", and nobody can type: it got end of file"
	}
	return c.problem("NoInput", value, "read a file or a parameter instead, or run the notebook in a browser", place{}, nil)
}

// Interrupted returns the problem of a cell that the user stopped; killed = without time to save.
func (c Context) Interrupted(killed bool) Problem {
	if killed {
		return c.problem("Interrupted", "the cell was stopped twice, and killed: it could not save", "", place{}, nil)
	}
	return c.problem("Interrupted", "the cell was stopped", "", place{}, nil)
}

// place returns the first place of the cells in a text; none if there is none.
func (c Context) place(text string) place {
	if m := inMain.FindStringSubmatch(text); m != nil && strings.HasPrefix(m[1], "/") {
		return c.locate(read(m[1]), atoi(m[2]), atoi(m[3]))
	}
	return place{}
}

// tail returns the last lines of a text, for below a message.
func (c Context) tail(text string) []string {
	lines := strings.Split(strings.TrimSpace(c.Mark(text)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-framesShown):]
}

// lastLine returns the last line of a text that is not blank.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexAny(text, "\r\n")+1:])
}

// lastWords returns the last line of a text with the lines above that it continues: a message of several lines has those
// after the first indented.
func lastWords(text string) string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r", "\n"), " \t\n"), "\n")
	at := len(lines) - 1
	for at > 0 && len(lines)-at < framesShown && strings.TrimLeft(lines[at], " \t") != lines[at] {
		at--
	}
	return strings.TrimSpace(strings.Join(lines[at:], "\n"))
}

// recovered matches what the runtime writes behind the value of a panic that was caught and goes on.
var recovered = regexp.MustCompile(`(?m) \[recovered(?:, repanicked)?\]$`)

// crashRules are hints for what Go's runtime says.
var crashRules = []rule{
	r(`invalid memory address or nil pointer dereference`, ``,
		`something that is nil was used: was an error passed over that should have been looked at?`),
	r(`assignment to entry in nil map`, ``, `make the map first: m := map[string]int{}`),
	r(`index out of range .* with length 0$`, ``, `it has no elements`),
	r(`index out of range .* with length (\d+)`, ``, `it has $1 elements, counted from 0`),
	r(`slice bounds out of range`, ``, `the part that is asked for ends behind the last one`),
	r(`interface conversion`, ``, `ask first: v, ok := x.(T)`),
	r(`integer divide by zero`, ``, `the divisor is 0`),
	r(`all goroutines are asleep - deadlock`, ``,
		`every goroutine waits: for a channel that nobody sends to or closes, a lock, or a WaitGroup without Done`),
	r(`concurrent map`, ``, `several goroutines use one map: guard it by a sync.Mutex`),
	r(`stack overflow|stack exceeds`, ``, `a function calls itself without end`),
	r(`out of memory|cannot allocate`, ``, lessMemory),
	r(`send on closed channel|close of closed channel`, ``, `only the sender closes a channel, once`),
}

// quotedAgain matches what the runtime writes around the value of a panic: a type and quotes.
var quotedAgain = regexp.MustCompile(`^(?:[\w./*]+\()?"((?:[^"\\]|\\.)*)"\)?$`)

// failed is the function by which the lab's packages for cells end one: see package cell.
const failed = "github.com/go-siamese/lab/kernels/cell.Fail"

// failure returns the problem of a cell that an error of the lab has ended: what it says and what to do, at the cell's
// line; ok = false if it was something else.
func (c Context) failure(words crash) (p Problem, ok bool) {
	at := slices.IndexFunc(words.frames, func(f frame) bool { return !f.runtime() })
	if words.kind != "panic" || at < 0 || words.frames[at].function != failed {
		return p, false
	}
	var place place
	for _, f := range words.frames[at:] {
		if f.ours() {
			if place = c.locate(read(f.file), f.line, 0); place.ok() {
				break
			}
		}
	}
	text := strings.ReplaceAll(words.value, "\n\t", "\n") // the runtime indents what follows the first line
	text, hint, _ := strings.Cut(text, cell.HintMark)
	return c.problem("LabError", text, hint, place, nil), true
}

// crash returns the problem of a program that Go's runtime ended.
func (c Context) crash(words crash) Problem {
	if p, ok := c.failure(words); ok {
		return p
	}
	name, value := "Panic", words.value
	switch {
	case strings.Contains(value, "all goroutines are asleep - deadlock"):
		name = "Deadlock"
	case strings.Contains(value, "out of memory"), strings.Contains(value, "cannot allocate memory"):
		name = "OutOfMemory"
	case strings.HasPrefix(words.kind, "SIG"):
		name, value = "Signal", words.kind+": "+value
	case words.kind == "fatal error":
		name = "FatalError"
	}
	// A panic that was caught and goes on stands last, the one that began it first: that is the cause.
	value = recovered.ReplaceAllString(strings.TrimPrefix(value, "runtime error: "), "")
	if m := quotedAgain.FindStringSubmatch(value); m != nil {
		value = m[1]
	}
	if words.signal != "" && !strings.Contains(value, "nil pointer") {
		value += "\n" + words.signal
	}
	var at place
	var more []string
	hidden := 0
	files := map[string][]string{}
	for _, f := range words.frames {
		if !f.ours() {
			if f.runtime() || len(more) >= framesShown {
				hidden++
				continue
			}
			more = append(more, fmt.Sprintf("    %s  %s:%d", path.Base(f.function), path.Base(f.file), f.line))
			continue
		}
		lines, known := files[f.file]
		if !known {
			lines = read(f.file)
			files[f.file] = lines
		}
		here := c.locate(lines, f.line, 0)
		where := fmt.Sprintf("%s:%d", path.Base(f.file), f.line)
		if here.ok() {
			where = c.where(here)
		}
		if !at.ok() {
			at = here
		}
		if len(more) < framesShown {
			more = append(more, fmt.Sprintf("    %s  %s", cellPackage.ReplaceAllString(f.function, ""), where))
		} else {
			hidden++
		}
	}
	if hidden > 0 {
		more = append(more, fmt.Sprintf("    and %s of Go's own", quote.Count(hidden, "call")))
	}
	if n := words.goroutines - 1; n > 0 {
		more = append(more, fmt.Sprintf("    and %s", quote.Count(n, "other goroutine")))
	}
	hint := ""
	for _, rule := range crashRules {
		if m := rule.message.FindStringSubmatchIndex(value); m != nil {
			hint = string(rule.message.ExpandString(nil, rule.hint, value, m))
			break
		}
	}
	return c.problem(name, value, hint, at, more)
}
