package split

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
)

// names returns the option as a list, "" as none.
func names(option string) []string {
	if option == "" {
		return nil
	}
	return []string{option}
}

// wantError fails the test unless err is an error about the options, in order (none = about no single option), whose
// text has every part: the values that it is about, not its wording.
func wantError(t *testing.T, err error, options []string, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	if got := option.Names(err); !slices.Equal(got, options) {
		t.Errorf("%v\nis about options %q, want %q", err, got, options)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nwant it to have %q", err, part)
		}
	}
}
