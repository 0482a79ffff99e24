package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestGrid(t *testing.T) {
	out, err := GridOutputs(nasty, [][]Tile{
		{{Image: picture(), Caption: nasty + "\nline", Mark: Query}, {Image: picture(), Mark: Wrong}},
		{{Text: nasty, Mark: Right}, {Text: "two words", Caption: strings.Repeat("long ", 100)}},
		{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || out[0].HTML != "" {
		t.Fatalf("%d outputs, want one picture without HTML", len(out))
	}
	all := strings.Join(texts(t, out[0].SVG), "|")
	has(t, all, "&lt;script&gt;", "|line|", "two words", "long long", "…")
	has(t, out[0].Text, nasty, "line [query]", "(picture) [wrong]", "two words")
	if n := strings.Count(out[0].SVG, "<image "); n != 2 {
		t.Errorf("%d pictures, want 2", n)
	}
	for _, tile := range []Tile{{}, {Caption: "x"}, {Image: image.NewGray(image.Rect(0, 0, 0, 0))}} {
		_, err := GridOutputs("", [][]Tile{{{Text: "a"}}, {{Text: "b"}, tile}})
		if err == nil || !strings.Contains(err.Error(), "row 2, column 2") {
			t.Errorf("%+v: error %v", tile, err)
		}
		if Grid("", [][]Tile{{tile}}) == nil {
			t.Error("no error from Grid")
		}
	}
	// No rows and no caption are a picture too, an empty one.
	if _, err := GridOutputs("", nil); err != nil {
		t.Error(err)
	}
}

// A picture keeps its pixels: enlarged, none is mixed with another; and its frame has the colour of its mark.
func TestGridPixels(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 2, 1))
	m.Pix = []uint8{40, 200}
	out, err := GridOutputs("", [][]Tile{{{Image: m, Mark: Right}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(out[0].PNG))
	if err != nil {
		t.Fatal(err)
	}
	b := got.Bounds()
	if b.Dx() < 2*out[0].Width-2 || b.Dx() > 2*out[0].Width+2 {
		t.Errorf("%d pixels for %d of CSS", b.Dx(), out[0].Width)
	}
	counts := make(map[color.RGBA]int)
	for y := range b.Dy() {
		for x := range b.Dx() {
			counts[color.RGBAModel.Convert(got.At(x, y)).(color.RGBA)]++
		}
	}
	for c, least := range map[color.RGBA]int{{40, 40, 40, 255}: 3500, {200, 200, 200, 255}: 3500, green: 500} {
		if counts[c] < least {
			t.Errorf("%d pixels of %v, want %d or more of %v", counts[c], c, least, counts)
		}
	}
}

// A picture of thousands of colours keeps them; a drawing gets a palette.
func TestFewColours(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		m.SetRGBA(i%64, i/64, color.RGBA{uint8(i * 16), uint8(i >> 4 * 16), uint8(i >> 8 * 16), 255})
	}
	if fewColours(m) != image.Image(m) {
		t.Error("a picture of many colours has lost some")
	}
	few := image.NewRGBA(image.Rect(0, 0, 2, 2))
	for i, c := range []color.RGBA{{1, 2, 3, 255}, {255, 255, 255, 255}, {0, 0, 0, 255}, {1, 2, 4, 255}} {
		few.SetRGBA(i%2, i/2, c)
	}
	out, ok := fewColours(few).(*image.Paletted)
	if !ok {
		t.Fatal("four colours have no palette")
	}
	for i := range 4 {
		if out.At(i%2, i/2) != few.At(i%2, i/2) {
			t.Errorf("pixel %d is %v, want %v", i, out.At(i%2, i/2), few.At(i%2, i/2))
		}
	}
}

// TestGridTextFits: captions have the room that they were laid out with in any font, as an SVG says how wide its texts are:
// none leaves the picture, and none runs into the next.
func TestGridTextFits(t *testing.T) {
	tile := func(text string) Tile { return Tile{Image: image.NewGray(image.Rect(0, 0, 4, 4)), Caption: text} }
	svg, err := contentOf(GridOutputs("nearest to WWWWWWWWWW", [][]Tile{{tile("MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM .999"),
		tile("a caption of many words that is broken into lines"), tile("iiiiiiiiiiiiii <&> \"x\"")}}))
	if err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) `).FindStringSubmatch(svg)
	if whole == nil {
		t.Fatalf("%.300s", svg)
	}
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	text := regexp.MustCompile(`(?s)<text x="([^"]*)" y="([^"]*)"[^>]* textLength="([^"]*)" lengthAdjust="spacingAndGlyphs">([^<]*)<`)
	ends := map[string]float64{} // of the last text, by the line that it stands in
	all := text.FindAllStringSubmatch(svg, -1)
	for _, m := range all {
		x, width := number(m[1]), number(m[3])
		if x < ends[m[2]] || width <= 0 || x+width > number(whole[1]) {
			t.Errorf("%q is at %v, %v wide, behind %v of %v", m[4], x, width, ends[m[2]], whole[1])
		}
		ends[m[2]] = x + width
	}
	if len(all) < 5 || len(all) != strings.Count(svg, "<text ") {
		t.Errorf("%d of %d texts say how wide they are", len(all), strings.Count(svg, "<text "))
	}
}
