package lab

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
)

// Refused does what has to be refused, shows why it was, and goes on. That it is not refused is an error, and so is any
// other failure.
//
//	lab.Refused(func() { items.Split(lab.KeepCopies) })
func Refused(do func()) {
	text := refusal(do)
	if text == "" {
		check(errors.New("it was to be refused, and was not"))
	}
	if !cell.Here() {
		fmt.Println(text)
		return
	}
	check(cell.Display(cell.Output{Data: map[string]any{"text/plain": text}}))
}

// refusal returns why something was refused, "" = it was not.
func refusal(do func()) (text string) {
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case *cell.Failure:
			var of *session.Error // a worker that is gone or a full disk refuses nothing
			if errors.As(failed.Err, &of) && of.Kind != failure.Call {
				panic(failed)
			}
			text = "refused: " + failed.Error()
		default:
			panic(failed) // no refusal, but a mistake
		}
	}()
	do()
	return ""
}
