package problem

import (
	"regexp"
	"strings"
)

// rule gives a hint for a message, and for the line that it is about where line is not nil. In the hint, $1 is the
// first group of the message's expression, or of the line's if that has one.
type rule struct {
	message, line *regexp.Regexp
	hint          string
}

// r returns a rule from the source of its expressions; line "" = any.
func r(message, line, hint string) rule {
	out := rule{message: regexp.MustCompile(message), hint: hint}
	if line != "" {
		out.line = regexp.MustCompile(line)
	}
	return out
}

// misread matches the messages of Go's parser.
const misread = `^(?:expected|syntax error|illegal|import path|missing ['c])`

// atTop matches the messages of a statement where only declarations can be.
const atTop = `^(?:syntax error: )?(?:expected declaration|non-declaration statement)`

// rules are tried in order. Those for habits of Python come first: they say more than the one for their message.
var rules = []rule{
	r(`^illegal character U\+0023|^invalid character U\+0023`, ``, `comments start with // in Go`),
	r(``, `^\s*(?:import\s+[\w.]+\s+as\s+\w+|from\s+[\w.]+\s+import\b)`,
		`Go writes import name "path/of/package", above the line %%`),
	r(misread, `^\s*import\s+[\w.]+\s*$`,
		`Go writes import "path/of/package", with the path in quotes, above the line %%`),
	r(`^expected statement, found 'import'`, ``, `imports stand above the line %%`),
	r(misread, `^\s*def\s+(\w+)`,
		`Go writes func $1(x float64) float64 { … }, above the line %%`),
	r(misread, `^\s*for\s+(\w+)\s+in\b`,
		`Go writes for _, $1 := range values { … }`),
	r(misread, `^\s*while\b`, `Go writes for condition { … }`),
	r(misread, `^\s*(?:if|elif|else|while|for|try|with|class)\b.*:\s*$`,
		`Go puts what belongs together between { and }, not behind a colon`),
	r(`^(?:more than one character in rune literal|illegal rune literal|rune literal)`, ``,
		`text stands in double quotes: "…"`),
	r(misread, `\bf"`, `Go writes fmt.Sprintf("… %v …", value)`),
	r(misread, `\s(?:and|or|not)\s`, `Go writes && for and, || for or, ! for not`),
	r(`^undefined: (?:True|False)$`, ``, `Go writes true and false`),
	r(`^undefined: (?:None|null|NULL|Nil)$`, ``, `Go writes nil`),
	r(`^undefined: self$`, ``, `a method names its receiver: func (s *T) Name() { … }`),
	r(`^undefined: (str|int|float|list|dict|range|sum|abs|pow|round|type|input|open|sorted|zip|enumerate)$`, ``,
		`$1 of Python has another name in Go: see fmt.Sprint, float64, slices, maps, math, os`),
	r(`cannot indirect|invalid operation: operator \* `, `\*\*`, `Go writes math.Pow(x, y)`),
	r(atTop, ``, ``), // see missingMain
	r(`^expected '}', found 'EOF'|^syntax error: unexpected EOF`, ``, ``), // see unclosed
	r(`^(?:raw )?string literal not terminated|newline in string`, ``,
		`the text has no end: close it on the same line, or write it between two backquotes`),
	r(`^missing ',' (?:before newline )?in (?:composite literal|argument list|parameter list)`, ``,
		`a list over several lines has a comma at the end of each, the last too`),
	r(`^expected .*, found 'else'|unexpected (?:keyword )?else`, ``, `else stands on the line of the } before it`),
	r(`^imports must appear before other declarations`, ``, `imports come first in a cell`),
	r(`^declared and not used: (\w+)`, ``, `use $1, delete it, or write _ = $1`),
	r(`^"([^"]+)" imported (?:as \w+ )?and not used`, ``, `delete the import: what a cell uses is imported by itself`),
	r(`^no new variables on left side of :=`, ``, `it exists already: write = in place of :=`),
	r(`^assignment mismatch: 1 variable but (\S+) returns 2 values`, `^\s*(\w+)\s*(?::?=|=)`, ``), // see twoResults
	r(`^assignment mismatch: 2 variables but (\S+) returns 1 value`, ``,
		`$1 returns one value: leave out the second name`),
	r(`(?s)^(?:not enough|too many) arguments in call to .*have \([^)]*\berror\)`, ``,
		`one of the calls inside returns an error too: put show.Must(…) around it, or give its results names first`),
	r(`^multiple-value (\S+\(.*\)) \(value of type \([^)]*error\)\)`, ``,
		`it returns an error too: put show.Must(…) around it, or give its results names first`),
	r(`\(no value\) used as value`, ``, `it returns nothing: call it on a line of its own`),
	r(`^missing return`, ``, `every way through a function with a result ends in a return`),
	r(`^too many return values|^not enough return values`, ``, `return as many values as the function says behind its )`),
	r(`^invalid operation: .*\(mismatched types (\w+) and (\w+)\)`, ``,
		`Go mixes no types of numbers: convert one, such as $2(…)`),
	r(`^cannot use "[\d.]+" \(untyped string constant\) as (?:u?int\d*|float\d+) value`, ``, `numbers stand without quotes`),
	r(`^cannot use .* \(untyped (?:int|float|rune) constant.*\) as string value`, ``, `text stands in double quotes`),
	r(`^cannot use .*\(truncated\)|constant .* truncated|\(untyped float constant.*\) truncated`, ``,
		`it is a whole number: round it, or make the variable a float64`),
	r(`^cannot use .* \((?:variable|value|constant).* of (?:\w+ )?type (?:u?int\d*|float\d+|rune|byte)\) as ((?:u?int|float)\d*|rune|byte) value`,
		``, `convert it: $1(…)`),
	r(`^cannot use .* \((?:variable|value|constant).* of (?:\w+ )?type u?int\d*\) as string value`, ``,
		`convert it: fmt.Sprint(…)`),
	r(`^cannot use .* of (?:\w+ )?type string\) as (?:u?int\d*) value`, ``, `convert it: strconv.Atoi(…)`),
	r(`^cannot use .* of (?:\w+ )?type string\) as float64 value`, ``, `convert it: strconv.ParseFloat(…, 64)`),
	r(`cannot refer to unexported`, ``, `names with a small first letter belong to their package alone`),
	r(`but does have (?:field|method) (\w+)`, ``, `did you mean $1?`),
	r(`^(\S+) \((?:value|variable|constant|untyped)[^)]*\) is not used|^(\S+) .*is not used$`, ``,
		`a cell does not show its last line by itself: fmt.Println($1), or a function of the package show`),
	r(`^(\w+) redeclared in this block`, ``, `give one of them another name, or forget the one of an earlier cell: %rm $1`),
	r(`no required module provides package (\S+?)[;:]|cannot find module providing package (\S+?)[;:]|module lookup disabled`,
		``, `the lab does not have this module: go get it in the checkout, then go run ./kernels install`),
	r(`package (\S+) is not in std`, ``, `there is no such package: look at the spelling of its path`),
	r(`^import cycle|^use of internal package`, ``, `internal packages cannot be used in cells`),
}

// hint returns what to do about a fault, or "".
func (c Context) hint(f fault) string {
	text, line := f.text+f.more, f.at.text()
	switch {
	case matches(`^expected '?[)}\]]'?.*found 'EOF'|unexpected EOF`, text):
		if hint := c.unclosed(); hint != "" {
			return hint
		}
	case matches(`^undefined: `, text) || matches(` undefined \(|^unknown field`, text):
		if hint := c.undefined(f); hint != "" {
			return hint
		}
	}
	for _, rule := range rules {
		m := rule.message.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		source, of := text, rule.message
		if rule.line != nil {
			n := rule.line.FindStringSubmatchIndex(line)
			if n == nil || !f.at.ok() {
				continue
			}
			if rule.message.NumSubexp() == 0 {
				source, of, m = line, rule.line, n
			}
		}
		if rule.hint != "" {
			return strings.TrimSpace(string(of.ExpandString(nil, strings.ReplaceAll(rule.hint, "$$", "$"), source, m)))
		}
		if hint := c.special(f); hint != "" {
			return hint
		}
	}
	return ""
}

// special returns the hint of a rule without one.
func (c Context) special(f fault) string {
	if matches(atTop, f.text) {
		return c.missingMain(f)
	}
	if m := mismatch.FindStringSubmatch(f.text); m != nil {
		name := "x"
		if n := assigned.FindStringSubmatch(f.at.text()); n != nil {
			name = n[1]
		}
		return m[1] + " returns an error too: write " + name + ", err := …, or " + name + " := show.Must(" + m[1] + "(…))"
	}
	return ""
}

var (
	mismatch = regexp.MustCompile(`^assignment mismatch: 1 variable but (\S+?)(?:\(.*\))? returns 2 values`)
	assigned = regexp.MustCompile(`^\s*(?:var\s+)?(\w+)\s*:?=`)
)

// matches reports whether a text matches an expression.
func matches(expression, text string) bool { return regexp.MustCompile(expression).MatchString(text) }

// mainLine matches a line that opens a cell's main.
var mainLine = regexp.MustCompile(`(?m)^(?://gonb:)?%(?:%|main)(?:\s|$)`)

// missingMain returns the hint for a statement where only declarations can be.
func (c Context) missingMain(f fault) string {
	line := strings.TrimSpace(f.at.text())
	switch {
	case strings.HasPrefix(line, "}"):
		return "there is one } too many above or here"
	case mainLine.MatchString(c.Cell.Code):
		return "statements stand below the line %%; above it are imports, func, type, var and const only"
	}
	return "a cell of %test has declarations only"
}
