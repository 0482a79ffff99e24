package front

import (
	"context"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// interrupt asks the cell that runs to end: its program may save first, a build is killed. The second time all is
// killed; await gives up on a GoNB that stays busy even so.
func (k *kernel) interrupt() {
	x := k.runningNow()
	if x == nil {
		return
	}
	kind := link.KindInterrupt
	x.mu.Lock()
	if x.interrupted.IsZero() {
		x.interrupted = time.Now()
	}
	if x.interrupts++; x.interrupts > 1 {
		kind = link.KindKill
		if x.killed.IsZero() {
			x.killed = time.Now()
		}
	}
	if x.hashing != nil {
		x.hashing()
	}
	x.mu.Unlock()
	k.asking.cancel()
	if !x.tell(kind) {
		k.interruptGoNB()
	}
	if kind == link.KindInterrupt {
		go x.tellSaving()
	}
}

// saving is what the user is told of a program that does not end soon when it is interrupted.
const saving = "the program was asked to stop and still runs, maybe to save: a second stop ends it at once\n"

// patience is how long a program may take to stop before the user is told.
const patience = 3 * time.Second

// tellSaving tells the user of a program that takes its time to stop.
func (x *execution) tellSaving() {
	select {
	case <-x.done:
		return
	case <-time.After(patience):
	}
	x.mu.Lock()
	tell := x.interrupts == 1
	x.mu.Unlock()
	if tell {
		x.out.write("stderr", saving)
	}
}

// tell sends a kind to all that runs for a cell, and reports whether there is something.
func (x *execution) tell(kind link.Kind) bool {
	m, err := link.New(kind, struct{}{})
	if err != nil {
		return false
	}
	var to []*link.Conn
	x.mu.Lock()
	for c, what := range x.connections {
		if what != "" {
			to = append(to, c)
		}
	}
	x.mu.Unlock()
	for _, c := range to {
		_ = c.Send(m) // one that is gone needs none
	}
	return len(to) > 0
}

// interruptGoNB passes an interrupt on to GoNB, for what it runs without a guard: the scripts of %%bash.
func (k *kernel) interruptGoNB() {
	c := k.current()
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, time.Second)
	defer cancel()
	if _, err := c.call(ctx, wire.Control, "interrupt_request", struct{}{}); err != nil {
		k.o.Log("interrupt: %v", err)
	}
}

// nudge repeats an interrupt that came when nothing ran yet, and gives up on a GoNB that stays busy by itself, or after
// the second interrupt.
func (k *kernel) nudge(x *execution, c *child) error {
	x.mu.Lock()
	interrupts, interrupted, killed := x.interrupts, x.interrupted, x.killed
	x.mu.Unlock()
	if interrupts == 0 {
		return nil
	}
	runs := hasChildren(c.cmd.Process.Pid)
	switch {
	case !killed.IsZero() && time.Since(killed) > k.o.Limits.Kill:
		return errStays
	case x.busy():
	case runs:
		k.interruptGoNB()
	case time.Since(interrupted) > k.o.Limits.Kill:
		return errStays
	}
	return nil
}

// busy reports whether something runs for the cell that can be interrupted.
func (x *execution) busy() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, what := range x.connections {
		if what != "" {
			return true
		}
	}
	return false
}

// quiet returns for how long nothing has run for the cell.
func (x *execution) quiet() time.Duration {
	if x.busy() {
		return 0
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Since(x.began)
}

// wasInterrupted reports whether the user has interrupted the cell.
func (x *execution) wasInterrupted() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.interrupts > 0
}
