package widget

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// Output is an area for what a program prints and shows elsewhere than below its cell, such as from the function of a
// click. It is an [io.Writer]: fmt.Fprintln(output, "clicked"). What is in it before it is shown is shown with it.
type Output struct {
	Layout Layout
	model

	changing sync.Mutex // one change at a time, so that the last one is the last on the page
	list     []any      // as a notebook holds outputs; guarded by model.mu
}

// keptText is how many bytes of neighbouring texts an Output shows: of more, the end.
const keptText = 64 << 10

// cut stands for the beginning of a text that is too long.
const cut = "… (the beginning is left out)\n"

// Write adds text, which is shown as it is. Of more than 64 KiB that are not interrupted by something shown, the last
// stay, behind a line that says so.
func (w *Output) Write(p []byte) (int, error) {
	text := strings.ToValidUTF8(string(p), "\ufffd")
	err := w.change(func(list []any) []any {
		if n := len(list); n > 0 {
			if last, ok := list[n-1].(map[string]any); ok && last["output_type"] == "stream" {
				before, _ := last["text"].(string)
				list, text = list[:n-1], before+text
			}
		}
		if len(text) > keptText {
			text = text[len(text)-keptText:]
			for !utf8.RuneStart(text[0]) {
				text = text[1:]
			}
			_, rest, _ := strings.Cut(text, "\n") // whole lines
			text = cut + rest
		}
		return append(list, map[string]any{"output_type": "stream", "name": "stdout", "text": text})
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// Show adds something in several forms by MIME type: text such as text/plain, text/html and image/svg+xml, pictures as
// base64, JSON as any value that encoding/json takes. It fails without any.
func (w *Output) Show(data map[string]any) error {
	if len(data) == 0 {
		return errors.New("an output needs data")
	}
	return w.change(func(list []any) []any {
		return append(list, map[string]any{"output_type": "display_data", "data": maps.Clone(data), "metadata": map[string]any{}})
	})
}

// Clear takes everything out of the area.
func (w *Output) Clear() error { return w.change(func([]any) []any { return []any{} }) }

// change changes the outputs, here and where the area is shown.
func (w *Output) change(how func(list []any) []any) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	w.mu.Lock()
	before := w.list
	w.list = how(slices.Clone(before))
	list, shown := w.list, w.opened
	w.mu.Unlock()
	if !shown {
		return nil
	}
	err := w.send(map[string]any{"outputs": list})
	if err != nil {
		w.mu.Lock()
		w.list = before
		w.mu.Unlock()
	}
	return err
}

func (w *Output) describe() (description, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := slices.Clone(w.list)
	if list == nil {
		list = []any{}
	}
	return description{class: classOutput, state: map[string]any{"outputs": list}, layout: w.Layout, about: link.Widget{}}, nil
}

// classOutput is the class of [Output].
const classOutput = "Output"
