package numpy

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// units are those of NumPy's instants and durations that are read.
var units = map[string]time.Duration{"ns": time.Nanosecond, "us": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour, "D": 24 * time.Hour}

// setUnit reads the code of instants or durations, such as "M8[ns]".
func (h *header) setUnit(code string) error {
	name, closed := strings.CutSuffix(strings.TrimPrefix(code[2:], "["), "]")
	unit, ok := units[name]
	if !closed || !ok {
		return fmt.Errorf("the array holds dates or durations in the unit %q; save it as text or as datetime64[ns]",
			code[2:])
	}
	h.kind, h.size, h.unit = code[0], 8, unit
	return nil
}

// appendTime appends an instant in units since 1970: a day, or a day and a time; nothing for
// one that is missing (NaT).
func (h header) appendTime(to []byte, v int64) []byte {
	switch {
	case v == math.MinInt64:
		return to
	case h.unit == units["D"]:
		return reading.AppendDate(to, v)
	case h.unit > time.Second:
		return reading.AppendTime(to, v*int64(h.unit/time.Second), time.Second, false)
	}
	return reading.AppendTime(to, v, h.unit, false)
}
