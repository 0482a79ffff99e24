package notebook

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cellOfParameters declares a parameter of every kind.
const cellOfParameters = `%env NOTHING=1
import "time"

var (
	PerClass         = 40
	Rate     float64 = 1e-3 // a rate
	Small    float32 = 1
	Byte     uint8   = 1
	Name             = "digits"
	Fast             = true
	Layers           = []int{512, 256}
	Names    []string
	Wait             = 30 * time.Second
	Offset           = -1
	Config           = struct{ A int }{1}
	A, B             = 1, 2
	_                = 3
)

const Alone = 4
const (
	First = iota
	Second
)

%%
var inMain = 1
`

func TestInjection(t *testing.T) {
	tests := []struct{ set, want string }{
		{"PerClass=7", "var PerClass = 7"},
		{"PerClass = -7", "var PerClass = -7"},
		{"PerClass=0x10", "var PerClass = 0x10"},
		{"Rate=3", "var Rate float64 = 3"},
		{"Rate=1e-4", "var Rate float64 = 1e-4"},
		{"Small=.5", "var Small float32 = .5"},
		{"Byte=255", "var Byte uint8 = 255"},
		{"Name=fashion", `var Name = "fashion"`},
		{"Name=", `var Name = ""`},
		{"Name=a=b \"c\"", `var Name = "a=b \"c\""`},
		{`Name="quoted"`, `var Name = "quoted"`},
		{"Name=`raw`", `var Name = "raw"`},
		{"Fast=false", "var Fast = false"},
		{"Layers=64,32", "var Layers = []int{64, 32}"},
		{"Layers=[64, 32]", "var Layers = []int{64, 32}"},
		{"Layers=", "var Layers = []int{}"},
		{"Layers=[]int{1}", "var Layers = []int{1}"},
		{"Names=a,b c", `var Names []string = []string{"a", "b c"}`},
		{"Wait=90s", "var Wait = time.Duration(90000000000) /* 1m30s */"},
		{"Offset=2", "var Offset = 2"},
		{"Config=struct{ A int }{2}", "var Config = struct{ A int }{2}"},
		{"Alone=5", "const Alone = 5"},
	}
	for _, test := range tests {
		t.Run(test.set, func(t *testing.T) {
			set, err := parseSet(test.set)
			if err != nil {
				t.Fatal(err)
			}
			got, err := injection(cellOfParameters, []Set{set})
			if diff := cmp.Diff("// Parameters of this run.\n"+test.want+"\n", got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestInjectionFaults(t *testing.T) {
	tests := []struct{ set, want string }{
		{"perclass=7",
			"perclass; known are PerClass int, Rate float64, Small float32, Byte uint8, Name string"},
		{"inMain=2", "inMain"},
		{"PerClass=many", `parameter PerClass: "many" is not of type int`},
		{"PerClass=1.5", "not of type int"},
		{"PerClass=", "not of type int"},
		{"PerClass=1; panic(1)", "not of type int"},
		{"PerClass=99999999999999999999", "out of range for int"},
		{"Byte=256", "256 is out of range for uint8"},
		{"Byte=-1", "not of type uint8"},
		{"Rate=fast", "not of type float64"},
		{"Rate=NaN", "not of type float64"},
		{"Rate=+Inf", "not of type float64"},
		{"Small=1e39", "out of range for float32"},
		{"Fast=yes", "true or false"},
		{"Layers=64,x", `"x" is not of type int`},
		{"Layers=64,,32", `"" is not of type int`},
		{"Wait=90", "such as 90s"},
		{"Config=struct{", "not a Go expression"},
		{"A=5", "declared together with others"},
		{"First=5", "group of constants"},
	}
	for _, test := range tests {
		t.Run(test.set, func(t *testing.T) {
			set, err := parseSet(test.set)
			if err != nil {
				t.Fatal(err)
			}
			_, err = injection(cellOfParameters, []Set{set})
			wantError(t, err, test.want)
		})
	}
	_, err := injection(cellOfParameters, []Set{{"Nope", "1"}, {"Fast", "1"}, {"Rate", "2"}, {"Rate", "3"}})
	wantError(t, err, "Nope", "Fast", "Rate")
	_, err = injection("var x int = (", []Set{{"x", "1"}})
	wantError(t, err, "parameters cell")
	_, err = injection("import \"fmt\"", []Set{{"x", "1"}})
	wantError(t, err, "known are none")
}

// parseSet reads "name=value".
func parseSet(text string) (set Set, err error) {
	err = set.UnmarshalText([]byte(text))
	return set, err
}

func TestUnmarshalSet(t *testing.T) {
	for _, bad := range []string{"", "x", "=1", "a b=1", "1a=1", "func=1"} {
		if set, err := parseSet(bad); err == nil {
			t.Errorf("%q gives %v", bad, set)
		}
	}
	if got, err := parseSet(" x = a = b "); err != nil || got != (Set{"x", "a = b"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestInject(t *testing.T) {
	nb := hello(t)
	if err := nb.Inject([]Set{{"Times", "5"}, {"Word", "hey"}}); err != nil {
		t.Fatal(err)
	}
	if err := nb.Inject([]Set{{"Times", "6"}}); err != nil { // takes the place of the first
		t.Fatal(err)
	}
	var tags []string
	for _, c := range nb.Cells {
		tags = append(tags, strings.Join(c.Tags(), ","))
	}
	if diff := cmp.Diff([]string{"", "", TagParameters, TagInjected, "", TagResults}, tags); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if got, want := nb.Cells[3].Source(), "// Parameters of this run.\nvar Times int = 6\n"; got != want {
		t.Errorf("injected %q, want %q", got, want)
	}
	if err := nb.Inject(nil); err != nil || len(nb.Cells) != 5 {
		t.Errorf("without sets: %v, %d cells", err, len(nb.Cells))
	}
	if content, err := nb.Bytes(); err != nil || !json.Valid(content) {
		t.Errorf("not JSON: %v", err)
	}
	wantError(t, parse(t, `{"cell_type": "code", "source": "var x = 1"}`).Inject([]Set{{"x", "2"}}),
		`no cell tagged "parameters"`)
	wantError(t, hello(t).Inject([]Set{{"Times", "x"}}), "not of type int")
}

// FuzzInjection feeds arbitrary cells and values: whatever is accepted must be Go declarations of that name alone.
func FuzzInjection(f *testing.F) {
	f.Add(cellOfParameters, "PerClass", "7")
	f.Add("var x = []string{}", "x", "a,b")
	f.Add("var x T", "x", "T{}")
	f.Add("package main\nvar x = 1 * time.Hour", "x", "1h")
	f.Add("!ls\nvar (\nx int\n)", "x", "1 /*")
	f.Fuzz(func(t *testing.T, cell, name, value string) {
		set, err := parseSet(name + "=" + value)
		if err != nil {
			return
		}
		source, err := injection(cell, []Set{set})
		if err != nil {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("not Go: %v\n%s", err, source)
		}
		if len(file.Decls) != 1 {
			t.Fatalf("%d declarations:\n%s", len(file.Decls), source)
		}
	})
}

// FuzzParse feeds arbitrary text: no panic, and what is accepted is written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(nbText(`{"cell_type": "code", "source": ["%%\n"],
		"metadata": {"tags": ["parameters"]}, "outputs": []}`)))
	f.Add([]byte(nbText(`{"cell_type": "code", "source": "x", "execution_count": 1e99,
		"outputs": [{"output_type": "stream", "text": [1]}]}`)))
	f.Add([]byte(`{"nbformat": 4, "cells": [{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		nb, err := Parse(text)
		if err != nil {
			return
		}
		nb.Check()
		nb.Results()
		nb.Inject([]Set{{"x", "1"}})
		nb.Clean("siamese-go", "x")
		content, err := nb.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(content)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, content)
		}
		if second, err := again.Bytes(); err != nil || string(second) != string(content) {
			t.Fatalf("written differently the second time: %v\n%s\n%s", err, content, second)
		}
	})
}
