package extract

import "fmt"

// String returns how many features of how many items were written, then the report on the folder.
func (r *Report) String() string {
	return fmt.Sprintf("%d features of %d items, %d of them from an earlier call; %s", r.Features, r.Items, r.Resumed,
		r.Report.String())
}

// String returns how far the extraction is.
func (p Progress) String() string {
	if p.Writing {
		return fmt.Sprintf("writing the features of %d images", p.Kept)
	}
	return fmt.Sprintf("%d of %d images done", p.Done, p.Total)
}
