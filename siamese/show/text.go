package show

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// rate returns a metric with the digits of the report in the terminal, four, so that both can be compared.
func rate(v float64) string { return decimal.Fixed(v, 4) }

// number returns a value with three digits: tables in notebooks are wide.
func number(v float64) string { return decimal.Fixed(v, 3) }

// signed returns a difference with three digits and its sign.
func signed(v float64) string { return decimal.Signed(v, 3) }

// between returns the ends of an interval of values that are not negative.
func between(low, high float64) string { return number(low) + "-" + number(high) }

// span returns the ends of an interval with their signs.
func span(low, high float64) string { return signed(low) + " to " + signed(high) }

// estimate returns a value with its interval, where there is one.
func estimate(v float64, e stats.Estimate) string {
	if e.Method == "" {
		return number(v)
	}
	return fmt.Sprintf("%s [%s, %s]", number(v), number(e.Low), number(e.High))
}
