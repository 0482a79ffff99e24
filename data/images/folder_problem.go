package images

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
)

// FileProblem is what is wrong with a file, or why it was ignored. It is an error, and a value that reports keep.
type FileProblem struct {
	// File is the path below its folder, with slashes.
	File string
	// Err is never nil. Its text does not name the file.
	Err error
}

// Error returns the file and what is wrong.
func (p FileProblem) Error() string { return quote.Text(p.File) + ": " + p.Err.Error() }

// Spell returns the same with a front's names for options, see [option.Speller].
func (p FileProblem) Spell(name func(option string) string) string {
	return quote.Text(p.File) + ": " + option.Text(p.Err, name)
}

// Unwrap returns what is wrong.
func (p FileProblem) Unwrap() error { return p.Err }

// maxProblems is how many files an error or a report lists; the fields hold all.
const maxProblems = 10

// FilesError is the error about images that cannot be read: all of a folder, so that they can be mended in one go.
// [errors.As] finds it below the errors of other packages.
type FilesError struct {
	// Folder is the path of the folder as the caller wrote it.
	Folder string
	// Files is the number of images in the folder, those that can be read included.
	Files int
	// Problems are the images that cannot be read, by file.
	Problems []FileProblem
}

// Error returns how many images cannot be read and what to do, and then the first ten of them, a line each.
func (e *FilesError) Error() string {
	return e.text(filesFix.String(), problemLines(e.Problems, FileProblem.Error))
}

// Spell returns the same with a front's names for options, see [option.Speller].
func (e *FilesError) Spell(name func(option string) string) string {
	return e.text(filesFix.Spell(name), problemLines(e.Problems, func(p FileProblem) string { return p.Spell(name) }))
}

// filesFix is what to do about images that cannot be read.
var filesFix = option.Do("mend or remove them").Or("leave them out with %s", "SkipCorrupt")

// text puts the parts of the error together.
func (e *FilesError) text(fix, lines string) string {
	return fmt.Sprintf("images of %s: %d of %d cannot be read; %s:%s", quote.Text(e.Folder), len(e.Problems), e.Files,
		fix, lines)
}

// Unwrap returns the problems, each a [FileProblem], so that [errors.Is] sees for instance [io/fs.ErrPermission] in
// any.
func (e *FilesError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Report lists what happened to the files of a folder. Of the images, all that are not in Skipped were read.
type Report struct {
	// Folder is the path of the folder as the caller wrote it.
	Folder string
	// Files is the number of images in the folder, the skipped ones included.
	Files int
	// Skipped are the images that cannot be read and were left out on request, by file.
	Skipped []FileProblem
	// Ignored are the files and folders that are not taken for images.
	Ignored []FileProblem
	// Splits are the folders that were taken for sides of a split, not for classes: labels are the folders below them.
	Splits []string
	// Constant and NearlyConstant are the images that show nothing, or next to nothing ([Image.Flatness]), by file.
	Constant, NearlyConstant []string
	// Several are the images that are the first of several pictures in their file, animations and pages, by file.
	Several []string
}

// String returns a line of numbers, and the first ten of the files that were skipped and ignored, a line each.
func (r *Report) String() string {
	text := fmt.Sprintf("%s: %d images read, %d skipped, %d other files ignored",
		quote.Text(r.Folder), r.Files-len(r.Skipped),
		len(r.Skipped), len(r.Ignored))
	if len(r.Skipped) > 0 {
		text += "\nskipped:" + problemLines(r.Skipped, FileProblem.Error)
	}
	if len(r.Ignored) > 0 {
		text += "\nignored:" + problemLines(r.Ignored, FileProblem.Error)
	}
	if len(r.Splits) > 0 {
		text += "\nwarning: " + splitsText(r.Splits)
	}
	for _, flat := range []struct {
		what  string
		files []string
	}{{"are constant, of one value", r.Constant}, {"are nearly constant", r.NearlyConstant},
		{"are the first of several pictures in their files", r.Several}} {
		if len(flat.files) > 0 {
			text += fmt.Sprintf("\nwarning: %d images %s: %s", len(flat.files), flat.what, listing.Quoted(flat.files))
		}
	}
	return text
}

// problemLines lists problems, a line each, at most maxProblems of them and a count of the others. Every line begins
// with a line end and two blanks; text words one.
func problemLines(problems []FileProblem, text func(FileProblem) string) string {
	var out strings.Builder
	for _, p := range problems[:min(len(problems), maxProblems)] {
		out.WriteString("\n  " + quote.Line(strings.ReplaceAll(text(p), "\n", " ")))
	}
	if more := len(problems) - maxProblems; more > 0 {
		fmt.Fprintf(&out, "\n  and %d more", more)
	}
	return out.String()
}

// examples lists some files that were ignored, "" when there are none.
func examples(problems []FileProblem) string {
	if len(problems) == 0 {
		return ""
	}
	return ":" + problemLines(problems, FileProblem.Error)
}
