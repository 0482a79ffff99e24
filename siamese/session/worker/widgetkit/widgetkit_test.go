package widgetkit

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// TestPictures: pictures of items are scaled down to one size, small ones are as they are, grey ones stay grey, each is made once; what is none is nil.
func TestPictures(t *testing.T) {
	asked := map[string]int{}
	p := NewPictures(func(id string) image.Image {
		asked[id]++
		switch id {
		case "grey":
			m := image.NewGray(image.Rect(0, 0, 8, 4))
			m.SetGray(7, 3, color.Gray{200})
			return m
		case "large":
			return image.NewNRGBA(image.Rect(5, 5, 305, 605))
		case "empty":
			return image.NewGray(image.Rectangle{})
		}
		return nil
	}, 32)
	for id, want := range map[string]image.Point{"grey": {8, 4}, "large": {16, 32}} {
		for range 2 {
			m, err := png.Decode(bytes.NewReader(p.PNG(id)))
			if err != nil || m.Bounds().Size() != want {
				t.Errorf("%s: %v %v", id, m.Bounds(), err)
			}
			if g, ok := m.(*image.Gray); id == "grey" && (!ok || g.GrayAt(7, 3).Y != 200 || g.GrayAt(6, 3).Y != 0) {
				t.Errorf("grey: %T", m)
			}
		}
	}
	if asked["grey"] != 1 || p.PNG("none") != nil || p.PNG("empty") != nil {
		t.Errorf("asked %v", asked)
	}
	if NewPictures(nil, 32).PNG("a") != nil || NewPictures(nil, 32).Any() || !p.Any() {
		t.Error("pictures of items that have none")
	}
}

// TestModule: what is put before a script makes no module of its own of it.
func TestModule(t *testing.T) {
	const own = "export default { render() {} };"
	m := Module(own)
	before, whole := strings.CutSuffix(m, own)
	for line := range strings.Lines(before) {
		if strings.HasPrefix(line, "export") || strings.HasPrefix(line, "import") {
			t.Errorf("%q", line)
		}
	}
	if !whole || !strings.Contains(before, "class Pictures") {
		t.Errorf("%.300s", m)
	}
}
