// Package version is the version of the lab. It is a package of its own so that a tool can ask for it without linking
// anything else. Versions of file formats are beside the code that reads them.
package version

import (
	"fmt"
	"runtime/debug"
)

// Version is the semantic version of this source tree, as models and reports record it.
const Version = "0.1.0"

// String returns the version and, where the program was built from a repository, its revision: "0.1.0 (1f6a40e,
// modified)".
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Version
	}
	return describe(info.Settings)
}

// describe is [String] with the settings of a build: "vcs.revision" and "vcs.modified", where the go command knew them.
func describe(settings []debug.BuildSetting) string {
	revision, modified := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ", modified"
		}
	}
	if revision == "" {
		return Version
	}
	return Version + " (" + revision + modified + ")"
}

// Other says in a sentence that another version of the lab wrote something, "" for this one, and where it is not known
// ("").
func Other(lab string) string {
	if lab == "" || lab == Version {
		return ""
	}
	return fmt.Sprintf("it was written by version %q of the lab, and this is %q", lab, Version)
}
