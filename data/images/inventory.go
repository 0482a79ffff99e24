package images

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/quote"
)

// Inventory is what the headers of the files of a folder say, before any picture is decoded. Counts are of files;
// those that cannot be read are in Problems and nowhere else.
type Inventory struct {
	Folder string
	Files  int
	// Classes and Domains count the files by label and by domain; empty without labels or domains.
	Classes, Domains map[string]int
	// Sizes counts by "WIDTHxHEIGHT" of the upright picture, Modes by grey, RGB, palette and CMYK, "+alpha" where
	// pixels may be transparent; Depths by bits a channel, "float" of floating-point numbers; Formats by PNG and so on.
	Sizes, Modes, Depths, Formats map[string]int
	// Alpha is the number of pictures that may have transparent pixels.
	Alpha int
	// Several are the files with several pictures, of which only the first is used: animations, and pages of TIFF.
	Several []string
	// Splits are the folders that were taken for sides of a split, see [FolderOptions.SplitFolders].
	Splits []string
	// Problems are the files that cannot be read.
	Problems []FileProblem
	// deep are the numbers of the files of more than 8 bits a channel.
	deep []int
}

// Deep returns the numbers of the files whose pictures have more than 8 bits a channel, ascending.
func (v *Inventory) Deep() []int { return slices.Clone(v.deep) }

// Inventory reads the header of every file. opt is that of [Decode]. Errors are those of [Folder.Each]; files that
// cannot be read are no error.
func (f *Folder) Inventory(ctx context.Context, opt DecodeOptions) (*Inventory, error) {
	type found struct {
		p   *pictureFile
		err error
	}
	all := make([]int, len(f.Files))
	for i := range all {
		all[i] = i
	}
	headers := make([]found, len(f.Files))
	read := func(r sized) (*pictureFile, error) {
		p, err := readHeader(r, opt)
		if err == nil {
			p.file = nil // thousands of files would fill the memory
		}
		return p, err
	}
	err := each(ctx, f, all, read, func() func(int, *pictureFile, error) error {
		return func(i int, p *pictureFile, err error) error {
			headers[i] = found{p, err}
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	v := &Inventory{Folder: f.Path, Files: len(f.Files), Splits: f.Splits, Classes: map[string]int{},
		Domains: map[string]int{}, Sizes: map[string]int{}, Modes: map[string]int{}, Depths: map[string]int{},
		Formats: map[string]int{}}
	for i, is := range headers {
		if is.err != nil {
			v.Problems = append(v.Problems, FileProblem{f.Files[i].ID, is.err})
			continue
		}
		v.add(i, f.Files[i], is.p)
	}
	return v, nil
}

// add counts a file.
func (v *Inventory) add(i int, file File, p *pictureFile) {
	if file.Label != "" {
		v.Classes[file.Label]++
	}
	if file.Domain != "" {
		v.Domains[file.Domain]++
	}
	w, h := p.orientation().size()
	v.Sizes[fmt.Sprintf("%dx%d", w, h)]++
	mode := p.mode
	if p.alpha {
		mode += "+alpha"
		v.Alpha++
	}
	v.Modes[mode]++
	depth := fmt.Sprintf("%d bits", p.bits)
	if p.float {
		depth = fmt.Sprintf("float %d bits", p.bits)
	}
	v.Depths[depth]++
	v.Formats[p.format.name]++
	if p.frames > 1 {
		v.Several = append(v.Several, file.ID)
	}
	if p.bits > 8 || p.float {
		v.deep = append(v.deep, i)
	}
}

// String returns what was found in one line for each kind of fact, without warnings.
func (v *Inventory) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %d images", quote.Text(v.Folder), v.Files)
	if n := len(v.Problems); n > 0 {
		fmt.Fprintf(&out, ", %d of which cannot be read", n)
	}
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"classes", v.Classes}, {"domains", v.Domains}, {"sizes", v.Sizes}, {"modes", v.Modes}, {"depth", v.Depths},
		{"formats", v.Formats}} {
		if len(part.counts) == 0 {
			continue
		}
		fmt.Fprintf(&out, "\n  %s: ", part.name)
		if len(part.counts) > 1 && (part.name == "classes" || part.name == "domains" || part.name == "sizes") {
			fmt.Fprintf(&out, "%d: ", len(part.counts))
		}
		out.WriteString(countsText(part.counts))
	}
	return out.String()
}

// countsText lists counts, the largest first, at most ten of them.
func countsText(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	list := make([]string, 0, maxProblems)
	for _, name := range names[:min(len(names), maxProblems)] {
		list = append(list, fmt.Sprintf("%s %d", quote.Text(name), counts[name]))
	}
	text := strings.Join(list, ", ")
	if more := len(names) - maxProblems; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Warnings returns what may be wrong with the images, or is easily overlooked, each as a sentence: folders taken for
// sides of a split, classes named so, classes of one image, names that are nearly the same, a single class, mixed modes,
// sizes and depths, and files with several pictures.
func (v *Inventory) Warnings() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(v.Splits) > 0 {
		out = append(out, splitsText(v.Splits))
	}
	var splits, single []string
	for _, name := range slices.Sorted(maps.Keys(v.Classes)) {
		if isSplitWord(name) {
			splits = append(splits, name)
		}
		if v.Classes[name] == 1 {
			single = append(single, name)
		}
	}
	if len(splits) > 0 {
		add("the classes %s are called like sides of a split: see that the level of the folders that name labels is "+
			"right", listing.Quoted(splits))
	}
	if len(single) > 0 {
		add("%d of %d classes have one image, so no pair of the same: %s", len(single), len(v.Classes),
			listing.Quoted(single))
	}
	for _, twins := range alike(slices.Sorted(maps.Keys(v.Classes))) {
		add("the classes %s differ in capitals or blanks only: rename their folders if they are one",
			listing.Quoted(twins))
	}
	if len(v.Classes) == 1 {
		add("all images are of one class: nothing can be learnt or measured without a second one")
	}
	if len(v.Modes) > 1 {
		add("the images are of different modes (%s): a class may be known by its mode alone", countsText(v.Modes))
	}
	if len(v.Sizes) > 1 {
		stretched := ""
		if v.shapes() > 1 {
			stretched = ", and stretched otherwise"
		}
		add("the images are of %d different sizes, so each is enlarged or shrunk otherwise%s: the sharpness of a "+
			"picture says where it comes from", len(v.Sizes), stretched)
	}
	deep := map[string]int{}
	for depth, n := range v.Depths {
		if bits, whole := strings.CutSuffix(depth, " bits"); whole &&
			slices.Contains([]string{"1", "2", "4", "8"}, bits) {
			depth = "8 bits or fewer" // these are spread over the same values
		}
		deep[depth] += n
	}
	if len(deep) > 1 {
		add("the images are of different depths (%s): their grey values are not on one scale", countsText(deep))
	}
	if n := len(v.Several); n > 0 {
		add("%d files hold several pictures, of which the first is used: %s", n, listing.Quoted(v.Several))
	}
	return out
}

// shapes counts the ratios of width to height; those within a hundredth of each other are one.
func (v *Inventory) shapes() int {
	ratios := map[int]bool{}
	for size := range v.Sizes {
		var w, h float64
		if n, _ := fmt.Sscanf(size, "%fx%f", &w, &h); n == 2 && w > 0 && h > 0 {
			ratios[int(math.Round(100*math.Log(w/h)))] = true
		}
	}
	return len(ratios)
}

// alike returns the groups of names that differ in nothing but capitals and whether a blank, a hyphen or an underscore
// parts their words.
func alike(names []string) [][]string {
	groups := map[string][]string{}
	for _, name := range names {
		plain := strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
			return r == ' ' || r == '_' || r == '-'
		}), " ")
		groups[plain] = append(groups[plain], name)
	}
	var out [][]string
	for _, plain := range slices.Sorted(maps.Keys(groups)) {
		if len(groups[plain]) > 1 {
			out = append(out, groups[plain])
		}
	}
	return out
}

// splitsText says that folders were passed over.
func splitsText(splits []string) string {
	return fmt.Sprintf("the folders %s are taken for sides of a split or mere containers, not for classes: labels are "+
		"the folders below them", listing.Quoted(splits))
}

// Inventory returns what is in a set of images that are in memory: classes, domains, sizes, modes and depths; name
// stands for the folder. Formats are not known.
func (s *Images) Inventory(name string) *Inventory {
	v := &Inventory{Folder: name, Files: s.N(), Classes: map[string]int{}, Domains: map[string]int{},
		Sizes: map[string]int{}, Modes: map[string]int{}, Depths: map[string]int{}}
	for i := range s.Items {
		m := &s.Items[i]
		if s.Labels != nil && s.Labels[i] != "" {
			v.Classes[s.Labels[i]]++
		}
		if s.Domains != nil {
			v.Domains[s.Domains[i]]++
		}
		v.Sizes[fmt.Sprintf("%dx%d", m.W, m.H)]++
		mode, depth := "RGB", "8 bits"
		if m.C == 1 {
			mode = "grey"
		}
		if m.Deep != nil {
			depth = "more than 8 bits"
			v.deep = append(v.deep, i)
		}
		v.Modes[mode]++
		v.Depths[depth]++
	}
	return v
}

// Flat returns the ids of the images that are constant, and of those that are nearly so ([Image.Flatness]).
func (s *Images) Flat() (constant, nearly []string) {
	for i := range s.Items {
		switch s.Items[i].Flatness() {
		case Constant:
			constant = append(constant, s.IDs[i])
		case NearlyConstant:
			nearly = append(nearly, s.IDs[i])
		case Varied:
		}
	}
	return constant, nearly
}
