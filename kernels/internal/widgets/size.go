package widgets

import (
	"encoding/json"
	"maps"
	"slices"
)

// sorted returns the keys in order.
func sorted[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// size returns about how many bytes a value takes.
func size(v any) int {
	n := 16
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			n += len(key) + size(item)
		}
	case []any:
		for _, item := range v {
			n += size(item)
		}
	case string:
		n += len(v)
	case json.Number:
		n += len(v)
	case []byte:
		n += len(v)
	}
	return n
}
