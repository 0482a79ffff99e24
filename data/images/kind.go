package images

import (
	"errors"
	"fmt"
	"image/jpeg"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/go-siamese/lab/data/images/internal/rawtiff"
)

// KindError is the error about a picture that is whole, as far as can be seen, but of a kind that is not read.
type KindError struct {
	// Kind says what the file is, such as "a JPEG with arithmetic coding".
	Kind string
	// Command converts such a file into one that is read; in.* stands for the file. "" = none is known.
	Command string
	// Err is what the decoder says, nil = nothing.
	Err error
}

// Error returns what the file is, and the command.
func (e *KindError) Error() string {
	text := "the file is " + e.Kind + ", which is not read"
	switch {
	case strings.HasPrefix(e.Command, "git "):
		text += "; fetch what it stands for: " + e.Command
	case e.Command != "":
		text += "; convert it, for instance: " + e.Command
	}
	return text
}

// Unwrap returns what the decoder says.
func (e *KindError) Unwrap() error { return e.Err }

// command returns how a file of the format and of a kind is converted, mostly with ImageMagick; of several pictures the
// first. What that would clip or mix up is for tools that keep values: tiffcp of libtiff, gdal_translate of GDAL.
func (f *imageFormat) command(kind string) string {
	for _, other := range []struct{ of, command string }{
		{"raw file", "darktable-cli in.nef out.tif"},
		{"preview", "magick 'in.tif[1]' out.png"},
		{"channels", "gdal_translate -b 1 -b 2 -b 3 -co PHOTOMETRIC=RGB in.tif out.tif"},
		{"TIFF with 64 bits", "gdal_translate -ot Float32 in.tif out.tif"},
		{"TIFF with whole numbers", "gdal_translate -ot Float32 -scale in.tif out.tif"},
		{"compress", "tiffcp -c zip in.tif,0 out.tif"},
		{"complex", ""}, // whether their size or their real part is meant, nobody else can say
	} {
		if f.name == "TIFF" && strings.Contains(kind, other.of) {
			return other.command
		}
	}
	name := map[string]string{"JPEG": "in.jpg", "TIFF": "in.tif[0]", "BMP": "in.bmp", "WebP": "in.webp[0]",
		"PNM": "in.pnm"}[f.name]
	if name == "" {
		return ""
	}
	return "magick '" + name + "' out.png"
}

// kind says of what kind a file is that its decoder does not know; "" = the decoder does not say that it is one.
func (f *imageFormat) kind(file []byte, err error) string {
	var jpegKind jpeg.UnsupportedError
	var tiffKind tiff.UnsupportedError
	var rawKind rawtiff.UnsupportedError
	switch {
	case f.name == "JPEG":
		if kind := jpegKinds[jpegFrame(file)]; kind != "" {
			return kind
		}
		if errors.As(err, &jpegKind) {
			return "a JPEG of an unusual kind (" + string(jpegKind) + ")"
		}
	case errors.As(err, &rawKind):
		return string(rawKind)
	case errors.As(err, &tiffKind):
		return "a TIFF of an unusual kind (" + string(tiffKind) + ")"
	case errors.Is(err, bmp.ErrUnsupported):
		return fmt.Sprintf("a BMP of an unusual kind%s", bmpKind(file))
	}
	return ""
}

// jpegKinds are the kinds of JPEG, by the marker of their frame, that are not read (ITU-T T.81, table B.1).
var jpegKinds = map[byte]string{
	0xc3: "a lossless JPEG", 0xc5: "a hierarchical JPEG", 0xc6: "a hierarchical JPEG", 0xc7: "a hierarchical JPEG",
	0xc9: "a JPEG with arithmetic coding", 0xca: "a JPEG with arithmetic coding",
	0xcb: "a lossless JPEG with arithmetic coding", 0xcd: "a hierarchical JPEG with arithmetic coding",
	0xce: "a hierarchical JPEG with arithmetic coding", 0xcf: "a hierarchical JPEG with arithmetic coding",
	0xf7: "a JPEG-LS",
}

// jpegFrame returns the marker of the frame of a JPEG file, which says of what kind it is; 0 = there is none.
func jpegFrame(file []byte) byte {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker := file[at+1]
		if marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc || marker == 0xf7 {
			return marker
		}
		at += 2 + int(file[at+2])<<8 + int(file[at+3])
	}
	return 0
}

// bmpKind names the compression and the bits of a pixel of a BMP file.
func bmpKind(file []byte) string {
	if len(file) < 34 {
		return ""
	}
	names := []string{"not compressed", "RLE of 8 bits", "RLE of 4 bits", "bit fields", "JPEG", "PNG"}
	text := fmt.Sprintf(" (%d bits a pixel", file[28])
	if c := int(file[30]); c < len(names) {
		text += ", " + names[c]
	}
	return text + ")"
}
