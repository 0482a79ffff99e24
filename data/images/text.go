package images

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// String returns the size and kind of the image, not its pixels: "28 x 28 pixels, grey".
func (m *Image) String() string {
	kind := map[int]string{1: "grey", 3: "colour"}[m.C]
	if kind == "" {
		kind = fmt.Sprintf("%d channels", m.C)
	}
	return fmt.Sprintf("%d x %d pixels, %s", m.W, m.H, kind)
}

// String returns a line: how many images there are, of how many classes and domains.
func (s *Images) String() string {
	return fmt.Sprintf("%d images%s%s", s.N(), distinct(s.Labels, "classes"), distinct(s.Domains, "domains"))
}

// distinct returns how many different names there are, "" and nil left out: ", classes: 10".
func distinct(names []string, what string) string {
	seen := map[string]bool{}
	for _, name := range names {
		if name != "" {
			seen[name] = true
		}
	}
	if len(seen) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s: %d", what, len(seen))
}

// String returns the path below the folder, the label and domain, and the size in bytes.
func (f File) String() string {
	text := quote.Text(f.ID)
	if f.Label != "" {
		text += ", label " + quote.Text(f.Label)
	}
	if f.Domain != "" {
		text += ", domain " + quote.Text(f.Domain)
	}
	return fmt.Sprintf("%s, %d bytes", text, f.Size)
}

// String returns a line: the folder, its images and how many other files there are.
func (f *Folder) String() string {
	return fmt.Sprintf("%s: %d images, %d other files ignored", quote.Text(f.Path), len(f.Files), len(f.Ignored))
}

// String returns the shape of the array, not its values: "60000 x 28 x 28 values".
func (x *IDX) String() string {
	sizes := make([]string, len(x.Dims))
	for k, n := range x.Dims {
		sizes[k] = fmt.Sprint(n)
	}
	return strings.Join(sizes, " x ") + " values"
}
