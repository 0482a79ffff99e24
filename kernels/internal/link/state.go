package link

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Split takes the binary values out of a state, as Jupyter sends it: from an object the key is left out, in a list null
// takes the place. paths say where each was. What is given stays as it is.
func Split(state map[string]any) (rest map[string]any, paths [][]any, buffers [][]byte) {
	paths = [][]any{} // an empty list, not null
	rest, _ = without(state, nil, &paths, &buffers).(map[string]any)
	return rest, paths, buffers
}

func without(v any, path []any, paths *[][]any, buffers *[][]byte) any {
	take := func(b []byte, last any) {
		*paths = append(*paths, append(slices.Clone(path), last))
		*buffers = append(*buffers, b)
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if b, ok := v[key].([]byte); ok {
				take(b, key)
				continue
			}
			out[key] = without(v[key], append(slices.Clone(path), key), paths, buffers)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			if b, ok := item.([]byte); ok {
				take(b, i)
				continue
			}
			out[i] = without(item, append(slices.Clone(path), i), paths, buffers)
		}
		return out
	}
	return v
}

// Join reads a state from JSON and puts the buffers in at their paths.
func Join(raw json.RawMessage, paths [][]any, buffers [][]byte) (map[string]any, error) {
	if len(paths) != len(buffers) {
		return nil, fmt.Errorf("%d paths of buffers and %d buffers", len(paths), len(buffers))
	}
	var state map[string]any
	if err := Decode(raw, &state); err != nil {
		return nil, err
	}
	if state == nil {
		state = map[string]any{}
	}
	for i, path := range paths {
		if err := put(state, path, buffers[i]); err != nil {
			return nil, fmt.Errorf("path %v of a buffer: %w", path, err)
		}
	}
	return state, nil
}

func put(at any, path []any, b []byte) error {
	for i, step := range path {
		last := i == len(path)-1
		switch v := at.(type) {
		case map[string]any:
			key, ok := step.(string)
			if !ok {
				return fmt.Errorf("%v is no key", step)
			}
			if last {
				v[key] = b
			}
			at = v[key]
		case []any:
			n, ok := step.(json.Number)
			index, err := n.Int64()
			if !ok || err != nil || index < 0 || index >= int64(len(v)) {
				return fmt.Errorf("%v is no place in a list of %d", step, len(v))
			}
			if last {
				v[index] = b
			}
			at = v[index]
		default:
			return fmt.Errorf("there is nothing at %v", step)
		}
	}
	if len(path) == 0 {
		return fmt.Errorf("it is empty")
	}
	return nil
}

// Decode reads one JSON value; numbers stay as they were written.
func Decode(raw json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON value")
	}
	return nil
}
