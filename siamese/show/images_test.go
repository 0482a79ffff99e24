package show

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"
)

func TestGrid(t *testing.T) {
	content, err := GridHTML(nasty, [][]Tile{
		{{Image: picture(), Caption: nasty + "\nline", Mark: Query}, {Image: picture(), Mark: Wrong}},
		{{Text: nasty, Mark: Right}},
		{},
	})
	if err != nil {
		t.Fatal(err)
	}
	selfContained(t, content)
	has(t, content, "&lt;script&gt;", "<br/>line", "dashed #d55e00", "solid #009e73", "pixelated")
	if n := strings.Count(content, "<tr>"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	found := regexp.MustCompile(`src="data:image/png;base64,([^"]+)"`).FindAllStringSubmatch(content, -1)
	if len(found) != 2 {
		t.Fatalf("%d pictures, want 2", len(found))
	}
	raw, err := base64.StdEncoding.DecodeString(found[0][1])
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 3 {
		for x := range 5 {
			if got.At(x, y) != picture().At(x, y) {
				t.Fatalf("pixel %d, %d is %v", x, y, got.At(x, y))
			}
		}
	}
	for mark := Plain; mark <= Wrong; mark++ {
		if markStyle[mark] == "" {
			t.Errorf("mark %d has no style", mark)
		}
	}
	for _, tile := range []Tile{{}, {Caption: "x"}, {Image: image.NewGray(image.Rect(0, 0, 0, 0))}} {
		_, err := GridHTML("", [][]Tile{{{Text: "a"}}, {{Text: "b"}, tile}})
		if err == nil || !strings.Contains(err.Error(), "row 2, column 2") {
			t.Errorf("%+v: error %v", tile, err)
		}
		if Grid("", [][]Tile{{tile}}) == nil {
			t.Error("no error from Grid")
		}
	}
}
