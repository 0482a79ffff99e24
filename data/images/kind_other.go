package images

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"
)

// otherFormat is a format that is known and not read.
type otherFormat struct {
	kind    string // with its article
	command string // as that of [KindError]
	// picture says that somebody means such files as pictures of a data set: in a folder they count among them, as
	// pictures that cannot be read. Others are passed over, as what lies beside pictures.
	picture bool
	// begins are beginnings of files of the format, each at a place of its own.
	begins []beginning
	// ends are how names of such files end; they count where no beginning tells more.
	ends []string
}

// beginning is some bytes of a file and where they are.
type beginning struct {
	at    int
	magic string
}

// first returns beginnings at the first byte.
func first(magics ...string) []beginning {
	out := make([]beginning, len(magics))
	for i, magic := range magics {
		out[i] = beginning{0, magic}
	}
	return out
}

// brands returns the beginnings of files in the ISO base media format (ISO/IEC 14496-12): a length, "ftyp", a brand.
func brands(names ...string) []beginning {
	out := make([]beginning, len(names))
	for i, name := range names {
		out[i] = beginning{4, "ftyp" + name}
	}
	return out
}

// otherFormats are the formats that are named in errors, the more certain beginnings first.
var otherFormats = []otherFormat{
	{"a HEIC picture", "magick 'in.heic[0]' out.png", true,
		brands("heic", "heix", "heim", "heis", "hevc", "hevx"), []string{".heic", ".hif"}},
	{"an AVIF picture", "magick 'in.avif[0]' out.png", true, brands("avif", "avis"), []string{".avif"}},
	{"a HEIF picture", "magick 'in.heif[0]' out.png", true, brands("mif1", "msf1"), []string{".heif"}},
	{"a camera's raw file", "darktable-cli in.cr3 out.tif", true,
		append(brands("crx "), first("FUJIFILMCCD-RAW", "IIRO", "IIRS", "MMOR", "IIU\x00", "FOVb", "\x00MRM")...),
		[]string{".cr3", ".raf", ".orf", ".rw2", ".x3f", ".mrw"}},
	{"a JPEG 2000 picture", "magick in.jp2 out.png", true,
		first("\x00\x00\x00\x0cjP  ", "\xff\x4f\xff\x51"), []string{".jp2", ".j2k", ".jpx"}},
	{"a JPEG XL picture", "magick in.jxl out.png", true, first("\xff\x0a", "\x00\x00\x00\x0cJXL "),
		[]string{".jxl"}},
	{"a JPEG XR picture", "magick in.jxr out.png", true, first("II\xbc\x01"), []string{".jxr", ".wdp"}},
	{"an OpenEXR picture", "magick in.exr out.tif", true, first("\x76\x2f\x31\x01"), []string{".exr"}},
	{"a Radiance picture", "magick in.hdr out.tif", true, first("#?RADIANCE", "#?RGBE"), nil},
	{"a FITS picture", "magick in.fits out.tif", true, first("SIMPLE  ="), []string{".fits", ".fit"}},
	{"a DICOM picture", "magick in.dcm out.png", true, []beginning{{128, "DICM"}}, []string{".dcm"}},
	{"a NIfTI volume", "med2image -i in.nii -d slices", true,
		[]beginning{{344, "n+1\x00"}, {344, "ni1\x00"}, {4, "n+2\x00"}}, []string{".nii", ".nii.gz"}},
	{"a QOI picture", "magick in.qoi out.png", true, first("qoif"), []string{".qoi"}},
	{"a DirectDraw picture", "magick in.dds out.png", true, first("DDS "), []string{".dds"}},
	{"an MNG or JNG picture", "magick 'in.mng[0]' out.png", true, first("\x8aMNG\r\n", "\x8bJNG\r\n"), nil},
	{"a FLIF picture", "magick in.flif out.png", true, first("FLIF"), nil},
	{"a BPG picture", "bpgdec -o out.png in.bpg", true, first("BPG\xfb"), nil},
	{"a DPX picture", "magick in.dpx out.tif", true, first("SDPX", "XPDS"), nil},
	{"an SGI picture", "magick in.sgi out.png", true, first("\x01\xda\x00", "\x01\xda\x01"), []string{".sgi"}},
	{"a PCX picture", "magick in.pcx out.png", true, first("\x0a\x05\x01", "\x0a\x03\x01", "\x0a\x02\x01"),
		[]string{".pcx"}},
	{"a Targa picture", "magick in.tga out.png", true, nil, []string{".tga"}},
	{"a bitmap without its file's head", "magick dib:in.dib out.png", true, nil, []string{".dib"}},

	{"a Photoshop file", "magick 'in.psd[0]' out.png", false, first("8BPS"), nil},
	{"a GIMP file", "magick in.xcf -flatten out.png", false, first("gimp xcf "), nil},
	{"a PDF", "magick -density 150 'in.pdf[0]' out.png", false, first("%PDF"), nil},
	{"a PostScript file", "magick -density 150 'in.eps[0]' out.png", false, first("%!PS", "\xc5\xd0\xd3\xc6"), nil},
	{"an icon", "magick 'in.ico[0]' out.png", false, first("\x00\x00\x01\x00", "icns"), nil},
	{"a video", "ffmpeg -i in.mp4 -frames:v 1 out.png", false,
		append(brands("isom", "iso2", "mp4", "avc1", "M4V", "qt  ", "3gp"), first("\x1aE\xdf\xa3")...), nil},
	{"an AVI video", "ffmpeg -i in.avi -frames:v 1 out.png", false, []beginning{{8, "AVI "}}, nil},
	{"a pointer of Git LFS", "git lfs pull", false, first("version https://git-lfs"), nil},
	{"a zip archive", "unzip in.zip", false, first("PK\x03\x04"), nil},
	{"a gzip file", "gunzip in.gz", false, first("\x1f\x8b"), nil},
	{"a NumPy array", "", false, first("\x93NUMPY"), nil},
	{"an HDF5 file", "", false, first("\x89HDF\r\n\x1a\n"), nil},
	{"a MATLAB file", "", false, first("MATLAB 5.0"), nil},
	{"a store of thumbnails or an Office document", "", false, first("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), nil},
	{"what macOS keeps beside a file", "", false, first("\x00\x05\x16\x07"), nil},
}

// otherBytes is how much of a file tells its other format.
const otherBytes = 1 << 10

// otherOf returns the format of a file by its first bytes (otherBytes are enough) and, where those do not tell, by its
// name; nil = unknown.
func otherOf(name string, head []byte) *otherFormat {
	for i := range otherFormats {
		f := &otherFormats[i]
		if slices.ContainsFunc(f.begins, func(b beginning) bool {
			return len(head) > b.at && bytes.HasPrefix(head[b.at:], []byte(b.magic))
		}) {
			return f
		}
	}
	if f := markup(head); f != nil {
		return f
	}
	name = strings.ToLower(path.Base(name))
	for i := range otherFormats {
		f := &otherFormats[i]
		if slices.ContainsFunc(f.ends, func(end string) bool { return strings.HasSuffix(name, end) }) {
			return f
		}
	}
	return nil
}

// markup returns the format of a text that servers and drawing programs write: SVG, web pages, other XML, JSON. Blanks,
// a byte order mark and comments may precede what tells.
func markup(head []byte) *otherFormat {
	text := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")))
	switch {
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return &otherFormat{kind: "JSON or another text"}
	case !strings.HasPrefix(text, "<"):
		return nil
	case strings.Contains(text, "<html") || strings.Contains(text, "<!doctype html"):
		return &otherFormat{kind: "a web page"}
	case strings.Contains(text, "<svg"):
		return &otherFormat{kind: "an SVG drawing", command: "magick in.svg out.png"}
	case strings.HasPrefix(text, "<?xml"):
		return &otherFormat{kind: "XML, such as a server's answer"}
	}
	return nil
}

// err returns the error about a file of the format.
func (f *otherFormat) err() error { return &KindError{Kind: f.kind, Command: f.command} }

// errUnknown is the error about a file that begins like none of the formats that are read or named.
var errUnknown = errors.New("the file begins like no PNG, JPEG, TIFF, BMP, GIF, WebP or PNM")

// unknownFormat returns the error about a file that begins like none of the formats that are read. Its name may be "".
func unknownFormat(name string, file []byte) error {
	if f := otherOf(name, file[:min(len(file), otherBytes)]); f != nil {
		return f.err()
	}
	return errUnknown
}
