package tensorboard

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Tags and states of the plugin hparams (tensorboard/plugins/hparams).
const (
	hparamsStart = "_hparams_/session_start_info"
	hparamsEnd   = "_hparams_/session_end_info"
	succeeded    = 1
	failed       = 2
)

// HParams says by which hyper-parameters the run was made, and that it is over, for TensorBoard's table and plots of
// runs. Values are texts, truths or numbers; other kinds, a name or a text that is not UTF-8 and a number that is not
// finite are errors, besides those of [Writer.Scalar]. It is called once for a run.
func (w *Writer) HParams(values map[string]any, success bool) error {
	var start []byte
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value, err := hparam(values[name])
		if err != nil || !utf8.ValidString(name) {
			return fmt.Errorf("tensorboard: hyper-parameter %q: %v is no text, truth or finite number, or not UTF-8", name,
				values[name])
		}
		entry := appendBytes(appendBytes(nil, 1, []byte(name)), 2, value)
		start = appendBytes(start, 1, entry)
	}
	status := uint64(failed)
	if success {
		status = succeeded
	}
	if err := w.add("hyper-parameters", hparamsStart, 0, hparamsValue(hparamsStart, 3, start)); err != nil {
		return err
	}
	return w.add("hyper-parameters", hparamsEnd, 0, hparamsValue(hparamsEnd, 4, appendVarint(nil, 1, status)))
}

// hparam returns a google.protobuf.Value (struct.proto).
func hparam(value any) ([]byte, error) {
	switch v := value.(type) {
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return appendDouble(nil, 2, v), nil
		}
	case string:
		if utf8.ValidString(v) {
			return appendBytes(nil, 3, []byte(v)), nil
		}
	case bool:
		return appendVarint(nil, 4, protowire.EncodeBool(v)), nil
	}
	return nil, fmt.Errorf("no value of a hyper-parameter: %v", value)
}

// hparamsValue returns a Summary.Value whose metadata hold an HParamsPluginData with one field, and whose tensor, which
// nobody reads, is empty.
func hparamsValue(tag string, field protowire.Number, content []byte) []byte {
	const typeFloat = 1
	plugin := appendBytes(appendBytes(nil, 1, []byte("hparams")), 2, appendBytes(nil, field, content))
	shape := appendBytes(nil, 2, nil) // one dimension of size 0
	b := appendBytes(nil, 1, []byte(tag))
	b = appendBytes(b, 8, appendBytes(appendVarint(nil, 1, typeFloat), 2, shape))
	return appendBytes(b, 9, appendBytes(nil, 1, plugin))
}
