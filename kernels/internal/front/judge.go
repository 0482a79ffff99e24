package front

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/problem"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// Problem is why a cell failed, as a front end shows it.
type Problem = problem.Problem

// known is how many cells problems know of: names and lines of earlier ones are looked for in them.
const known = 500

// remember keeps a cell for the problems of later ones. Only the goroutine that executes calls it.
func (k *kernel) remember(x *execution) {
	if x.Store {
		k.cells = append(slices.Clip(k.cells[max(0, len(k.cells)-known+1):]), x.context.Cell)
	}
}

// judge returns why a cell failed, from GoNB's reply to it and from how its programs ended; nil = it did not.
func (k *kernel) judge(x *execution, r wire.Request) *Problem {
	var reply executeReply
	if err := json.Unmarshal(r.Content, &reply); err != nil {
		k.memory.Fail(x.cell)
		return failure("KernelError", "GoNB's reply cannot be read: "+err.Error())
	}
	if reply.Status == "ok" { // so it is when a program has failed: the cell compiled
		k.memory.Add(x.cell)
	} else { // its magics have run
		k.memory.Tried(x.cell)
	}
	switch {
	case k.assist == nil:
	case reply.Status == "ok":
		k.assist.Executed(x.cell)
	default:
		k.assist.Tried(x.cell)
	}
	p := k.why(x, reply)
	went := p == nil
	if went {
		k.memory.Keep(x.cell)
	} else if p.Name != "CompileError" && p.Name != "SyntaxError" { // nothing of those has run
		k.memory.Fail(x.cell)
	}
	if k.assist != nil && reply.Status == "ok" {
		k.assist.Ended(x.cell, went)
	}
	if p != nil {
		k.o.Log("cell %d: %s: %s", x.count, p.Name, p.Value)
	}
	return p
}

// why is judge with a reply that was read.
func (k *kernel) why(x *execution, reply executeReply) *Problem {
	x.mu.Lock()
	ends, asked, prompt, gonb, stderr := x.ends, x.asked, x.prompt, x.gonb, x.stderr
	stdout, folder := x.stdout, x.folder()
	x.mu.Unlock()
	c := x.context
	for _, e := range ends {
		asked = asked || e.Read
	}
	switch {
	case asked && !x.AllowStdin:
		p := c.NoInput(prompt)
		return &p
	case x.wasInterrupted():
		return x.interruptedProblem()
	}
	// A line for the shell that failed comes before the program, which GoNB builds and runs all the same.
	for _, e := range ends {
		if e.Status == 0 && e.Signal == "" {
			continue
		}
		var p Problem
		if e.what == "build" {
			p = c.Compile(e.Text, e.Dir)
		} else if tested, ok := c.Test(stdout, folder); ok && e.what == "program" && e.Status == 1 { // 2 is a panic's
			p = tested
		} else {
			p = c.Program(e.what, e.End, stderr)
		}
		return &p
	}
	switch {
	case reply.Status != "ok" && strings.Contains(reply.Value, ".go:"): // GoNB's parser
		p := c.Compile(reply.Value, "")
		return &p
	case reply.Status != "ok":
		return failure("CellError", reply.Value)
	case gonb != "": // a script, which runs without a guard, or a guard that was killed: it ends well otherwise
		p := c.Script(strings.TrimSpace(gonb), stderr)
		return &p
	}
	return nil
}

// failure returns a problem without a place.
func failure(name, value string) *Problem {
	p := problem.Plain(name, value, "")
	return &p
}

// interruptedProblem is the problem of a cell that the user has ended.
func (x *execution) interruptedProblem() *Problem {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.context.Interrupted(x.interrupts > 1)
	return &p
}
