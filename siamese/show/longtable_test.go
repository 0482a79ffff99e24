package show

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/config"
)

// TestLongFrame: a long frame scrolls, its plain text is short, and names of items stay text.
func TestLongFrame(t *testing.T) {
	f := &data.Frame{Columns: []string{"a"}, Blocks: []data.Block{{Name: "x", Start: 0, End: 1}}}
	for i := range 40 {
		f.IDs = append(f.IDs, "</script><b>"+strconv.Itoa(i))
		f.X = append(f.X, float32(i))
	}
	out := FrameOutputs(f, 30)
	if len(out) != 1 || strings.Count(out[0].HTML, "<tr>") != 31 || strings.Count(out[0].HTML, "</script>") != 1 ||
		strings.Contains(out[0].HTML, "<b>") {
		t.Errorf("HTML %s", out[0].HTML)
	}
	if !strings.Contains(out[0].Text, "and 20 rows more") || strings.Contains(out[0].Text, "<b>10") {
		t.Errorf("text %s", out[0].Text)
	}
	if short := FrameOutputs(f, 10); strings.Contains(short[0].HTML, "<script>") {
		t.Errorf("a short table has a script: %s", short[0].HTML)
	}
}

// TestValueOutputs: values of the library are known, others are not.
func TestValueOutputs(t *testing.T) {
	c := config.Default()
	if out, known, err := valueOutputs(c); !known || err != nil || out.String() != "the default configuration" {
		t.Errorf("%v %v %v", out, known, err)
	}
	c.Epochs, c.Loss.Margin = 77, 0.25
	out, known, err := valueOutputs(&c)
	if text := out.String(); !known || err != nil || !strings.Contains(text, "77") || !strings.Contains(text, "loss.margin") ||
		strings.Contains(text, "seed") {
		t.Errorf("%v %v %v", out, known, err)
	}
	if _, known, _ = valueOutputs(3); known {
		t.Error("a number is none of the library's values")
	}
}
