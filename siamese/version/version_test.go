package version

import (
	"runtime/debug"
	"testing"
)

func TestDescribe(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "1f6a40e2b3c4d5e6f7"}
	for want, settings := range map[string][]debug.BuildSetting{
		Version: nil,
		Version + " (1f6a40e2b3c4)": {{Key: "vcs", Value: "git"}, revision,
			{Key: "vcs.modified", Value: "false"}},
		Version + " (1f6a40e2b3c4, modified)": {{Key: "vcs.modified", Value: "true"}, revision},
	} {
		if got := describe(settings); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
