package main

import (
	"bytes"
	"os"
	"sync"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Bounds of what the guard keeps of a program's output. A program that prints faster than the kernel takes it waits.
const (
	maxKept = 1 << 20   // bytes that wait to be sent
	maxSent = 256 << 10 // bytes of one message
	maxLine = 1 << 10   // bytes of a line without an end that may be a prompt
)

// held is how long a line without an end waits for its end, or for the program to read input: then it is the prompt.
const held = 100 * time.Millisecond

// chunk is a piece of one stream: 0 is standard output, 1 is standard error.
type chunk struct {
	stream int
	data   []byte
}

// names of the streams, as Jupyter knows them.
var names = [2]string{"stdout", "stderr"}

// output is what a program prints, on its way to the kernel: the pump reads the program's pipes and adds to it, another
// goroutine sends.
type output struct {
	k    *kernel
	echo bool // all is printed again by the guard: see [link.Started]
	pump pump

	mu      sync.Mutex
	changed *sync.Cond
	chunks  []chunk       // what is to be sent, in the program's order
	size    int           // of it in bytes
	added   uint64        // bytes that were ever added
	sent    uint64        // bytes of them that were sent or taken for a prompt
	force   uint64        // up to here nothing is held back
	partial time.Time     // since when there is a line without an end
	line    []byte        // the line without an end that was added last, its first bytes
	of      int           // its stream
	asking  bool          // a prompt is wanted: the last line stays
	begun   chan struct{} // has a token when a line without an end has begun: it may be a prompt
	closed  bool          // nothing will be added
	done    chan struct{}
	words   lastWords
	text    [2]runes
}

// newOutput makes the pipes for a program. It is to be started when the program has them.
func newOutput(k *kernel, echo bool) (*output, error) {
	o := &output{k: k, echo: echo, done: make(chan struct{}), begun: make(chan struct{}, 1)}
	o.changed = sync.NewCond(&o.mu)
	return o, o.pump.open(o.add)
}

// start begins to read what the program prints, and to send it.
func (o *output) start() {
	for i := range o.pump.pipes {
		o.pump.pipes[i].write.Close() // the program has it
	}
	go o.send()
	go func() {
		o.pump.run()
		o.mu.Lock()
		o.closed = true
		o.mu.Unlock()
		o.changed.Broadcast()
	}()
}

// add takes what was read from a stream. It waits while too much is kept.
func (o *output) add(stream int, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.size > maxKept {
		o.changed.Wait()
	}
	if stream == 1 {
		data = o.words.take(data, time.Now())
	}
	o.keep(stream, data)
	o.changed.Broadcast()
}

// keep puts data behind what is to be sent. The lock is held.
func (o *output) keep(stream int, data []byte) {
	if len(data) == 0 {
		return
	}
	line := data
	at := bytes.LastIndexAny(data, "\r\n")
	if at >= 0 || o.of != stream || len(o.line) == 0 {
		o.line, o.of, o.partial = nil, stream, time.Now()
		line = data[at+1:]
		if len(line) > 0 {
			select {
			case o.begun <- struct{}{}:
			default:
			}
		}
	}
	o.line = append(o.line, line[:min(len(line), maxLine)]...)
	if n := len(o.chunks); n > 0 && o.chunks[n-1].stream == stream && len(o.chunks[n-1].data) < maxSent {
		o.chunks[n-1].data = append(o.chunks[n-1].data, data...)
	} else {
		o.chunks = append(o.chunks, chunk{stream, bytes.Clone(data)})
	}
	o.size += len(data)
	o.added += uint64(len(data))
}

// send sends what was added to the kernel, in order, each message when the one before it was dealt with.
func (o *output) send() {
	defer close(o.done)
	for {
		c, ok := o.next()
		if !ok {
			for i := range o.text {
				o.tell(i, o.text[i].rest())
			}
			return
		}
		o.tell(c.stream, o.text[c.stream].whole(c.data))
		o.mu.Lock()
		o.sent += uint64(len(c.data))
		o.mu.Unlock()
		o.changed.Broadcast()
	}
}

// tell sends a text.
func (o *output) tell(stream int, text string) {
	if text != "" {
		// A kernel that is gone has the program killed: see obey.
		_, _ = o.k.Call(link.KindOutput, link.Output{Name: names[stream], Text: text})
		if o.echo {
			_, _ = [2]*os.File{os.Stdout, os.Stderr}[stream].WriteString(text)
		}
	}
}

// next waits for a piece that may be sent. false = there will be none.
func (o *output) next() (chunk, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		n, wait := o.ready(time.Now())
		switch {
		case n > 0:
			c := o.chunks[0]
			c.data = c.data[:n]
			if o.chunks[0].data = o.chunks[0].data[n:]; len(o.chunks[0].data) == 0 {
				o.chunks = o.chunks[1:]
			}
			o.size -= n
			o.changed.Broadcast()
			return c, true
		case o.closed && len(o.chunks) == 0 && !o.words.are():
			return chunk{}, false
		case wait > 0:
			time.AfterFunc(wait, o.changed.Broadcast)
		}
		o.changed.Wait()
	}
}

// ready returns how many bytes of the first piece may be sent; if none, how long to wait before asking again, where 0 =
// until something changes. The lock is held.
func (o *output) ready(now time.Time) (n int, wait time.Duration) {
	if o.words.are() && !o.closed {
		if wait = o.words.until(now); wait <= 0 {
			o.keep(1, o.words.release()) // it goes on: these were not its last words
			wait = 0
		}
	}
	if len(o.chunks) == 0 {
		return 0, wait
	}
	data := o.chunks[0].data
	n = min(len(data), maxSent)
	if len(o.chunks) > 1 || o.closed || len(data) > maxSent {
		return n, 0
	}
	if o.force > o.sent {
		return int(min(uint64(n), o.force-o.sent)), 0
	}
	whole := bytes.LastIndexAny(data, "\r\n") + 1
	if whole == len(data) || len(data)-whole > maxLine {
		return n, 0
	}
	left := held - now.Sub(o.partial)
	if left <= 0 && !o.asking {
		return n, 0
	}
	if whole > 0 {
		return whole, 0
	}
	if o.asking {
		return 0, wait
	}
	if wait == 0 || left < wait {
		wait = left
	}
	return 0, wait
}

// stop ends the reading, whoever still could write.
func (o *output) stop() { o.pump.stop() }

// drain returns when the kernel has all that the program has printed until now.
func (o *output) drain() {
	o.pump.drain()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.force = o.added
	o.changed.Broadcast()
	for to := o.added; o.sent < to; {
		o.changed.Wait()
	}
}

// prompt returns the line without an end that the program printed last. What came before it is sent first; the line
// itself is not, unless it was already or restore is called.
func (o *output) prompt() (line string, restore func()) {
	o.pump.drain()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asking = true
	o.changed.Broadcast()
	for !o.closed && (o.size > len(o.line) || o.sent+uint64(o.size) != o.added) {
		o.changed.Wait()
	}
	o.asking = false
	line = valid(o.line)
	restore = func() {}
	if len(o.chunks) == 1 && o.size <= len(o.line) && !o.closed {
		kept := o.chunks[0]
		o.chunks, o.sent, o.size = nil, o.sent+uint64(o.size), 0
		restore = func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.keep(kept.stream, kept.data)
			o.force = o.added
			o.changed.Broadcast()
		}
	}
	o.line = nil // it is not the prompt of what follows
	o.changed.Broadcast()
	return line, restore
}

// finish waits until everything is sent that an ended program, and what it left behind, has printed. It returns the
// last words of Go's runtime where the program crashed; they are not sent.
func (o *output) finish(crashed bool) string {
	o.mu.Lock()
	for !o.closed {
		o.changed.Wait()
	}
	var text string
	if words := o.words.release(); crashed {
		text = valid(words)
	} else {
		o.keep(1, words)
	}
	o.mu.Unlock()
	o.changed.Broadcast()
	<-o.done
	return text
}
