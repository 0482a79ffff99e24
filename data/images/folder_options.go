package images

import (
	"errors"

	"github.com/go-siamese/lab/data/option"
)

// FolderOptions control how a folder of images is read. In the zero value no item has a label; [DefaultFolder] has the
// usual layout.
type FolderOptions struct {
	// LabelDepth is the level of the folders whose names are the labels: 1 for folder/label/…/file, 2 for
	// folder/domain/label/…/file. 0 = the items have no labels.
	LabelDepth int
	// DomainDepth is the level of the folders whose names are the domains, counted like LabelDepth and not equal to it.
	// 0 = there is only one domain.
	DomainDepth int
	// SplitFolders passes over levels of folders whose names are all those of sides of a split (train, val, test, fold1
	// and the like) or of mere containers (images, data): labels and domains are then counted from below them, and
	// [Folder.Splits] names them. false = LabelDepth and DomainDepth are taken as they are.
	SplitFolders bool
	// Width and Height are the pixels that [Open] resizes every image to. Both 0 = images keep their size.
	Width, Height int
	// SkipCorrupt leaves out images that cannot be read, and says so in the report, instead of failing.
	SkipCorrupt bool
	// DecodeOptions say how large a picture may be and what transparent ones are laid on.
	DecodeOptions
	// Progress, when set, is called with the number of files done and in total, from several goroutines. Calls never
	// overlap, and done never falls. nil = no reports.
	Progress func(done, total int)
}

// DefaultFolder returns the options for folders whose names are labels: folder/label/…/file, or
// folder/train/label/…/file and the like. Corrupt images are errors, and images keep their size.
func DefaultFolder() FolderOptions { return FolderOptions{LabelDepth: 1, SplitFolders: true} }

// Validate returns every problem of the options at once, joined, or nil. Problems of one option are of type
// [*option.Error].
func (o FolderOptions) Validate() error {
	var errs []error
	for _, depth := range []struct {
		name  string
		value int
	}{{"LabelDepth", o.LabelDepth}, {"DomainDepth", o.DomainDepth}} {
		if depth.value < 0 {
			errs = append(errs, option.Errorf(depth.name,
				"%d is not a level of folders, which count from 1; 0 = none", depth.value))
		}
	}
	if o.LabelDepth == o.DomainDepth && o.LabelDepth > 0 {
		errs = append(errs, option.Errorf("DomainDepth",
			"%d is also that of labels, and the same folders cannot name both", o.DomainDepth))
	}
	return errors.Join(append(errs, o.validate(), ValidateSize(o.Width, o.Height))...)
}
