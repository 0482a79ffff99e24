package extract

import (
	"fmt"

	"github.com/go-siamese/lab/data/internal/listing"
)

// String returns how many features of how many items were written, then the report on the folder, and what its images
// are.
func (r *Report) String() string {
	text := fmt.Sprintf("%d features of %d items, %d of them from an earlier call; %s", r.Features, r.Items, r.Resumed,
		r.Report.String())
	if len(r.Beyond) > 0 {
		text += fmt.Sprintf("\nwarning: %d images have grey values outside the range that the levels of GLCM divide, "+
			"which are cut to it: %s", len(r.Beyond), listing.Quoted(r.Beyond))
	}
	if r.About != nil {
		about := *r.About
		about.Splits, about.Several = nil, nil // the report on the folder has them
		text += "\n" + about.String()
		for _, note := range r.With.Notes(&about) {
			text += "\n  " + note
		}
		for _, warning := range about.Warnings() {
			text += "\nwarning: " + warning
		}
	}
	return text
}

// String returns how far the extraction is.
func (p Progress) String() string {
	if p.Writing {
		return fmt.Sprintf("writing the features of %d images", p.Kept)
	}
	return fmt.Sprintf("%d of %d images done", p.Done, p.Total)
}
