package front

import (
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// valuesMagic is the magic that lists what the session keeps, and removes it:
//
//	%session
//	%session clear [ID…]
const valuesMagic = "session"

// newMagic is the magic that writes a notebook for a table or a folder of pictures:
//
//	%new FILE [NOTEBOOK]
const newMagic = "new"

// withValues returns a cell's code with a line for the shell in place of each [valuesMagic] and [newMagic]: the program
// that starts the session's worker also does these. Lines stay where they are. Without a worker the line fails.
func (k *kernel) withValues(code string) string {
	if !strings.Contains(code, valuesMagic) && !strings.Contains(code, newMagic) {
		return code
	}
	lines := strings.Split(code, "\n")
	for _, c := range cells.Parse(code).Commands {
		words := c.Magic()
		if len(words) == 0 || words[0] != valuesMagic && words[0] != newMagic {
			continue
		}
		if words[0] == valuesMagic {
			words = words[1:]
		} else if len(words) == 1 { // say what is missing
			words = append(words, "")
		}
		command := "!echo this kernel has no session >&2; exit 1"
		if len(k.o.Worker) > 0 {
			command = k.valuesCommand(words)
		}
		for i := c.Line; ; i++ { // a backslash continues it on the next line
			more := strings.HasSuffix(strings.TrimRight(lines[i], " \t\r"), `\`) && i+1 < len(lines)
			lines[i] = ""
			if !more {
				break
			}
		}
		lines[c.Line] = command
	}
	return strings.Join(lines, "\n")
}

// valuesCommand is the line for the shell with the magic's arguments, each word quoted.
func (k *kernel) valuesCommand(args []string) string {
	if len(args) == 0 {
		args = []string{"list"}
	}
	var quoted []string
	for _, word := range slices.Concat(k.o.Worker, args) {
		quoted = append(quoted, "'"+strings.ReplaceAll(word, "'", `'\''`)+"'")
	}
	return "!" + strings.Join(quoted, " ")
}
