package assist

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"sync"
)

// conn speaks the language server protocol with one server: JSON-RPC 2.0, each message behind its length. It answers
// what a server may ask with nothing, and passes over what it tells.
type conn struct {
	mu      sync.Mutex // of writing, and of what is below
	w       io.Writer
	next    int64
	waiting map[int64]chan answer
	err     error // why there is no connection any more
	gone    chan struct{}
}

// message is any message of JSON-RPC.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *failure        `json:"error,omitempty"`
}

// failure is the error of an answer.
type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return fmt.Sprintf("gopls: %s (%d)", f.Message, f.Code) }

// answer is what came back for a call.
type answer struct {
	result json.RawMessage
	err    error
}

// errGone is the error of calls to a server that ended.
var errGone = errors.New("gopls ended")

// maxMessage bounds what a server may send at once.
const maxMessage = 64 << 20

// newConn returns a connection over a server's standard input and output, and reads from it until it ends.
func newConn(w io.Writer, r io.Reader) *conn {
	c := &conn{w: w, waiting: map[int64]chan answer{}, gone: make(chan struct{})}
	go func() {
		err := c.read(bufio.NewReader(r))
		c.mu.Lock()
		c.err = fmt.Errorf("%w: %w", errGone, err)
		for id, ch := range c.waiting {
			ch <- answer{err: c.err}
			delete(c.waiting, id)
		}
		c.mu.Unlock()
		close(c.gone)
	}()
	return c
}

// read reads messages until one cannot be read.
func (c *conn) read(r *bufio.Reader) error {
	for {
		head, err := textproto.NewReader(r).ReadMIMEHeader()
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(head.Get("Content-Length"))
		if err != nil || n < 0 || n > maxMessage {
			return fmt.Errorf("a message of %q bytes", head.Get("Content-Length"))
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(r, body); err != nil {
			return err
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if err := json.Unmarshal(body, &m); err != nil {
			return err
		}
		switch {
		case m.Method != "" && m.ID != nil:
			if err := c.send(message{ID: m.ID, Result: nothing(m.Method, m.Params)}); err != nil {
				return err
			}
		case m.Method == "":
			c.deliver(m.message)
		}
	}
}

// nothing returns the answer to what a server asks. Each setting that it asks for is unset: it was told all at the
// start.
func nothing(method string, params json.RawMessage) json.RawMessage {
	if method == "workspace/configuration" {
		var asked struct {
			Items []json.RawMessage `json:"items"`
		}
		if json.Unmarshal(params, &asked) == nil {
			if list, err := json.Marshal(make([]any, len(asked.Items))); err == nil {
				return list
			}
		}
	}
	return json.RawMessage("null")
}

// deliver hands an answer to who waits for it.
func (c *conn) deliver(m message) {
	var id int64
	if json.Unmarshal(m.ID, &id) != nil {
		return
	}
	c.mu.Lock()
	ch, ok := c.waiting[id]
	delete(c.waiting, id)
	c.mu.Unlock()
	if !ok {
		return // nobody waits any more
	}
	if m.Error != nil {
		ch <- answer{err: m.Error}
		return
	}
	ch <- answer{result: m.Result}
}

// send writes a message.
func (c *conn) send(m message) error {
	m.Version = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	_, err = fmt.Fprintf(c.w, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// notify tells the server something.
func (c *conn) notify(method string, params any) error {
	return c.send(message{Method: method, Params: params})
}

// call asks the server, and reads the answer into result. When ctx ends first the server is told to give up.
func (c *conn) call(ctx context.Context, method string, params, result any) error {
	ch := make(chan answer, 1)
	c.mu.Lock()
	c.next++
	id := c.next
	c.waiting[id] = ch
	err := c.err
	c.mu.Unlock()
	if err != nil {
		return err
	}
	err = c.send(message{ID: json.RawMessage(strconv.FormatInt(id, 10)), Method: method, Params: params})
	if err != nil {
		return err
	}
	select {
	case a := <-ch:
		if a.err != nil || result == nil {
			return a.err
		}
		return json.Unmarshal(a.result, result)
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		_ = c.notify("$/cancelRequest", map[string]any{"id": id}) // an older answer is passed over anyway
		return ctx.Err()
	}
}
