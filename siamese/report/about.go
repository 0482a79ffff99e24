package report

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/stats"
)

// About returns in one line how many items or pairs the report is about, how many of the pairs are same, and whether
// its metrics are exact.
func (r *Report) About() string {
	if r.GivenPairs {
		return fmt.Sprintf("%d pairs of %d items (%.1f %% same)", r.Pairs, r.Items, 100*r.Positive)
	}
	of := fmt.Sprintf("all %d pairs", r.Pairs)
	if r.Queries > 0 {
		of = fmt.Sprintf("estimated from %d of them as queries against all", r.Queries)
	}
	return fmt.Sprintf("%d items of %d classes, %s (%.1f %% same)", r.Items, r.Classes, of, 100*r.Positive)
}

// generalises returns whether the intervals of a comparison are for other items than its own. Those of estimates are
// not: they say where the exact metrics of the same items lie. nil generalises to nothing.
func generalises(c *stats.Comparison) bool { return c != nil && c.By != stats.ByQuery }

// intervalsOf describes the intervals of a comparison by items or queries, such as "95 % intervals by items".
func intervalsOf(c *stats.Comparison) string {
	level := 100 * c.Confidence()
	if generalises(c) {
		return fmt.Sprintf("%g %% intervals by items", level)
	}
	return fmt.Sprintf("%g %% intervals of estimates, for %s", level, c.By.Of())
}
