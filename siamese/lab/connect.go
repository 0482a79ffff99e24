package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
)

// stopped returns the context of the program: it ends when the cell is interrupted, or the program by Ctrl-C.
var stopped = sync.OnceValue(func() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	return ctx
})

// connected returns the connection to the session, which lasts as long as the program.
var connected = sync.OnceValues(func() (*session.Session, error) {
	return during("the session's worker", func(each func(session.Work)) (*session.Session, error) {
		return session.ConnectWith(stopped(), each)
	})
})

// Session returns the session that this package talks to, for what it has no function for.
func Session() *session.Session {
	s, err := connected()
	check(err)
	return s
}

// Values returns what the session keeps, the values used last first; `%session` lists them too.
func Values() []session.Listed {
	list, err := Session().Values(stopped())
	check(err)
	return list
}

// names are what options are called in this package, by their names in the library.
var names = map[string]string{"ID": "lab.ID", "Label": "lab.Label", "Domain": "lab.Domain", "Ignore": "lab.Ignore",
	"Keep": "lab.Keep", "Labels": "lab.Labels", "AllowMissing": "lab.AllowMissing", "Width": "lab.Size",
	"Height": "lab.Size", "SkipCorrupt": "lab.SkipCorrupt", "Val": "lab.Val", "Test": "lab.Test", "Seed": "lab.Seed",
	"HeldOut": "lab.HoldOut", "By": "lab.By", "Groups": "lab.Groups", "Near": "lab.Near", "Trials": "lab.Trials",
	"KeepCopies": "lab.KeepCopies", "Duplicates": "no lab.KeepCopies", "PairOptions.Same": "lab.Same",
	"Space": "lab.Among", "Sampler": "lab.Sampler", "At": "lab.At", "Judged": "lab.Judged", "Folds": "lab.Folds",
	"Details": "lab.Details", "CostFP": "lab.CostFP", "CostFN": "lab.CostFN", "Prior": "lab.Prior",
	"Guarantee": "lab.Guarantee", "Transductive": "lab.Transductive", "Models": "Compare", "Item": unnamed}

// unnamed is what an argument is called whose errors say it themselves.
const unnamed = "\x00"

// check ends the cell by an error, unless it is nil.
func check(err error) {
	if err == nil {
		return
	}
	words := option.Text(err, func(name string) string { return names[name] })
	text := errors.New(fromHere(strings.ReplaceAll(words, unnamed+": ", "")))
	hint := ""
	var failed *session.Error
	if errors.As(err, &failed) {
		switch failed.Kind {
		case failure.Gone:
			hint = "run the cell that made it again"
		case failure.Memory:
			hint = "use fewer items, smaller batches or smaller pictures"
		}
	}
	cell.Fail(text, hint)
}

// fromHere returns a text with paths as they are from the working directory, which is that of the notebook: a notebook
// that is passed on says nothing of the machine, and the same where it is executed again.
func fromHere(text string) string {
	dir, err := os.Getwd()
	if err != nil || len(dir) < 2 {
		return text
	}
	return strings.ReplaceAll(text, dir+string(filepath.Separator), "")
}

// result returns a value, or ends the cell by an error.
func result[T any](value T, err error) T {
	check(err)
	return value
}

// shown is what a handle of the session can do for a cell.
type shown interface {
	Display(ctx context.Context) error
	String() string
}

// display shows a handle in the cell, or prints it where there is none.
func display(h shown) {
	if !cell.Here() {
		fmt.Println(h)
		return
	}
	check(h.Display(stopped()))
}
