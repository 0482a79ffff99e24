package images

import (
	"bytes"
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
	if e.Command != "" {
		text += "; convert it, for instance: " + e.Command
	}
	return text
}

// Unwrap returns what the decoder says.
func (e *KindError) Unwrap() error { return e.Err }

// command returns how a file of the format and of a kind is converted, mostly with ImageMagick; of several pictures the
// first.
func (f *imageFormat) command(kind string) string {
	if strings.Contains(kind, "raw file") {
		return "darktable-cli in.nef out.tif"
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

// otherFormats are formats that are known and not read, by their beginnings.
var otherFormats = []struct {
	magic   string
	at      int // where it begins
	kind    string
	command string
}{
	{"ftypheic", 4, "HEIC", "magick in.heic out.png"},
	{"ftypheix", 4, "HEIC", "magick in.heic out.png"},
	{"ftypheim", 4, "HEIC", "magick in.heic out.png"},
	{"ftypheis", 4, "HEIC", "magick in.heic out.png"},
	{"ftyphevc", 4, "HEIC", "magick 'in.heic[0]' out.png"},
	{"ftyphevx", 4, "HEIC", "magick 'in.heic[0]' out.png"},
	{"ftypmsf1", 4, "HEIF", "magick 'in.heif[0]' out.png"},
	{"ftypavis", 4, "AVIF", "magick 'in.avif[0]' out.png"},
	{"ftypisom", 4, "video", "ffmpeg -i in.mp4 -frames:v 1 out.png"},
	{"ftypmp4", 4, "video", "ffmpeg -i in.mp4 -frames:v 1 out.png"},
	{"ftypqt  ", 4, "video", "ffmpeg -i in.mov -frames:v 1 out.png"},
	{"\x1aE\xdf\xa3", 0, "video", "ffmpeg -i in.webm -frames:v 1 out.png"},
	{"II\xbc\x01", 0, "JPEG XR", "magick in.jxr out.png"},
	{"ftypmif1", 4, "HEIF", "magick in.heif out.png"},
	{"ftypavif", 4, "AVIF", "magick in.avif out.png"},
	{"\x00\x00\x00\x0cjP  ", 0, "JPEG 2000", "magick in.jp2 out.png"},
	{"\xff\x4f\xff\x51", 0, "JPEG 2000", "magick in.j2k out.png"},
	{"\xff\x0a", 0, "JPEG XL", "magick in.jxl out.png"},
	{"\x00\x00\x00\x0cJXL ", 0, "JPEG XL", "magick in.jxl out.png"},
	{"8BPS", 0, "Photoshop", "magick 'in.psd[0]' out.png"},
	{"%PDF", 0, "PDF", "magick -density 150 'in.pdf[0]' out.png"},
	{"\x76\x2f\x31\x01", 0, "OpenEXR", "magick in.exr out.tif"},
	{"SIMPLE  =", 0, "FITS", "magick in.fits out.tif"},
	{"DICM", 128, "DICOM", "magick in.dcm out.png"},
	{"\x00\x00\x01\x00", 0, "Windows icon", "magick 'in.ico[0]' out.png"},
	{"<svg", 0, "SVG", "magick in.svg out.png"},
	{"version https://git-lfs", 0, "pointer of Git LFS, not a picture", "git lfs pull"},
	{"<!DOCTYPE", 0, "web page, not a picture", ""},
	{"<!doctype", 0, "web page, not a picture", ""},
	{"<html", 0, "web page, not a picture", ""},
	{"PK\x03\x04", 0, "zip archive, not a picture", "unzip in.zip"},
	{"\x93NUMPY", 0, "NumPy array, not a picture", ""},
}

// unknownFormat returns the error about a file that begins like none of the formats that are read.
func unknownFormat(file []byte) error {
	for _, f := range otherFormats {
		if f.at <= len(file) && bytes.HasPrefix(file[f.at:], []byte(f.magic)) {
			return &KindError{Kind: "a file of the kind " + f.kind, Command: f.command}
		}
	}
	return errors.New("the file begins like no PNG, JPEG, TIFF, BMP, GIF, WebP or PNM")
}
