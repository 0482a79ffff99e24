package show

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	lab "github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/history"
)

// TestInCell: under the lab's kernel a picture has MIME types of its own and its size, text has none of HTML's, and a
// bar of progress is updated in place.
func TestInCell(t *testing.T) {
	var got []string
	var outputs []lab.Output
	note := func(kind string) func(lab.Output) error {
		return func(o lab.Output) error {
			got, outputs = append(got, kind), append(outputs, o)
			return nil
		}
	}
	show, update := displayInCell, updateInCell
	displayInCell, updateInCell = note("display"), note("update")
	defer func() { displayInCell, updateInCell = show, update }()
	t.Setenv("SIAMESE_KERNEL", "/a/socket")
	if err := Image("title", picture()); err != nil {
		t.Fatal(err)
	}
	progress := Progress()
	for epoch := range 3 {
		progress(history.Progress{Epoch: epoch + 1, Epochs: 3, Step: 1, Steps: 1})
	}
	if diff := cmp.Diff([]string{"display", "display", "update", "update"}, got[len(got)-4:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, o := range outputs {
		png, isPicture := o.Data["image/png"].([]byte)
		_, hasText := o.Data["text/plain"].(string)
		_, hasHTML := o.Data["text/html"]
		if !hasText || isPicture == hasHTML || isPicture && (len(png) == 0 || o.Metadata["image/png"] == nil) {
			t.Errorf("output %d: %v, metadata %v", i, o.Data, o.Metadata)
		}
	}
	bar := outputs[len(outputs)-3:]
	if bar[0].ID == "" || bar[0].ID != bar[1].ID || bar[0].ID != bar[2].ID {
		t.Errorf("ids %q, %q, %q", bar[0].ID, bar[1].ID, bar[2].ID)
	}
}
