package report

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/stats"
)

// About says what a report is about in a line: its items, and whether its figures are exact.
func (r *Report) About() string {
	of := fmt.Sprintf("all %d pairs", r.Pairs)
	if r.Queries > 0 {
		of = fmt.Sprintf("estimated from %d of them as queries against all", r.Queries)
	}
	return fmt.Sprintf("%d items of %d classes, %s (%.1f %% same)", r.Items, r.Classes, of, 100*r.Positive)
}

// tellsOfOthers says whether a comparison is about other items than those it was made on: one of estimates is not.
func tellsOfOthers(c *stats.Comparison) bool { return c != nil && c.By != stats.ByQuery }

// sureness says what the intervals of a comparison are.
func sureness(c *stats.Comparison) string {
	level := 100 * c.MAPAtR.Confidence
	if tellsOfOthers(c) {
		return fmt.Sprintf("%g %% intervals by items", level)
	}
	return fmt.Sprintf("%g %% intervals of estimates, for %s", level, c.By.Of())
}
