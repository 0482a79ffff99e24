package problem

import (
	"regexp"
	"strings"
)

// fault is one error that a compiler reported.
type fault struct {
	file         string // as printed
	line, column int    // in it; 0 = not known
	text         string // the message
	more         string // its further lines, such as what a call has and wants
	at           place  // in a cell, if it is in one
}

// located matches the beginning of an error: path, line, column, message.
var located = regexp.MustCompile(`^\s*(\S[^:\n]*\.go):(\d+)(?::(\d+))?: (.*)$`)

// andMore matches what Go's parser writes behind the first of several errors.
var andMore = regexp.MustCompile(` \(and (\d+) more errors?\)$`)

// noise matches lines that say nothing to a user.
var noise = regexp.MustCompile(`^(# .*|exit status \d+|.*too many errors|\s*)$`)

// faults reads what a build printed. hidden counts errors that were not printed; rest are lines that tell no place.
func faults(output string) (list []fault, hidden int, rest []string) {
	inOne := false
	for line := range strings.SplitSeq(strings.TrimRight(output, "\n"), "\n") {
		line = strings.TrimRight(line, "\r")
		if m := andMore.FindStringSubmatch(line); m != nil {
			hidden += atoi(m[1])
			line = line[:len(line)-len(m[0])]
		}
		m := located.FindStringSubmatch(line)
		switch {
		case m != nil:
			f := fault{file: m[1], text: m[4]}
			f.line, f.column = atoi(m[2]), atoi(m[3])
			list = append(list, f)
			inOne = true
		case inOne && strings.HasPrefix(line, "\t"):
			f := &list[len(list)-1]
			f.more += "\n" + line
		case noise.MatchString(line):
			inOne = false
		default:
			inOne = false
			rest = append(rest, line)
		}
	}
	return list, hidden, rest
}

// ranks are what faults are worth: of several the first cause is that of the lowest rank.
const (
	syntax = iota
	packages
	types
	unused // often since what would use it does not compile
)

// rank returns what a fault is worth.
func (f fault) rank() int {
	switch {
	case strings.Contains(f.text, "declared and not used"), strings.Contains(f.text, "imported and not used"):
		return unused
	case strings.Contains(f.text, "package ") && strings.Contains(f.text, "not in std"),
		strings.Contains(f.text, "no required module provides"), strings.Contains(f.text, "cannot find module"),
		strings.Contains(f.text, "module lookup disabled"):
		return packages
	case matches(misread, f.text), strings.Contains(f.text, "not terminated"),
		strings.HasPrefix(f.text, "non-declaration"), strings.HasPrefix(f.text, "imports must appear"):
		return syntax
	}
	return types
}

// subject matches the name that an error is about: those about one name have one cause.
var subject = regexp.MustCompile(`^undefined: (\S+)|^declared and not used: (\S+)`)

// cause returns what faults of one cause have in common.
func (f fault) cause() string {
	if m := subject.FindStringSubmatch(f.text); m != nil {
		return m[0]
	}
	return f.text
}
