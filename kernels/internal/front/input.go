package front

import (
	"encoding/json"
	"regexp"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// asking is the question that waits for the user's answer. There is one at a time.
type asking struct {
	turn sync.Mutex // held while a question waits

	mu     sync.Mutex
	id     string      // of the request; "" = none waits
	answer chan string // closed = there will be no answer
}

// cancel ends the wait for an answer.
func (a *asking) cancel() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.id != "" {
		a.id = ""
		close(a.answer)
	}
}

// ask asks the user for a line. none = nobody can type, or they interrupted the cell instead.
func (k *kernel) ask(x *execution, prompt string, password bool) (text string, none bool) {
	x.out.flush()
	if !x.AllowStdin {
		x.mu.Lock()
		x.asked, x.prompt = true, prompt
		x.mu.Unlock()
		return "", true
	}
	a := &k.asking
	a.turn.Lock()
	defer a.turn.Unlock()
	m, err := k.server.New("input_request", x.request.Head, map[string]any{"prompt": prompt, "password": password})
	if err != nil {
		return "", true
	}
	m.Identities = x.request.Identities
	answer := make(chan string, 1)
	a.mu.Lock()
	a.id, a.answer = m.Header.ID, answer
	a.mu.Unlock()
	defer a.cancel()
	if err := k.server.Send(wire.Stdin, m); err != nil {
		k.o.Log("input: %v", err)
		return "", true
	}
	select {
	case text, ok := <-answer:
		return text, !ok
	case <-x.done:
	case <-k.ctx.Done():
	}
	return "", true
}

// answered takes the user's answer. One to an earlier question is dropped: the cell that asked is over.
func (k *kernel) answered(r wire.Request) {
	var content struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(r.Content, &content); err != nil {
		k.o.Log("input: %v", err)
		return
	}
	a := &k.asking
	a.mu.Lock()
	defer a.mu.Unlock()
	// Some clients do not say what they answer.
	if id := r.ParentID(); a.id == "" || id != "" && id != a.id {
		return
	}
	a.id = ""
	a.answer <- content.Value // has room for it
}

// password matches the magic after which what is typed for a line for the shell is not shown.
var password = regexp.MustCompile(`(?m)^(?://gonb:)?%with_password\b`)

// hidden reports whether what the user types at a connection is not shown.
func (x *execution) hidden(c *link.Conn) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.connections[c] == "shell" && password.MatchString(x.Code)
}

// relayInput asks what GoNB asks for its commands %with_inputs and %with_password, unless what runs has a guard: that
// asks when there is a need.
func (k *kernel) relayInput(c *child, x *execution, m wire.Request) {
	var in struct {
		Prompt   string `json:"prompt"`
		Password bool   `json:"password"`
	}
	if err := json.Unmarshal(m.Content, &in); err != nil {
		k.o.Log("input: %v", err)
		return
	}
	if x.busy() {
		return
	}
	text, none := k.ask(x, in.Prompt, in.Password)
	if none { // GoNB knows no end of input: what waits for it is ended
		if !x.wasInterrupted() {
			k.interrupt()
		}
		return
	}
	answer, err := c.client.New("input_reply", m.Head, map[string]string{"value": text})
	if err == nil {
		err = c.client.Send(wire.Stdin, answer)
	}
	if err != nil {
		k.o.Log("input: %v", err)
	}
}
