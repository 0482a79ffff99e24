package front

import (
	"fmt"
	"strings"

	"encoding/json"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// Problem is why a cell failed, as a front end shows it.
type Problem struct {
	Name      string
	Value     string
	Traceback []string
}

// judge returns why a cell failed, from GoNB's reply to it and from how its programs ended; nil = it did not.
func (k *kernel) judge(x *execution, r wire.Request) *Problem {
	var reply executeReply
	if err := json.Unmarshal(r.Content, &reply); err != nil {
		return problem("KernelError", "GoNB's reply cannot be read: "+err.Error())
	}
	x.mu.Lock()
	ends, asked, gonb := x.ends, x.asked, x.gonb
	x.mu.Unlock()
	read := asked
	for _, e := range ends {
		read = read || e.Read
	}
	switch {
	case read && !x.AllowStdin:
		return problem("NoInput", "the cell asks for input, and there is nobody to type: it got end of file")
	case x.wasInterrupted():
		return k.interruptedProblem(x)
	case reply.Status != "ok":
		k.o.Log("cell %d: %s", x.count, reply.Name)
		return &Problem{Name: reply.Name, Value: reply.Value, Traceback: reply.Traceback}
	}
	for _, e := range ends {
		if e.Status != 0 || e.Signal != "" {
			how := fmt.Sprintf("exit status %d", e.Status)
			if e.Signal != "" {
				how = "signal: " + e.Signal
			}
			return problem("ProgramError", how+"\n"+e.Text)
		}
	}
	if len(ends) == 0 && gonb != "" {
		return problem("ProgramError", strings.TrimSpace(gonb)+"\n"+x.stderr)
	}
	k.memory.Add(x.Code)
	if k.o.Assistant != nil {
		k.o.Assistant.Executed(x.Code)
	}
	return nil
}

// problem returns a problem with a traceback of its own value.
func problem(name, value string) *Problem {
	value = strings.TrimSpace(quote.Lines(value))
	return &Problem{Name: name, Value: value, Traceback: strings.Split(name+": "+value, "\n")}
}

// interruptedProblem is the problem of a cell that the user has ended.
func (k *kernel) interruptedProblem(x *execution) *Problem {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.interrupts > 1 {
		return problem("Interrupted", "the cell was interrupted twice, and killed")
	}
	return problem("Interrupted", "the cell was interrupted")
}

// plainMemory is a [Memory] of whole cells that run nothing.
type plainMemory struct{ cells []string }

// Add implements [Memory].
func (m *plainMemory) Add(code string) {
	for line := range strings.Lines(code) {
		if strings.HasPrefix(line, "%") || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "func main(") {
			return
		}
	}
	m.cells = append(m.cells, code)
}

// Declarations implements [Memory].
func (m *plainMemory) Declarations() []string { return m.cells }
