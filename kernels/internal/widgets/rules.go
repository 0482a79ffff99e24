package widgets

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// slack is by how much, relative to a bound, a number of the browser may be beyond it: both sides compute powers. It
// becomes the bound.
const slack = 1e-9

// maxWhole is the largest whole number that JavaScript tells from its neighbours.
const maxWhole = 1<<53 - 1

// checked returns a value that the browser sent for a key as the state is to hold it, or why the rule does not allow it.
func checked(rule link.Rule, v any, state map[string]any) (any, error) {
	if v == nil {
		if rule.None {
			return nil, nil
		}
		return nil, fmt.Errorf("null is no value of type %s", rule.Type)
	}
	switch rule.Type {
	case link.RuleInt, link.RuleFloat:
		return number(rule, v, rule.Type == link.RuleInt)
	case link.RuleInts, link.RuleFloats:
		return pair(rule, v)
	case link.RuleBool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case link.RuleText:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case link.RuleBytes:
		if b, ok := v.([]byte); ok {
			return b, nil
		}
	case link.RuleIndex:
		return index(v, len(labels(state)))
	case link.RuleIndices:
		return indices(v, len(labels(state)))
	case link.RuleJSON:
		return v, nil
	}
	return nil, fmt.Errorf("%s is not of type %s", shown(v), rule.Type)
}

// number checks a number's type and bounds.
func number(rule link.Rule, v any, whole bool) (any, error) {
	n, ok := v.(json.Number)
	f, err := strconv.ParseFloat(string(n), 64)
	if !ok || err != nil || whole && (f != math.Trunc(f) || math.Abs(f) > maxWhole) {
		if whole {
			return nil, fmt.Errorf("%s is no whole number", shown(v))
		}
		return nil, fmt.Errorf("%s is no finite number", shown(v))
	}
	for _, bound := range []struct {
		at   *float64
		sign float64
	}{{rule.Min, -1}, {rule.Max, 1}} {
		if bound.at == nil || (f-*bound.at)*bound.sign <= 0 {
			continue
		}
		if whole || math.Abs(f-*bound.at) > slack*math.Abs(*bound.at) {
			return nil, fmt.Errorf("%v is not %s", n, between(rule))
		}
		f, n = *bound.at, ""
	}
	if whole { // 1e3 and 1000.0 are 1000
		return json.Number(strconv.FormatInt(int64(f), 10)), nil
	}
	if n == "" {
		n = json.Number(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return n, nil
}

// pair checks the two ends of a range.
func pair(rule link.Rule, v any) (any, error) {
	ends, ok := v.([]any)
	if !ok || len(ends) != 2 {
		return nil, fmt.Errorf("%s is no pair of numbers", shown(v))
	}
	out := make([]any, 2)
	var f [2]float64
	for i, end := range ends {
		n, err := number(rule, end, rule.Type == link.RuleInts)
		if err != nil {
			return nil, err
		}
		out[i] = n
		f[i], _ = n.(json.Number).Float64()
	}
	if f[1] < f[0] {
		return nil, fmt.Errorf("%v to %v ends before it begins", out[0], out[1])
	}
	return out, nil
}

// index checks a place among n options.
func index(v any, n int) (any, error) {
	if n == 0 {
		return nil, fmt.Errorf("%s is no option: there are none", shown(v))
	}
	low, high := 0.0, float64(n-1)
	return number(link.Rule{Min: &low, Max: &high}, v, true)
}

// indices checks different places among n options.
func indices(v any, n int) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s is no list of options", shown(v))
	}
	out, seen := make([]any, len(list)), map[any]bool{}
	for i, item := range list {
		at, err := index(item, n)
		if err != nil {
			return nil, err
		}
		if seen[at] {
			return nil, fmt.Errorf("option %v is chosen twice", at)
		}
		out[i], seen[at] = at, true
	}
	return out, nil
}

// labels returns the options of a state.
func labels(state map[string]any) []any {
	list, _ := state["_options_labels"].([]any)
	return list
}

// between says what a rule's bounds are.
func between(rule link.Rule) string {
	switch {
	case rule.Min == nil:
		return fmt.Sprintf("at most %v", *rule.Max)
	case rule.Max == nil:
		return fmt.Sprintf("at least %v", *rule.Min)
	}
	return fmt.Sprintf("from %v to %v", *rule.Min, *rule.Max)
}

// shown returns a value for a message: short, as JSON.
func shown(v any) string {
	if b, ok := v.([]byte); ok {
		return fmt.Sprintf("a buffer of %d bytes", len(b))
	}
	var raw strings.Builder
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return fmt.Sprintf("%T", v)
	}
	text := strings.TrimSpace(raw.String())
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}
