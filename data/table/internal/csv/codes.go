package csv

import (
	"strings"
	"time"
)

// hintCodes notes columns of the first rows whose numbers look like names: codes with leading zeros ("00123"), which
// are lost in a number, and days written as one number (20260131), whose differences are no spans of time. isFeature
// says which columns are features.
func (h *heading) hintCodes(isFeature func(column int) bool) {
	for j, name := range h.names {
		if !isFeature(j) {
			continue
		}
		codes, days, all := 0, 0, 0
		for _, row := range h.rows {
			if j >= len(row) || isMissing(row[j]) {
				continue
			}
			all++
			cell := strings.TrimSpace(row[j])
			if len(cell) > 1 && cell[0] == '0' && strings.Trim(cell, "0123456789") == "" {
				codes++
			}
			if day, err := time.Parse("20060102", cell); err == nil && day.Year() >= 1900 && day.Year() < 2100 {
				days++
			}
		}
		const fix = "name it in ID, Label, Domain or Ignore (--ignore) unless it is a measurement"
		switch {
		case codes > 0:
			h.note("column %q has numbers with leading zeros, as codes have, which are lost: %s", name, fix)
		case days == all && all >= 2:
			h.note("column %q seems to hold days as numbers (YYYYMMDD): %s", name, fix)
		}
	}
}
