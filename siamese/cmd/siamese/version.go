package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/go-siamese/lab/siamese/internal/sbom"
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
	SBOM    bool `name:"sbom" help:"Print what the program is made from as CycloneDX 1.6 (JSON)."`
}

// Run prints the program's name and its version, the notices, or the parts.
func (c *versionCommand) Run(s *streams) error {
	if c.Notices && c.SBOM {
		return wrongFlag("sbom", "it is printed alone, without --notices")
	}
	if c.Notices {
		_, err := io.WriteString(s.out, notices)
		return err
	}
	if c.SBOM {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return errors.New("the program does not know what it was built from: build it by go build, with modules")
		}
		text, err := sbom.Make(info, version.Version, notices)
		if err == nil {
			_, err = s.out.Write(text)
		}
		return err
	}
	_, err := fmt.Fprintln(s.out, "siamese", version.String())
	return err
}
