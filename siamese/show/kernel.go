package show

import (
	"fmt"
	"os"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/go-siamese/lab/data/quote"
	lab "github.com/go-siamese/lab/kernels/cell"
)

// inNotebook reports whether there is a notebook to show things in: by the lab's kernel, or by a GoNB without it.
func inNotebook() bool { return here() || gonbui.IsNotebook }

// here reports whether the lab's kernel runs the program.
func here() bool { return lab.Here() }

// newID returns an id for an output that is updated.
func newID() string { return lab.NewID() }

// displayInCell and updateInCell give an output to the lab's kernel; tests put others in their places.
var displayInCell, updateInCell = lab.Display, lab.Update

// updated has the ids of what was shown and can be updated.
var updated sync.Map

// inCell shows an output by the lab's kernel, which keeps its place among what the cell prints. One that the kernel
// does not take is told: nothing that was to be seen is missing in silence.
func inCell(o Output, id string) {
	message := o.message("")
	out := lab.Output{Data: map[string]any{}, Metadata: message.Metadata, ID: id}
	for mime, content := range message.Data {
		out.Data[string(mime)] = content
	}
	give := displayInCell
	if id != "" {
		if _, before := updated.LoadOrStore(id, true); before {
			give = updateInCell
		}
	}
	if err := give(out); err != nil {
		fmt.Fprintln(os.Stderr, "this output cannot be shown:", quote.Error(err))
	}
}
