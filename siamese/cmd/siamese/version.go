package main

import (
	_ "embed"
	"fmt"
	"io"

	"github.com/go-siamese/lab/siamese/version"
)

// notices are the licences of the modules that the program is linked from. They go wherever it goes, so they are in it.
// The program in testdata/notices makes the file.
//
//go:embed NOTICES.md
var notices string

// versionCommand prints the version, which models, reports and pages also carry.
type versionCommand struct {
	Notices bool `help:"Print the licences of what the program is made from."`
}

// Run prints the program's name and its version, or the notices.
func (c *versionCommand) Run(s *streams) error {
	if c.Notices {
		_, err := io.WriteString(s.out, notices)
		return err
	}
	_, err := fmt.Fprintln(s.out, "siamese", version.String())
	return err
}
