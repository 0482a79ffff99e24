package notebook

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// typed reads one parameter as a front end hands it over.
func typed(t *testing.T, name, value string) []Typed {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.UseNumber()
	s := Typed{Name: name}
	if err := decoder.Decode(&s.Value); err != nil {
		t.Fatal(err)
	}
	return []Typed{s}
}

// cellOfTypes declares what only values with types of their own can set.
var cellOfTypes = strings.Replace(cellOfParameters, "\n%%", `
var Grid = [][]int{{1}}
var Fixed = [2][]float64{}
var Rates = map[string]float64{}
var ByLabel = map[int][]string{}
var Open any
var Opens = []any{}
var Options = map[string]any{}

%%`, 1)

func TestTyped(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"PerClass", `7`, "var PerClass int = 7"},
		{"PerClass", `"7"`, "var PerClass int = 7"}, // papermill -r
		{"Rate", `1`, "var Rate float64 = 1"},
		{"Rate", `1e+22`, "var Rate float64 = 1e+22"},
		{"Small", `0.5`, "var Small float32 = 0.5"},
		{"Name", `"007"`, `var Name string = "007"`},
		{"Name", `"\"a\""`, `var Name string = "\"a\""`}, // with its quotes, unlike on a command line
		{"Name", `"a\nb\\ é\u0000\u2028"`, `var Name string = "a\nb\\ é\x00\u2028"`},
		{"Name", `""`, `var Name string = ""`},
		{"Fastest", `"slow"`, `var Fastest Mode = "slow"`},
		{"Fast", `false`, "var Fast bool = false"},
		{"Fast", `"false"`, "var Fast bool = false"},
		{"Wait", `"90s"`, "var Wait time.Duration = time.Duration(90000000000) /* 1m30s */"},
		{"Waits", `["1ms"]`, "var Waits []time.Duration = []time.Duration{time.Duration(1000000) /* 1ms */}"},
		{"Layers", `[64, 32]`, "var Layers []int = []int{64, 32}"},
		{"Layers", `[]`, "var Layers []int = []int{}"},
		{"Layers", `"64,32"`, "var Layers []int = []int{64, 32}"},
		{"Pair", `[1, 2.5]`, "var Pair [2]float64 = [2]float64{1, 2.5}"},
		{"Names", `["a,b", "\"", ""]`, `var Names []string = []string{"a,b", "\"", ""}`},
		{"Grid", `[[1, 2], []]`, "var Grid [][]int = [][]int{[]int{1, 2}, []int{}}"},
		{"Fixed", `[[1], [2]]`, "var Fixed [2][]float64 = [2][]float64{[]float64{1}, []float64{2}}"},
		{"Counts", `{"b": 2, "a": 1}`, `var Counts map[string]int = map[string]int{"a": 1, "b": 2}`},
		{"Rates", `{"x": 1}`, `var Rates map[string]float64 = map[string]float64{"x": 1}`},
		{"ByLabel", `{"7": ["x"]}`, `var ByLabel map[int][]string = map[int][]string{7: []string{"x"}}`},
		{"Open", `1.0`, "var Open any = 1.0"},
		{"Open", `null`, "var Open any = nil"},
		{"Opens", `[1, "a", [true]]`, `var Opens []any = []any{1, "a", []any{true}}`},
		{"Options", `{"k": {"a": 1}}`, `var Options map[string]any = map[string]any{"k": map[string]any{"a": 1}}`},
		{"Config", `"struct{ A int }{2}"`, "var Config struct{A int} = struct{ A int }{2}"},
		{"Typed", `3`, "var Typed elsewhere.Kind = 3"},
		{"Share", `1`, "const Share = 1.0"},
		{"Alone", `5`, "const Alone = 5"},
	}
	for _, test := range tests {
		t.Run(test.name+test.value, func(t *testing.T) {
			t.Parallel()
			got, _, err := Injection(cellOfTypes, typed(t, test.name, test.value))
			if diff := cmp.Diff(test.want+"\n", got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestTypedFaults(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"PerClass", `7.0`, "not of type int"}, // a float, though a whole one
		{"PerClass", `true`, "not of type int"},
		{"PerClass", `null`, "leave it out"},
		{"PerClass", `[7]`, "a list is not of type int"},
		{"PerClass", `{"a": 7}`, "not of type int"},
		{"PerClass", `"1; panic(1)"`, "not of type int"},
		{"Byte", `256`, "out of range for uint8"},
		{"Name", `7`, "read as a number"}, // it may have been 007
		{"Name", `true`, "read as a bool"},
		{"Name", `null`, "leave it out"},
		{"Names", `["a", 1.10]`, "element 2: 1.10 was read as a number"},
		{"Fast", `1`, "true or false"},
		{"Wait", `90`, "such as 90s"},
		{"Layers", `[1, 0.5]`, "element 2"},
		{"Layers", `[null]`, "element 1"},
		{"Pair", `[1]`, "1 elements"},
		{"Config", `{"A": 1}`, "not of type struct{A int}"},
		{"Counts", `{"a": "x"}`, `value of "a"`},
		{"ByLabel", `{"x": []}`, `key "x"`},
		{"Typed", `[1]`, "a list is not of type elsewhere.Kind"},
		{"Open", `99999999999999999999`, "out of range for int"},
		{"Nope", `1`, "none of this name"},
	}
	for _, test := range tests {
		t.Run(test.name+test.value, func(t *testing.T) {
			t.Parallel()
			_, _, err := Injection(cellOfTypes, typed(t, test.name, test.value))
			wantError(t, err, test.want)
			var fault *ParameterError
			if !errors.As(err, &fault) || !slices.Equal(fault.Names, []string{test.name}) ||
				!slices.Contains(fault.Known, "Half float64") {
				t.Errorf("error %#v, want one about %s", err, test.name)
			}
		})
	}
}

// TestTypedRuns: values with types give the run's files the folder that the same values give on a command line.
func TestTypedRuns(t *testing.T) {
	const cell = "var Runs = \"runs\"\nvar Layers []int\nvar N int"
	_, want, err := injection(cell, []Set{{"Layers", "64,32"}, {"N", "3"}})
	if err != nil {
		t.Fatal(err)
	}
	sets := append(typed(t, "Layers", "[64, 32]"), typed(t, "N", "3")...)
	source, runs, err := Injection(cell, sets)
	if err != nil || runs != want || !strings.Contains(source, "var Runs string = \""+want+"\"\n") {
		t.Errorf("folder %q, want %q (%v):\n%s", runs, want, err, source)
	}
	for value, want := range map[string]string{`{"b": [1], "a": null}`: "a=<nil>,b=1", `true`: "true"} {
		if got := typed(t, "X", value)[0].set(); got != (Set{"X", want}) {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

func TestParameters(t *testing.T) {
	got, err := Parameters(`%env A=1
// no parameter's comment

var (
	Epochs  = 12   // most epochs;   training stops early
	// How many
	// of each.
	Each int
	Layers = []int{
		512, // wide
		256,
	} /* of the
	encoder */
	A, B = 1, "b" // both
	Kind = elsewhere.Default()
	_ = 3
)

// Alone and above.
const Alone = 1 << 3
%%
var inMain = 1
`)
	want := []Parameter{
		{"Epochs", "int", "12", "most epochs; training stops early"},
		{"Each", "int", "", "How many of each."},
		{"Layers", "[]int", "[]int{\n\t\t512, // wide\n\t\t256,\n\t}", "of the encoder"},
		{"A", "int", "1", "both"},
		{"B", "string", `"b"`, "both"},
		{"Kind", "", "elsewhere.Default()", ""},
		{"Alone", "int", "1 << 3", "Alone and above."},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got := got[0].String(); got != "var Epochs int = 12" {
		t.Errorf("as text %q", got)
	}
	if _, err := Parameters("var x int = ("); err == nil {
		t.Error("a cell that is not Go has parameters")
	}
}
