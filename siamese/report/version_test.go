package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/version"
)

// The error about a report of another version says so, wherever the version stands before or behind what is new; counts
// that are none are errors.
func TestReportsOfOtherVersions(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"reports": [{"name": "lab", "lab": "9.9.9", "items": 1, "news": {"lab": 3}}]}`, `"9.9.9"`},
		{`{"later": [1, {"a": "lab"}], "reports": [{"name": "x", "lab": "9.9.9"}]}`, `"9.9.9"`},
		{`{"reports": [{"name": "x", "lab": "` + version.Version + `", "news": 1}]}`, "evaluate --json"},
		{`{"reports": [{"name": "x", "news": 1}]}`, "evaluate --json"},
		{`{"reports"`, "evaluate --json"},
		{`{"reports": [{"name": "x", "items": -5}]}`, "items is -5"},
		{`{"reports": [{"name": "x", "pairs": -1}]}`, "pairs is -1"},
		{`{"reports": [{"name": "x", "positive": 1.5}]}`, "positive is 1.5"},
	} {
		path := filepath.Join(t.TempDir(), "r.json")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Load(path); err == nil || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "9.9.9") != strings.Contains(test.want, "9.9.9") {
			t.Errorf("%s: %v", test.text, err)
		}
	}
}
