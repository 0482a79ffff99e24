package metric

import (
	"encoding/json"
	"testing"
)

// finite fails if v cannot be written as JSON, which NaN and infinities cannot.
func finite(t *testing.T, name string, v any) {
	t.Helper()
	if _, err := json.Marshal(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
