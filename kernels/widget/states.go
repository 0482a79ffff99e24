package widget

import (
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// statesJSON holds what ipywidgets 8.1.9 and anywidget 0.11.0 send for each of their widgets as it is by default, by
// Python's class for widgets, where "style" is the name of the style's model, and by model for layouts and styles. It is
// made by testdata/record.py.
//
//go:embed states.json
var statesJSON []byte

// states returns the default states by name. They are not to be changed.
var states = sync.OnceValues(func() (all map[string]map[string]any, err error) {
	return all, link.Decode(statesJSON, &all)
})

// packed returns a comm's data with a state in it, and the state's binary values.
func packed(data, state map[string]any) (json.RawMessage, [][]byte, error) {
	rest, paths, buffers := link.Split(state)
	data["state"], data["buffer_paths"] = rest, paths
	raw, err := json.Marshal(data)
	return raw, buffers, err
}
