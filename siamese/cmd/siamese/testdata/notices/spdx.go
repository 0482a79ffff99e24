package main

import (
	"fmt"
	"slices"
	"strings"
)

// licence is one that the lab may be linked with: its SPDX expression, words of which all are in its text, and words of
// which none is.
type licence struct {
	spdx      string
	has, lack []string
}

const (
	redistribution = "Redistribution and use in source and binary forms"
	endorse        = "endorse or promote products"
)

// allowed are the licences that go with the lab's own (Apache-2.0). A text may be of several. GPL alone is not among
// them: FreeType offers it as a choice.
var allowed = []licence{
	{spdx: "Apache-2.0", has: []string{"Apache License", "Version 2.0"}},
	{spdx: "BSD-2-Clause", has: []string{redistribution}, lack: []string{endorse}},
	{spdx: "BSD-3-Clause", has: []string{redistribution, endorse}},
	{spdx: "BSL-1.0", has: []string{"Boost Software License - Version 1.0"}},
	{spdx: "CC-BY-4.0", has: []string{"Creative Commons Attribution 4.0 International"}},
	{spdx: "MIT", has: []string{"Permission is hereby granted, free of charge",
		"to any person obtaining a copy of this software"}},
	{spdx: "OFL-1.1", has: []string{"SIL OPEN FONT LICENSE Version 1.1"}},
	{spdx: "(FTL OR GPL-2.0-or-later)", has: []string{"subject to your choice of exactly one", "The FreeType License",
		"GNU General Public License (GPL), version 2 or later"}},
	{spdx: "LicenseRef-Bogaert", has: []string{"Copyright (C) 2014 by Ignace Bogaert"}}, // a disclaimer alone
	{spdx: "LicenseRef-SunPro", has: []string{"Developed at SunPro", "is freely granted"}},
	{spdx: "LicenseRef-W3C-test-suite", has: []string{"2008/04-testsuite-copyright.html"}},
}

// ofOthers are allowed beside in programs of other modules. Who passes on a program with a module under MPL-2.0 has to
// offer the source of that module.
var ofOthers = []licence{
	{spdx: "ISC", has: []string{"Permission to use, copy, modify, and", "distribute this software for any purpose with " +
		"or without fee is hereby granted"}},
	{spdx: "MPL-2.0", has: []string{"Mozilla Public License", "2.0"}},
	// Of a module's documents, which no program holds.
	{spdx: "CC-BY-SA-4.0", has: []string{"Attribution-ShareAlike 4.0 International"}},
}

// choices are the texts between which a licence lets one choose.
var choices = []string{"licenses/ftl.txt", "licenses/gpl.txt"}

// spdxOf returns the licences of a text. One that is not known is an error: whether it goes with the lab's own has to
// be found out, and written into allowed.
func spdxOf(text string) ([]string, error) {
	text = strings.Join(strings.Fields(text), " ")
	in := func(words string) bool { return strings.Contains(text, words) }
	var found []string
	for _, l := range allowed {
		if !slices.ContainsFunc(l.has, func(w string) bool { return !in(w) }) && !slices.ContainsFunc(l.lack, in) {
			found = append(found, l.spdx)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("it is none of the licences in spdx.go")
	}
	return found, nil
}

// expression joins the licences of a module's files, all of which apply.
func expression(all []string) string {
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 1 {
		return strings.Trim(all[0], "()")
	}
	return strings.Join(all, " AND ")
}
