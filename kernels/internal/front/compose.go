package front

import "github.com/go-siamese/lab/kernels/internal/cells"

// compose makes of a cell what GoNB gets for it, and returns what GoNB would make something else of without a word.
// Without the lab's packages cells go to GoNB as they are.
func (k *kernel) compose(x *execution) []cells.Trap {
	x.program, x.cell = x.Code, cells.Parse(x.Code)
	traps := k.memory.Traps(x.cell)
	if len(traps) > 0 || k.o.Checkout == "" {
		return traps
	}
	var trap *cells.Trap
	if x.program, trap = k.memory.Program(x.cell, k.results); trap != nil {
		return []cells.Trap{*trap}
	}
	return nil
}
