// Package sbom lists what a program is made from: a bill of materials in CycloneDX 1.6
// (https://cyclonedx.org/docs/1.6/json/), made from what Go's linker wrote into the program.
package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// document is the root of the format, with the fields that are used here.
type document struct {
	Schema      string      `json:"$schema"`
	BOMFormat   string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Serial      string      `json:"serialNumber"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Component  component  `json:"component"`
	Properties []property `json:"properties,omitempty"` // how it was built
}

// component is the program, or a part of it.
type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Licences   []licence  `json:"licenses,omitempty"` // none = not known
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

// licence has one of the two.
type licence struct {
	Licence    *named `json:"license,omitempty"`
	Expression string `json:"expression,omitempty"`
}

type named struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Make returns the bill of materials of a program of this module: Go's standard library, the modules that info names in
// the versions that were linked, and the built-in images. version is the program's own, notices the text of NOTICES.md,
// which has the modules' licences. The same arguments give the same bytes: there is no time in it, and the serial
// number is a digest of the rest.
func Make(info *debug.BuildInfo, version, notices string) ([]byte, error) {
	licences := spdx(notices)
	doc := document{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", BOMFormat: "CycloneDX", SpecVersion: "1.6",
		Version: 1}
	of := purl(info.Main.Path, "v"+version)
	program := strings.TrimPrefix(strings.TrimPrefix(info.Path, info.Main.Path), "/")
	doc.Metadata.Component = component{Type: "application", Ref: of + "#" + program, Name: info.Path, Version: version,
		Licences: licenceOf("Apache-2.0"), PURL: of + "#" + program}
	for _, s := range info.Settings {
		if s.Value != "" {
			doc.Metadata.Properties = append(doc.Metadata.Properties, property{"go:build:" + s.Key, s.Value})
		}
	}
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	std := purl("std", goVersion)
	doc.Components = []component{{Type: "library", Ref: std, Name: "std", Version: goVersion, PURL: std,
		Licences: licenceOf(licences["Go its standard library and runtime"])}}
	modules := slices.Clone(info.Deps)
	slices.SortFunc(modules, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	for _, m := range modules {
		if m.Replace != nil { // what was linked in its place
			m = m.Replace
		}
		ref := purl(m.Path, m.Version)
		c := component{Type: "library", Ref: ref, Name: m.Path, Version: m.Version, PURL: ref,
			Licences: licenceOf(licences[m.Path+" "+m.Version])}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		doc.Components = append(doc.Components, c)
	}
	doc.Components = append(doc.Components,
		component{Type: "data", Ref: "data:mnist", Name: "MNIST, test split", Licences: licenceOf("CC-BY-SA-3.0")},
		component{Type: "data", Ref: "data:fashion-mnist", Name: "Fashion-MNIST, test split", Licences: licenceOf("MIT")})
	text, err := encode(doc)
	if err != nil {
		return nil, err
	}
	// A UUID of version 8: its bits are those of a digest.
	sum := sha256.Sum256(text)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	doc.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	return encode(doc)
}

func encode(doc document) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return out.Bytes(), err
}

var section = regexp.MustCompile(`(?m)^## (.+)\n\nSPDX: (.+)$`)

// spdx returns the licences of the notices' sections by their headings, which are a module's path and version.
func spdx(notices string) map[string]string {
	out := map[string]string{}
	for _, found := range section.FindAllStringSubmatch(notices, -1) {
		out[found[1]] = found[2]
	}
	return out
}

// licenceOf returns an SPDX expression as the format has it.
func licenceOf(expression string) []licence {
	switch {
	case expression == "":
		return nil
	case strings.ContainsRune(expression, ' ') || strings.HasPrefix(expression, "LicenseRef-"):
		return []licence{{Expression: expression}}
	}
	return []licence{{Licence: &named{expression}}}
}

// purl returns the package URL of a module (https://github.com/package-url/purl-spec): lower case, the version escaped.
func purl(path, version string) string {
	if version == "" || version == "(devel)" {
		return "pkg:golang/" + strings.ToLower(path)
	}
	return "pkg:golang/" + strings.ToLower(path) + "@" + url.QueryEscape(version)
}
