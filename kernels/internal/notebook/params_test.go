package notebook

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cellOfParameters declares a parameter of every kind.
const cellOfParameters = `%env NOTHING=1
import "fmt"

type Mode string

var (
	PerClass         = 40
	Rate     float64 = 1e-3 // a rate
	Half             = 0.5
	Third            = 1.0 / 3
	Many             = 10 * 1000
	Small    float32 = 1
	Single           = float32(0.5)
	Byte     uint8   = 1
	Letter           = 'x'
	Name             = "digits"
	Fastest  Mode    = "fast"
	How              = Mode("fast")
	Fast             = true
	Slow             = !Fast
	Layers           = []int{512, 256}
	Shares           = []float32{.5}
	Pair             = [2]float64{1, 2}
	Names    []string
	Wait             = 30 * time.Second
	Minute           = time.Minute
	Waits            = []time.Duration{time.Second}
	Offset           = -1
	Root             = math.Sqrt(2)
	Workers          = runtime.NumCPU()
	Folder           = filepath.Join(os.TempDir(), "x")
	Config           = struct{ A int }{1}
	Counts           = map[string]int{"a": 1}
	Other            = elsewhere.Default()
	Typed    elsewhere.Kind = elsewhere.Default()
	A, B             = 1, 2
	_                = 3
)

const Alone = 4
const Share = 0.5
const Limit float64 = 2
const (
	First = iota
	Second
)

%%
var inMain = 1
`

func TestInjection(t *testing.T) {
	tests := []struct{ set, want string }{
		{"PerClass=7", "var PerClass int = 7"},
		{"PerClass = -7", "var PerClass int = -7"},
		{"PerClass=0x10", "var PerClass int = 0x10"},
		{"PerClass=20_000", "var PerClass int = 20_000"},
		{"PerClass=0", "var PerClass int = 0"},
		{"Rate=3", "var Rate float64 = 3"},
		{"Rate=1e-4", "var Rate float64 = 1e-4"},
		{"Half=1", "var Half float64 = 1"},
		{"Half=0", "var Half float64 = 0"},
		{"Half=0.0e5", "var Half float64 = 0.0e5"},
		{"Third=1", "var Third float64 = 1"},
		{"Many=7", "var Many int = 7"},
		{"Small=.5", "var Small float32 = .5"},
		{"Single=1", "var Single float32 = 1"},
		{"Byte=255", "var Byte uint8 = 255"},
		{"Letter='y'", "var Letter rune = 'y'"},
		{"Letter=65", "var Letter rune = 65"},
		{"Name=fashion", `var Name string = "fashion"`},
		{"Name=", `var Name string = ""`},
		{"Name=5", `var Name string = "5"`},
		{"Name=a=b \"c\"", `var Name string = "a=b \"c\""`},
		{`Name="quoted"`, `var Name string = "quoted"`},
		{"Name=`raw`", `var Name string = "raw"`},
		{"Fastest=slow", `var Fastest Mode = "slow"`},
		{"How=slow", `var How Mode = "slow"`},
		{"Fast=false", "var Fast bool = false"},
		{"Slow=true", "var Slow bool = true"},
		{"Layers=64,32", "var Layers []int = []int{64, 32}"},
		{"Layers=[64, 32]", "var Layers []int = []int{64, 32}"},
		{"Layers=", "var Layers []int = []int{}"},
		{"Layers=[]int{1}", "var Layers []int = []int{1}"},
		{"Shares=1,0.25", "var Shares []float32 = []float32{1, 0.25}"},
		{"Pair=1,2", "var Pair [2]float64 = [2]float64{1, 2}"},
		{"Names=a,b c", `var Names []string = []string{"a", "b c"}`},
		{`Names="a,b", c,""`, `var Names []string = []string{"a,b", "c", ""}`},
		{"Wait=90s", "var Wait time.Duration = time.Duration(90000000000) /* 1m30s */"},
		{"Wait=0", "var Wait time.Duration = time.Duration(0) /* 0s */"},
		{"Minute=1ms", "var Minute time.Duration = time.Duration(1000000) /* 1ms */"},
		{"Waits=1ms", "var Waits []time.Duration = []time.Duration{time.Duration(1000000) /* 1ms */}"},
		{"Offset=2", "var Offset int = 2"},
		{"Root=1", "var Root float64 = 1"},
		{"Workers=2", "var Workers int = 2"},
		{"Folder=/x", `var Folder string = "/x"`},
		{"Config=struct{ A int }{2}", "var Config struct{A int} = struct{ A int }{2}"},
		{`Counts=map[string]int{"b": 2}`, `var Counts map[string]int = map[string]int{"b": 2}`},
		{"Typed=elsewhere.Kind(3)", "var Typed elsewhere.Kind = elsewhere.Kind(3)"},
		{"Alone=5", "const Alone = 5"},
		{"Share=1", "const Share = 1.0"},
		{"Share=1e0", "const Share = 1e0"},
		{"Limit=1", "const Limit float64 = 1"},
	}
	for _, test := range tests {
		t.Run(test.set, func(t *testing.T) {
			t.Parallel()
			set, err := parseSet(test.set)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := injection(cellOfParameters, []Set{set})
			if diff := cmp.Diff(test.want+"\n", got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestInjectionFaults(t *testing.T) {
	tests := []struct{ set, want string }{
		{"perclass=7", "none of this name"},
		{"inMain=2", "none of this name"},
		{"PerClass=many", `"many" is not of type int`},
		{"PerClass=1.5", "not of type int"},
		{"PerClass=", "not of type int"},
		{"PerClass=1; panic(1)", "not of type int"},
		{"PerClass=010", "octal"},
		{"PerClass=99999999999999999999", "out of range for int"},
		{"Many=0.5", "not of type int"},
		{"Byte=256", "256 is out of range for uint8"},
		{"Byte=-1", "not of type uint8"},
		{"Letter='ab'", "not of type rune"},
		{"Rate=fast", "not of type float64"},
		{"Rate=NaN", "not of type float64"},
		{"Rate=+Inf", "not of type float64"},
		{"Rate=1e-999", "out of range for float64"},
		{"Third=x", "not of type float64"},
		{"Small=1e39", "out of range for float32"},
		{"Fast=yes", "true or false"},
		{"Layers=64,x", `"x" is not of type int`},
		{"Layers=64,,32", "element 2 is empty"},
		{"Layers=64,", "element 2 is empty"},
		{"Layers=[64", "bracket at one end"},
		{"Layers=[]int{0.5}", "not of type []int"},
		{"Pair=1", "1 elements"},
		{`Names="a`, "not closed"},
		{`Names="a"b`, "without a comma"},
		{"Wait=90", "such as 90s"},
		{"Config=struct{", "not a Go expression"},
		{"Config=7", "not of type struct{A int}"},
		{`Counts=map[string]int{"b": "c"}`, "not of type map[string]int"},
		{"Other=7", "declare it as var Other TYPE"},
		{"A=5", "declared together with others"},
		{"First=5", "group of constants"},
	}
	for _, test := range tests {
		t.Run(test.set, func(t *testing.T) {
			t.Parallel()
			set, err := parseSet(test.set)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = injection(cellOfParameters, []Set{set})
			wantError(t, err, test.want)
			var fault *ParameterError
			if !errors.As(err, &fault) || !slices.Equal(fault.Names, []string{set.Name}) ||
				!slices.Contains(fault.Known, "Half float64") || !slices.Contains(fault.Known, "Layers []int") {
				t.Errorf("error %#v, want one about %s that names the parameters", err, set.Name)
			}
		})
	}
	_, _, err := injection(cellOfParameters, []Set{{"Nope", "1"}, {"Fast", "1"}, {"Rate", "2"}, {"Rate", "3"}})
	var all *ParameterError
	if !errors.As(err, &all) || !slices.Equal(all.Names, []string{"Nope", "Fast", "Rate"}) {
		t.Errorf("error %v, want all faults", err)
	}
	_, _, err = injection("var x int = (", []Set{{"x", "1"}})
	wantError(t, err, "parameters cell")
	_, _, err = injection("import \"fmt\"", []Set{{"x", "1"}})
	wantError(t, err, "parameters are none")
}

// TestRuns: a run with parameters gets a folder of its own, unless it names one.
func TestRuns(t *testing.T) {
	const cell = "var (\n\tN = 1\n\tRuns = \"runs/tune\" // a folder\n)"
	tests := []struct {
		cell string
		sets []Set
		runs string
	}{
		{cell, []Set{{"N", "150"}}, "runs/tune/N=150"},
		{cell, []Set{{"N", "150"}, {"Runs", "here"}}, ""},
		{"var N = 1", []Set{{"N", "150"}}, ""},
		{"var (\n\tN = 1\n\tRuns = 7\n)", []Set{{"N", "150"}}, ""},
	}
	for _, test := range tests {
		source, runs, err := injection(test.cell, test.sets)
		if err != nil || runs != test.runs ||
			strings.Contains(source, "var Runs string = \""+runs+"\"") != (runs != "") {
			t.Errorf("%v: folder %q, %v, want %q:\n%s", test.sets, runs, err, test.runs, source)
		}
	}
}

func TestFileName(t *testing.T) {
	long := FileName([]Set{{"A", strings.Repeat("x", 500)}})
	if got := FileName([]Set{{"A", "1"}, {"B", "0.5"}}); got != "A=1,B=0.5" || len(long) > 100 {
		t.Errorf("%q, %d bytes", got, len(long))
	}
	a, b := FileName([]Set{{"A", "../x"}}), FileName([]Set{{"A", ".. x"}})
	if a == b || strings.ContainsAny(a+b, "/ ") {
		t.Errorf("%q and %q", a, b)
	}
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
	if _, err := nb.Inject([]Set{{"Times", "5"}, {"Word", "hey"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := nb.Inject([]Set{{"Times", "6"}}); err != nil { // takes the place of the first
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
	if _, err := nb.Inject(nil); err != nil || len(nb.Cells) != 5 {
		t.Errorf("without sets: %v, %d cells", err, len(nb.Cells))
	}
	if content, err := nb.Bytes(); err != nil || !json.Valid(content) {
		t.Errorf("not JSON: %v", err)
	}
	_, err := parse(t, `{"cell_type": "code", "source": "var x = 1"}`).Inject([]Set{{"x", "2"}})
	wantError(t, err, `no cell tagged "parameters"`)
	_, err = hello(t).Inject([]Set{{"Times", "x"}})
	wantError(t, err, "not of type int")
}

// FuzzInjection feeds arbitrary cells and values: whatever is accepted must be Go declarations of that name alone.
func FuzzInjection(f *testing.F) {
	f.Add(cellOfParameters, "PerClass", "7")
	f.Add("var x = []string{}", "x", "a,b")
	f.Add("var x T", "x", "T{}")
	f.Add("package main\nvar x = 1 * time.Hour", "x", "1h")
	f.Add("!ls\nvar (\nx int\n)", "x", "1 /*")
	f.Add("var x = []string{}", "x", "\"a,b\", c")
	f.Add("var x = map[int]int{}", "x", "nil\nvar y = 1")
	f.Fuzz(func(t *testing.T, cell, name, value string) {
		set, err := parseSet(name + "=" + value)
		if err != nil {
			return
		}
		source, _, err := injection(cell, []Set{set})
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
