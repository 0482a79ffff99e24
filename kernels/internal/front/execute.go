package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/cells"
	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/problem"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code        string                     `json:"code"`
	Silent      bool                       `json:"silent"`
	Store       bool                       `json:"store_history"`
	Expressions map[string]json.RawMessage `json:"user_expressions"`
	AllowStdin  bool                       `json:"allow_stdin"`
	StopOnError bool                       `json:"stop_on_error"`
}

// executeReply is the content of GoNB's execute_reply, as far as it counts.
type executeReply struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// execution is a cell that runs, or has run.
type execution struct {
	executeRequest
	request wire.Request
	cell    cells.Cell    // what its code says
	program string        // what GoNB gets for it
	count   int           // its execution count
	done    chan struct{} // closed when it is over
	out     *stream       // its text, to be published
	context problem.Context
	proof   *proof        // of its receipt; nil = it has none
	idle    chan struct{} // closed when GoNB has sent all of its output

	mu          sync.Mutex
	interrupts  int                // how often the user has interrupted it
	hashing     context.CancelFunc // gives up what is hashed for its receipt; nil = it runs still
	ends        []ended
	programs    int                   // how many programs have begun, builds and lines for the shell left out
	interrupted time.Time             // when the user interrupted it first
	killed      time.Time             // when they did so for the second time
	connections map[*link.Conn]string // what each says that it runs; "" = nothing yet
	asked       bool                  // it asked for input, and there is nobody
	prompt      string                // what it asked
	gonb        string                // what GoNB says of a program that failed
	stderr      string                // the end of what it wrote there
	stdout      string                // likewise, of a cell's tests
	began       time.Time             // when something last ran for it, or it began
	begun       bool                  // GoNB has begun with it
	idled       bool
}

// ended is how something that ran for a cell ended.
type ended struct {
	what string // as in link.Start
	link.End
}

// execute executes cells one after the other until the queue is closed.
func (k *kernel) execute() {
	count := 0
	var pinged time.Time
	for {
		c, err := k.compiler()
		gone := make(<-chan struct{})
		if err == nil {
			gone = c.done
		}
		r, got, open := k.work.take(gone, k.o.Limits.Ping)
		switch {
		case !open:
			return
		case got:
			count = k.cell(r, count)
			pinged = time.Now()
		case err == nil && time.Since(pinged) >= k.o.Limits.Ping:
			k.ping()
			pinged = time.Now()
		}
	}
}

// cell answers one execute_request. count is that of the cell before; it returns its own.
func (k *kernel) cell(r wire.Request, count int) int {
	x := &execution{request: r, done: make(chan struct{}), idle: make(chan struct{}), began: time.Now(),
		connections: map[*link.Conn]string{}}
	x.executeRequest = executeRequest{AllowStdin: true, StopOnError: true, Store: true}
	if err := json.Unmarshal(r.Content, &x.executeRequest); err != nil {
		k.around(r, func() { k.fail(r, "BadRequest", "the request cannot be read: "+err.Error()) })
		return count
	}
	x.Store = x.Store && !x.Silent
	empty := strings.TrimSpace(x.Code) == ""
	if x.Store && !empty {
		count++
	}
	x.count = count
	x.context = problem.Context{Cell: problem.Cell{Number: count, Code: x.Code}, Earlier: k.cells}
	x.out = newStream(func(name, text string) {
		_ = k.publish(r.Head, "stream", streamed{name, text}, nil, nil)
	})
	k.proofs.begin(k.ctx, x)
	k.setRunning(x)
	k.status(r.Head, "busy")
	var failed *Problem
	if !empty {
		if !x.Silent {
			_ = k.publish(r.Head, "execute_input", map[string]any{"code": x.Code, "execution_count": count}, nil, nil)
		}
		if x.Store {
			if err := k.history.add(count, x.Code); err != nil {
				k.o.Log("history: %v", err)
			}
		}
		k.beginWidgets(x)
		failed = k.runCell(x)
		k.remember(x)
		x.out.flush()
		k.endWidgets(x)
	}
	var behind []wire.Request // what is queued behind a failure
	if failed != nil && x.StopOnError {
		behind = k.work.fail(k.o.Limits.Moment)
	}
	k.answer(x, failed)
	close(x.done)
	k.setRunning(nil)
	for _, r := range behind {
		k.abort(r)
	}
	return count
}

// answer sends the reply of a cell.
func (k *kernel) answer(x *execution, failed *Problem) {
	content := map[string]any{"status": "ok", "execution_count": x.count, "payload": []any{},
		"user_expressions": expressions(x.Expressions)}
	if failed != nil {
		failure := map[string]any{"ename": failed.Name, "evalue": failed.Value, "traceback": failed.Traceback}
		if !x.Silent {
			_ = k.publish(x.request.Head, "error", failure, nil, nil)
		}
		failure["status"], failure["execution_count"] = "error", x.count
		failure["user_expressions"], failure["payload"] = map[string]any{}, []any{}
		content = failure
	}
	k.replyWith(x.request, "execute_reply", content, k.proofs.end(k.ctx, x))
}

// abort answers a request that was queued behind a failure.
func (k *kernel) abort(r wire.Request) {
	k.status(r.Head, "busy")
	k.reply(r, "execute_reply", map[string]string{"status": "aborted"})
	k.idle(r.Head)
}

// expressions answers user_expressions: a cell is a program of its own, so that there is nothing to evaluate them in.
func expressions(asked map[string]json.RawMessage) map[string]any {
	answers := map[string]any{}
	for name := range asked {
		answers[name] = map[string]any{"status": "error", "ename": "NotSupported",
			"evalue": "this kernel evaluates no expressions", "traceback": []string{}}
	}
	return answers
}

// runCell has GoNB execute a cell and returns what went wrong, or nil. A GoNB that was gone when it got the cell has done
// nothing for it: then a new one gets it.
func (k *kernel) runCell(x *execution) *Problem {
	if k.o.Ready != nil {
		if why, hint := k.o.Ready(); why != "" {
			p := problem.Plain("KernelError", why, hint)
			return &p
		}
	}
	traps := k.compose(x)
	if len(traps) > 0 {
		p := x.context.Refused(traps[0].Line, traps[0].What, traps[0].Mend)
		return &p
	}
	r, err := k.give(x)
	if err != nil && !x.taken() && !x.wasInterrupted() && k.ctx.Err() == nil {
		r, err = k.give(x)
	}
	switch {
	case err == nil:
		return k.judge(x, r)
	case k.ctx.Err() != nil:
		return failure("Stopped", "the kernel was shut down")
	case x.wasInterrupted():
		return x.interruptedProblem()
	}
	hint := ""
	if errors.Is(err, errEnded) {
		hint = "it is started again, with what earlier cells have declared: run this cell again"
	}
	p := problem.Plain("KernelError", err.Error(), hint)
	return &p
}

// give gives a cell to GoNB and returns its reply. An error says why there is none; that GoNB is gone then.
func (k *kernel) give(x *execution) (wire.Request, error) {
	c, err := k.compiler()
	if err != nil {
		return wire.Request{}, err
	}
	m, err := c.client.New("execute_request", nil, executeRequest{Code: k.withValues(x.program), Store: x.Store,
		AllowStdin: x.AllowStdin})
	if err != nil {
		return wire.Request{}, err
	}
	if k.notice != "" {
		x.write("stderr", k.notice)
		k.notice = ""
	}
	k.parents.add(m.Header.ID, x)
	reply, err := c.ask(wire.Shell, m)
	var r wire.Request
	if err == nil {
		r, err = k.await(x, c, reply)
	}
	if err != nil {
		k.dropChild(err)
		return wire.Request{}, fmt.Errorf("%w (%w)", errEnded, err)
	}
	return r, nil
}

// taken reports whether GoNB has begun with the cell.
func (x *execution) taken() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.begun
}

// Why a GoNB that runs a cell is given up.
var (
	errHangs = errors.New("it runs nothing and does not answer")
	errStays = errors.New("it did not stop when it was interrupted")
)

// await waits for the reply to a cell and all of its output, and gives up on a GoNB that hangs.
func (k *kernel) await(x *execution, c *child, reply <-chan wire.Request) (wire.Request, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	misses := 0
	for checked := time.Now(); ; {
		select {
		case r := <-reply:
			select {
			case <-x.idle:
			case <-c.done:
			case <-time.After(k.o.Limits.Kill): // it never takes so long
			}
			k.settle(x)
			return r, nil
		case <-c.done:
			return wire.Request{}, c.why(wire.ErrGone)
		case <-k.ctx.Done():
			return wire.Request{}, k.ctx.Err()
		case <-tick.C:
		}
		if err := k.nudge(x, c); err != nil {
			return wire.Request{}, err
		}
		if time.Since(checked) < k.o.Limits.Idle/6 {
			continue
		}
		checked = time.Now()
		if c.client.Beat(k.o.Limits.Idle / 6) {
			misses = 0
		} else if misses++; misses == 3 {
			return wire.Request{}, errHangs
		}
		if x.quiet() > k.o.Limits.Idle && !hasChildren(c.cmd.Process.Pid) {
			return wire.Request{}, errHangs
		}
	}
}
