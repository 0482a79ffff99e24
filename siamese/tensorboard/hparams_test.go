package tensorboard

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"testing"
)

// TestHParams compares the two values with those that TensorBoard's own messages give (tensorboard 2.21.0,
// Summary.Value with metadata.NULL_TENSOR, SerializeToString(deterministic=True)).
func TestHParams(t *testing.T) {
	const start = "0a1c5f68706172616d735f2f73657373696f6e5f73746172745f696e666f42060801120212004a4a0a480a0768706172616d" +
		"73123d1a3b0a150a086d6f6d656e74756d120911000000000000e03f0a0e0a086e65737465726f76120220010a120a096f70" +
		"74696d697a657212051a03736764"
	const end = "0a1a5f68706172616d735f2f73657373696f6e5f656e645f696e666f42060801120212004a110a0f0a0768706172616d7312" +
		"0422020802"
	w, err := newWriter(t.TempDir(), "x", clock(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.HParams(map[string]any{"optimizer": "sgd", "nesterov": true, "momentum": .5}, false); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []map[string]any{{"a": 1}, {"a": math.NaN()}, {"a": "\xff"}, {"\xff": 1.}, {"a": nil}} {
		if w.HParams(bad, true) == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(w.Path())
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"start": start, "end": end} {
		want, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(content, want) != 1 {
			t.Errorf("the file lacks the %s: %x", what, content)
		}
	}
}
