package front

import (
	"bytes"
	"encoding/json"
	"regexp"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// parents says for which cells GoNB's messages are: by the ids of the requests to it.
type parents struct {
	mu    sync.Mutex
	cells map[string]*execution
	order []string
}

// remembered is how many cells may still get late messages.
const remembered = 100

// add notes the id of the request to GoNB for a cell.
func (p *parents) add(id string, x *execution) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cells == nil {
		p.cells = map[string]*execution{}
	}
	p.cells[id] = x
	if p.order = append(p.order, id); len(p.order) > remembered {
		delete(p.cells, p.order[0])
		p.order = p.order[1:]
	}
}

// find returns the cell of an id, or nil.
func (p *parents) find(id string) *execution {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cells[id]
}

// status is how GoNB tells of a program that did not end well, since it has no other way.
var status = regexp.MustCompile(`\A(\^C\n)?(exit status \d+|signal: .+)\n\z`)

// relay passes on what GoNB publishes and asks, as an answer to the request that the front end has sent. Everything of
// declarations that are made again is dropped, and so is what the kernel says itself.
func (k *kernel) relay(c *child, m wire.Request) {
	x := k.parents.find(m.ParentID())
	if x == nil {
		return
	}
	x.mu.Lock()
	x.begun = true
	x.mu.Unlock()
	if m.Channel == wire.Stdin {
		if m.Header.Type == "input_request" {
			go k.relayInput(c, x, m)
		}
		return
	}
	switch m.Header.Type {
	case "status":
		var s struct {
			State string `json:"execution_state"`
		}
		if json.Unmarshal(m.Content, &s) == nil && s.State == "idle" {
			x.outputEnds()
		}
	case "execute_input", "error": // the kernel's own are others
	case "stream":
		var s struct{ Name, Text string }
		if err := json.Unmarshal(m.Content, &s); err != nil {
			return
		}
		if s.Name == "stderr" && status.MatchString(s.Text) {
			x.told(s.Text)
			return
		}
		if x.captured() && x.hasStarted() { // it is the guard's text again
			return
		}
		x.write(s.Name, s.Text)
	default:
		x.out.flush()
		m.Parent, m.Head, m.Identities = x.request.Head, nil, nil
		m.Header.ID = wire.NewID()
		if m.Header.Type == "execute_result" {
			m.Content = bytes.Clone(m.Content)
		}
		if err := k.server.Publish(m.Message); err != nil {
			k.o.Log("%s: %v", m.Header.Type, err)
			return
		}
		k.proofs.published(x.request.Head, m.Header.Type, m.Content)
	}
}

// capture matches the magic that has GoNB keep what a cell prints in a file.
var capture = regexp.MustCompile(`(?m)^(?://gonb:)?%capture\s`)

// test matches the magic that has GoNB run a cell's tests.
var test = regexp.MustCompile(`(?m)^(?://gonb:)?%test\b`)

// folder returns where the cell was built, "" = not known. x.mu is held.
func (x *execution) folder() (dir string) {
	for _, e := range x.ends {
		if e.Dir != "" {
			dir = e.Dir
		}
	}
	return dir
}

// captured reports whether GoNB keeps what the cell prints.
func (x *execution) captured() bool { return capture.MatchString(x.Code) }

// hasStarted reports whether the cell's program has begun.
func (x *execution) hasStarted() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.programs > 0
}

// write adds to what the cell prints.
func (x *execution) write(name, text string) {
	if name == "stderr" {
		x.mu.Lock()
		x.stderr = lastBytes(x.stderr+text, kept)
		x.mu.Unlock()
		text = x.context.Mark(text)
	} else if test.MatchString(x.Code) {
		x.mu.Lock()
		x.stdout = lastBytes(x.stdout+text, kept)
		folder := x.folder()
		x.mu.Unlock()
		text = x.context.MarkTest(text, folder)
	}
	x.out.write(name, text)
}

// lastBytes returns the end of a text, of n bytes or up to twice as many.
func lastBytes(text string, n int) string {
	if len(text) <= 2*n {
		return text
	}
	return text[len(text)-n:]
}

// outputEnds notes that GoNB has sent all output of a cell.
func (x *execution) outputEnds() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.idled {
		x.idled = true
		close(x.idle)
	}
}

// told notes what GoNB says of a program that did not end well. What has told its end itself counts more.
func (x *execution) told(text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gonb = text
}

// stream collects text and publishes it a few times a second: servers drop the messages of a cell that sends too many.
type stream struct {
	publish func(name, text string)

	mu    sync.Mutex
	name  string
	text  []byte
	timer *time.Timer
	last  time.Time // when something was published
}

// Bounds of what is collected.
const (
	gather     = 50 * time.Millisecond
	gatherSize = 64 << 10
)

// newStream returns a stream that publishes by a function.
func newStream(publish func(name, text string)) *stream { return &stream{publish: publish} }

// write adds text to one of the two outputs.
func (s *stream) write(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != s.name {
		s.flushLocked()
	}
	s.name = name
	s.text = append(s.text, text...)
	switch {
	case len(s.text) >= gatherSize || time.Since(s.last) >= gather:
		s.flushLocked()
	case s.timer == nil:
		s.timer = time.AfterFunc(gather, s.flush)
	}
}

// flush publishes what was collected.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushLocked()
}

// flushLocked is flush with the lock held.
func (s *stream) flushLocked() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if len(s.text) == 0 {
		return
	}
	s.publish(s.name, string(s.text))
	s.text, s.last = s.text[:0], time.Now()
}
