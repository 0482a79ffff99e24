package front

import (
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// valuesMagic is the magic that lists what the session keeps, and removes it:
//
//	%session
//	%session clear [ID…]
const valuesMagic = "session"

// withValues returns a cell's code with a line for the shell in place of each [valuesMagic]: the program that starts the
// session's worker also lists its values. Lines stay where they are. Without a worker nothing is changed.
func (k *kernel) withValues(code string) string {
	if len(k.o.Worker) == 0 || !strings.Contains(code, valuesMagic) {
		return code
	}
	lines := strings.Split(code, "\n")
	for _, c := range cells.Parse(code).Commands {
		words := c.Magic()
		if len(words) == 0 || words[0] != valuesMagic {
			continue
		}
		args := words[1:]
		if len(args) == 0 {
			args = []string{"list"}
		}
		command := "!"
		for _, word := range append(k.o.Worker[:len(k.o.Worker):len(k.o.Worker)], args...) {
			command += "'" + strings.ReplaceAll(word, "'", `'\''`) + "' "
		}
		for i := c.Line; ; i++ { // a backslash continues it on the next line
			more := strings.HasSuffix(strings.TrimRight(lines[i], " \t\r"), `\`) && i+1 < len(lines)
			lines[i] = ""
			if !more {
				break
			}
		}
		lines[c.Line] = strings.TrimSpace(command)
	}
	return strings.Join(lines, "\n")
}
