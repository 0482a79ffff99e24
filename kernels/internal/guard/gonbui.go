package main

import (
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/sys/unix"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// gonbui is the way of what a program displays by GoNB's own package of that name: a named pipe in the place of GoNB's,
// since GoNB keeps no order between that and what is printed. What has no id goes to the kernel after all that was
// printed before, and a question waits until the program reads the answer; the rest (updates, GoNB's widgets) goes on to
// GoNB, in its order.
type gonbui struct {
	k           *kernel
	out         *output
	in          *input // nil = the program reads something else
	path, gonb  string // of our pipe, and of GoNB's
	read, write *os.File
	done        chan struct{}
}

func init() { // as GoNB registers them
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// newGonbui makes the pipe; nil = GoNB has none, or keeps what the program displays (echo).
func newGonbui(k *kernel, out *output, in *input, echo bool) (*gonbui, error) {
	g := &gonbui{k: k, out: out, in: in, gonb: os.Getenv(protocol.GONB_PIPE_ENV), done: make(chan struct{})}
	if g.gonb == "" || echo {
		return nil, nil
	}
	g.path = filepath.Join(filepath.Dir(os.Getenv(link.Env)), fmt.Sprintf("gonbui-%d", os.Getpid()))
	if err := os.Remove(g.path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if err := unix.Mkfifo(g.path, 0o600); err != nil {
		return nil, os.NewSyscallError("mkfifo", err)
	}
	var err error
	if g.read, err = os.OpenFile(g.path, os.O_RDONLY|unix.O_NONBLOCK, 0); err != nil {
		return nil, err
	}
	// Held open, so that the pipe has no end before the program has.
	if g.write, err = os.OpenFile(g.path, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	go g.pass()
	return g, nil
}

// environment returns what the program needs to find the pipe.
func (g *gonbui) environment() []string {
	if g == nil {
		return nil
	}
	return []string{protocol.GONB_PIPE_ENV + "=" + g.path}
}

// pass passes on what the program displays, until the pipe's end.
func (g *gonbui) pass() {
	defer close(g.done)
	from := gob.NewDecoder(g.read)
	var to *gob.Encoder
	for {
		var data protocol.DisplayData
		if from.Decode(&data) != nil {
			return
		}
		g.out.drain()
		if asked, ok := data.Data[protocol.MIMEJupyterInput].(protocol.InputRequest); ok && g.in != nil {
			g.in.wanted.Store(&link.Input{Prompt: asked.Prompt, Password: asked.Password})
			continue
		}
		if data.DisplayID == "" && !special(data) {
			show := link.Display{Data: map[string]any{}, Metadata: data.Metadata}
			for mime, content := range data.Data {
				show.Data[string(mime)] = content
			}
			if _, err := g.k.Call(link.KindDisplay, show); err == nil {
				continue
			}
		}
		if to == nil {
			pipe, err := os.OpenFile(g.gonb, os.O_WRONLY, 0)
			if err != nil {
				return
			}
			defer pipe.Close()
			to = gob.NewEncoder(pipe)
		}
		if to.Encode(data) != nil {
			return
		}
	}
}

// special reports whether data is not to be shown, but is of GoNB's widgets and questions.
func special(data protocol.DisplayData) bool {
	for _, mime := range []protocol.MIMEType{protocol.MIMEJupyterInput, protocol.MIMECommValue,
		protocol.MIMECommSubscribe} {
		if _, ok := data.Data[mime]; ok {
			return true
		}
	}
	return false
}

// close passes on what an ended program has left, and removes the pipe.
func (g *gonbui) close() {
	if g == nil {
		return
	}
	_ = g.write.Close()
	<-g.done
	_ = g.read.Close()
	_ = os.Remove(g.path)
}
