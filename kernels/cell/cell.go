// Package cell is what the program of a notebook's cell says to the lab's kernel: it shows pictures, tables and other
// things in the cell's output, changes what it has shown, clears the output, and asks the user for a line.
//
// Every function waits until the kernel has done what it asks, so that what a cell prints and what it shows come in the
// order in which it made them. Outside of the lab's kernel ([Here] is false) all return [ErrNoKernel].
//
// The package imports little, since it is linked into cells. Those who want plots and tables of the lab's results use
// siamese/show; widgets are in kernels/widget.
package cell

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// ErrNoKernel is the error outside of the lab's kernel, such as in a terminal or under another GoNB.
var ErrNoKernel = link.ErrNoKernel

// ErrNobody is the error of [Ask] where nobody can type: in `kernels run`, nbclient, papermill and the like. The cell
// fails when it ends, also if the program goes on.
var ErrNobody = errors.New("nobody can type: the notebook runs without a browser")

// Here reports whether the program runs in a cell of the lab's kernel.
func Here() bool { return os.Getenv(link.Env) != "" }

// Output is something to show, in several forms of which a front end takes the best that it can show.
type Output struct {
	// Data has the forms by MIME type: text such as text/plain, text/html, text/markdown and image/svg+xml as string,
	// pictures such as image/png and image/jpeg as []byte, JSON as any value that encoding/json takes.
	Data map[string]any
	// Metadata is about forms, by MIME type: map[string]int{"width": 300, "height": 200} for a picture. It may be nil.
	Metadata map[string]any
	// ID is a name under which [Update] finds it: see [NewID]. "" = it stays as it is.
	ID string
}

// Display shows an output below what the cell has printed and shown so far. A picture needs no text beside it, but one
// of text/plain is what a terminal and a screen reader get.
func Display(o Output) error { return show(o, false) }

// Update puts an output in the place of all that were shown with its ID, in this cell or in earlier ones.
func Update(o Output) error {
	if o.ID == "" {
		return errors.New("an update needs the ID of what was shown")
	}
	return show(o, true)
}

// show sends an output.
func show(o Output, update bool) error {
	if len(o.Data) == 0 {
		return errors.New("an output needs data")
	}
	_, err := call(link.KindDisplay, link.Display{Data: o.Data, Metadata: o.Metadata, ID: o.ID, Update: update})
	return err
}

// Clear clears the cell's output. With wait it does so when the next output comes, which does not flicker.
func Clear(wait bool) error {
	_, err := call(link.KindClear, link.Clear{Wait: wait})
	return err
}

// Ask asks the user for a line of text, without its end. prompt stands before it.
func Ask(prompt string) (string, error) { return ask(link.Input{Prompt: prompt}) }

// AskPassword asks as [Ask] does, and what the user types is not shown.
func AskPassword(prompt string) (string, error) {
	return ask(link.Input{Prompt: prompt, Password: true})
}

// ask asks the user.
func ask(in link.Input) (string, error) {
	m, err := call(link.KindInput, in)
	if err != nil {
		return "", err
	}
	var v link.Value
	if err := json.Unmarshal(m.Body, &v); err != nil {
		return "", fmt.Errorf("the user's answer: %w", err)
	}
	if v.None {
		return "", ErrNobody
	}
	return v.Text, nil
}

// NewID returns an ID that no other output has.
func NewID() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// kernel returns the connection to the kernel, which lasts as long as the program.
var kernel = sync.OnceValues(func() (*link.Caller, error) {
	conn, err := link.Dial()
	if err != nil {
		return nil, err
	}
	return link.NewCaller(conn, nil), nil
})

// call asks the kernel.
func call(kind link.Kind, body any) (link.Message, error) {
	k, err := kernel()
	if err != nil {
		return link.Message{}, err
	}
	return k.Call(kind, body)
}
