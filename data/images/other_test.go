package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
)

// tiffEntry is an entry of a directory: a tag and its value, of 32 bits.
type tiffEntry struct {
	tag   uint16
	value uint32
}

// tiffOf returns a TIFF file, or with big a BigTIFF, of a grey row of three pixels for every directory; extra are
// entries beside those that it needs, in order of their tags.
func tiffOf(big bool, extra ...[]tiffEntry) []byte {
	order := binary.LittleEndian
	file := []byte("II\x2a\x00\x08\x00\x00\x00")
	if big {
		file = []byte("II\x2b\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00")
	}
	place := func(n uint64) {
		if big {
			file = order.AppendUint64(file, n)
		} else {
			file = order.AppendUint32(file, uint32(n))
		}
	}
	for k, more := range extra {
		tags := map[uint16]uint32{256: 3, 257: 1, 258: 8, 259: 1, 262: 1, 277: 1, 278: 1, 279: 3}
		for _, e := range more {
			tags[e.tag] = e.value
		}
		head, entry, link := 2, 12, 4
		if big {
			head, entry, link = 8, 20, 8
		}
		pixels := len(file) + head + (len(tags)+1)*entry + link
		tags[273] = uint32(pixels)
		if big {
			file = order.AppendUint64(file, uint64(len(tags)))
		} else {
			file = order.AppendUint16(file, uint16(len(tags)))
		}
		for _, tag := range slices.Sorted(maps.Keys(tags)) {
			file = order.AppendUint16(file, tag)
			file = order.AppendUint16(file, 4)
			place(1)
			place(uint64(tags[tag]))
		}
		next := 0
		if k+1 < len(extra) {
			next = pixels + 3
		}
		place(uint64(next))
		file = append(file, 10, 20, 30)
	}
	return file
}

// The orientation of a TIFF counts in BigTIFF too, and where it is written as a number of 32 bits.
func TestOrientationOfTIFF(t *testing.T) {
	for _, big := range []bool{false, true} {
		for turned, want := range map[uint32]string{1: "3x1 [10 20 30]", 2: "3x1 [30 20 10]", 6: "1x3 [10 20 30]",
			8: "1x3 [30 20 10]", 9: "3x1 [10 20 30]"} {
			m, err := Decode(bytes.NewReader(tiffOf(big, []tiffEntry{{274, turned}})), DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%dx%d %v", m.W, m.H, m.Pix); got != want {
				t.Errorf("big %v, orientation %d: %s, want %s", big, turned, got, want)
			}
		}
	}
}

// Further pages are counted, smaller copies and masks are not, and directories in a circle end.
func TestPagesOfTIFF(t *testing.T) {
	for _, big := range []bool{false, true} {
		file := tiffOf(big, nil, nil, []tiffEntry{{254, 1}}, []tiffEntry{{254, 2}}, []tiffEntry{{254, 4}})
		if m, err := Decode(bytes.NewReader(file), DecodeOptions{}); err != nil || m.Frames != 3 {
			t.Errorf("big %v: %d pages, want 3: %v", big, m.Frames, err)
		}
	}
	file := tiffOf(false, nil, nil)
	copy(file[len(file)-7:], "\x08\x00\x00\x00") // behind the last one comes the first
	if m, err := Decode(bytes.NewReader(file), DecodeOptions{}); err != nil || m.Frames != 3 {
		t.Errorf("a circle: %v, %v", m, err)
	}
	var kind *KindError
	for want, entries := range map[string][]tiffEntry{"raw file": {{254, 1}, {330, 8}}, "preview": {{254, 1}},
		"mask": {{254, 4}}} {
		if _, err := Decode(bytes.NewReader(tiffOf(false, entries, nil)), DecodeOptions{}); !errors.As(err, &kind) ||
			!strings.Contains(kind.Kind, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// otherFiles are beginnings of files that are not read: whether somebody means them as pictures, and what they are.
var otherFiles = []struct {
	name, content, kind string
	picture             bool
}{
	{"a.heic", "\x00\x00\x00\x1cftypheic", "HEIC", true},
	{"a.avif", "\x00\x00\x00\x1cftypavif", "AVIF", true},
	{"a.cr3", "\x00\x00\x00\x18ftypcrx ", "raw", true},
	{"a.raf", "FUJIFILMCCD-RAW 0201", "raw", true},
	{"a.jp2", "\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000", true},
	{"a.jxl", "\xff\x0a\x00\x00", "JPEG XL", true},
	{"a.jxr", "II\xbc\x01\x20\x00\x00\x00", "JPEG XR", true},
	{"scan", strings.Repeat("\x00", 128) + "DICM\x02\x00", "DICOM", true},
	{"old.dcm", "\x08\x00\x05\x00", "DICOM", true},
	{"a.nii", "\x5c\x01\x00\x00" + strings.Repeat("\x00", 340) + "n+1\x00", "NIfTI", true},
	{"a.nii.gz", "\x1f\x8b\x08\x00", "gzip", false},
	{"a.hdr", "#?RADIANCE\nFORMAT=", "Radiance", true},
	{"a.tga", "\x00\x00\x02\x00\x00", "Targa", true},
	{"a.qoi", "qoif\x00\x00\x00\x28", "QOI", true},
	{"a.svg", "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- by hand -->\n<svg xmlns=", "SVG", false},
	{"a.pdf", "%PDF-1.7", "PDF", false},
	{"a.html", "\n\n<HTML><head>", "web page", false},
	{"a.xml", "<?xml version='1.0'?><Error><Code>AccessDenied", "XML", false},
	{"a.json", `{"message": "rate limit"}`, "JSON", false},
	{"a.h5", "\x89HDF\r\n\x1a\n", "HDF5", false},
	{"a.mov", "\x00\x00\x00\x14ftypqt  ", "video", false},
	{"Thumbs.db", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "thumbnails", false},
}

// Pictures of formats that are not read are not left out unseen, and all that is no picture says what it is; what
// systems keep in folders of their own is neither.
func TestOtherFormats(t *testing.T) {
	dir := t.TempDir()
	want, ignored := map[string]string{}, map[string]string{"a/__MACOSX": "system", "a/@eaDir": "system"}
	gif, err := os.ReadFile("testdata/kinds/anim.gif")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"a/__MACOSX/x.gif": string(gif), "a/@eaDir/x.gif/THUMB.gif": string(gif),
		"a/x.gif": string(gif)}
	for _, c := range otherFiles {
		files["a/"+c.name] = c.content
		if c.picture {
			want["a/"+c.name] = c.kind
		} else {
			ignored["a/"+c.name] = c.kind
			files["a/"+c.name+".png"] = c.content // called a picture
			want["a/"+c.name+".png"] = c.kind
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700),
			os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = Open(t.Context(), dir, DefaultFolder())
	var wrong *FilesError
	if !errors.As(err, &wrong) || wrong.Files != len(want)+1 {
		t.Errorf("want %d images: %v", len(want)+1, err)
	}
	for _, p := range wrong.Problems {
		var kind *KindError
		if !errors.As(p, &kind) || !strings.Contains(kind.Kind, want[p.File]) {
			t.Errorf("%v, want %q", p, want[p.File])
		}
		delete(want, p.File)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
	opt := DefaultFolder()
	opt.SkipCorrupt = true
	set, report, err := Open(t.Context(), dir, opt)
	if err != nil || set.N() != 1 {
		t.Fatal(set, err)
	}
	for _, p := range report.Ignored {
		if is := ignored[p.File]; is == "" || !strings.Contains(p.Error(), is) {
			t.Errorf("%v, want %q", p, is)
		}
		delete(ignored, p.File)
	}
	if len(ignored) > 0 {
		t.Errorf("not told: %v", ignored)
	}
}

// What one does about images that cannot be read, and about those of several sizes, is told in the words of a front,
// and both at once.
func TestFolderFixes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"anim.gif", "big.tif", "odd.jpg", "palette1.png"} {
		file, err := os.ReadFile(filepath.Join("testdata/kinds", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), file, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var square bytes.Buffer
	if err := errors.Join(png.Encode(&square, image.NewGray(image.Rect(0, 0, 9, 9))),
		os.WriteFile(filepath.Join(dir, "square.png"), square.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	files, err := List(t.Context(), dir, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	_, _, err = files.CommonSize(t.Context(), DecodeOptions{})
	var wrong *FilesError
	if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].File != "odd.jpg" {
		t.Fatal(err)
	}
	text := option.Text(err, func(name string) string { return map[string]string{"Width": "--size"}[name] })
	if !strings.Contains(text, "--size") || strings.Contains(text, "SkipCorrupt") || strings.Contains(text, "Width") {
		t.Error(text)
	}
	if text := option.Text(err, func(name string) string { return "!" + name }); !strings.Contains(text, "!Width") ||
		!strings.Contains(text, "!SkipCorrupt") {
		t.Error(text)
	}
}

// Classes that differ in capitals and the parting of words only are told; numbers with such marks are other names.
func TestAlike(t *testing.T) {
	got := alike([]string{"1_1", "11", "Big cat", "Cat", "big-cat", "bigcat", "cat", "dog"})
	if len(got) != 2 || !slices.Equal(got[0], []string{"Big cat", "big-cat"}) ||
		!slices.Equal(got[1], []string{"Cat", "cat"}) {
		t.Error(got)
	}
	v := &Inventory{Classes: map[string]int{"cat": 2, "Cat": 2}}
	if !strings.Contains(strings.Join(v.Warnings(), "\n"), `"Cat", "cat"`) {
		t.Error(v.Warnings())
	}
}

// Pictures of other shapes are stretched, those of other sizes alone are not.
func TestShapes(t *testing.T) {
	for want, sizes := range map[bool]map[string]int{true: {"40x30": 1, "30x40": 2}, false: {"40x30": 1, "120x90": 2}} {
		v := &Inventory{Sizes: sizes}
		if got := strings.Contains(strings.Join(v.Warnings(), "\n"), "stretched"); got != want {
			t.Errorf("%v: stretched is %v", sizes, got)
		}
	}
}
