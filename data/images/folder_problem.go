package images

import (
	"fmt"
	"strings"
)

// FileProblem is what is wrong with a file, or why it was ignored.
type FileProblem struct {
	File string // path below its folder, with slashes
	Err  error
}

// Error returns the file and what is wrong.
func (p FileProblem) Error() string { return p.File + ": " + p.Err.Error() }

// Unwrap returns what is wrong.
func (p FileProblem) Unwrap() error { return p.Err }

// maxProblems is how many files an error or a report lists.
const maxProblems = 10

// FilesError is the error about images that cannot be read.
type FilesError struct {
	Folder   string
	Files    int           // images in the folder
	Problems []FileProblem // all that cannot be read, by file
}

// Error returns how many images cannot be read and what to do, and then the first ten of them, a line each.
func (e *FilesError) Error() string {
	return fmt.Sprintf("images of %s: %d of %d cannot be read; mend or remove them, or ask for corrupt images to be "+
		"skipped:%s",
		e.Folder, len(e.Problems), e.Files, problemLines(e.Problems))
}

// Unwrap returns the problems.
func (e *FilesError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Report lists what happened to the files of a folder.
type Report struct {
	Folder  string
	Files   int           // images in the folder
	Skipped []FileProblem // images that cannot be read, left out on request, by file
	Ignored []FileProblem // files that are not taken for images
}

// String returns a line of numbers, and the first ten of the files that were skipped and ignored, a line each.
func (r *Report) String() string {
	text := fmt.Sprintf("%s: %d images read, %d skipped, %d other files ignored", r.Folder, r.Files-len(r.Skipped),
		len(r.Skipped), len(r.Ignored))
	if len(r.Skipped) > 0 {
		text += "\nskipped:" + problemLines(r.Skipped)
	}
	if len(r.Ignored) > 0 {
		text += "\nignored:" + problemLines(r.Ignored)
	}
	return text
}

// problemLines lists problems, a line each, capped.
func problemLines(problems []FileProblem) string {
	var out strings.Builder
	for _, p := range problems[:min(len(problems), maxProblems)] {
		out.WriteString("\n  " + strings.ReplaceAll(p.Error(), "\n", " "))
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
	return ":" + problemLines(problems)
}
