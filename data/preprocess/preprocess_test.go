package preprocess

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/option"
)

func TestPreprocessValidate(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		p    Options
		want []string
	}{
		{Options{}, nil},
		{Default(), nil},
		{Options{Impute: "median", SignedSqrt: true, Scale: "robust", EqualBlocks: true,
			BlockWeights: map[string]float64{"hog": 0, "glcm": 2.5}, Components: 9, Whiten: true}, nil},
		{Options{Scale: "none", Variance: 1}, nil},
		{Options{Impute: "mode", Scale: "minmax", BlockWeights: map[string]float64{"b": -1, "a": nan}, Components: -2,
			Variance: 1.5}, []string{
			"impute", "scale", "block_weights", "block_weights", "block_weights", "components", "variance",
			"components"}},
		{Options{EqualBlocks: true, BlockWeights: map[string]float64{"a": math.Inf(1)}}, []string{"block_weights"}},
		{Options{Whiten: true}, []string{"whiten"}},
		{Options{Components: 2, Whiten: true, WithinClass: true, Shrinkage: .5}, nil},
		{Options{Components: 2, WithinClass: true}, []string{"within_class"}},
		{Options{Components: 2, Whiten: true, Shrinkage: .5}, []string{"shrinkage"}},
		{Options{Components: 2, Whiten: true, WithinClass: true, Shrinkage: nan}, []string{"shrinkage"}},
		{Options{Variance: nan}, []string{"variance"}},
		{Options{Variance: -0.1}, []string{"variance"}},
		{Options{Components: 3, Variance: 0.9}, []string{"components"}},
	} {
		err := test.p.Validate()
		if got := option.Names(err); !cmp.Equal(got, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%+v: problems of %q, want those of %q: %v", test.p, got, test.want, err)
		}
	}
	err := Options{EqualBlocks: true, BlockWeights: map[string]float64{"glcm": -1}}.Validate()
	wantError(t, err, "block_weights", `"glcm"`)
}

// wantError fails the test unless err is an error about the setting ("" = about no single one) whose text has every
// part: the values that it is about, not its wording.
func wantError(t *testing.T, err error, setting string, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	if got := strings.Join(option.Names(err), " "); got != setting {
		t.Errorf("%v\nis about the setting %q, want %q", err, got, setting)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nwant it to have %q", err, part)
		}
	}
}

func TestPreprocessIsStandard(t *testing.T) {
	for _, p := range []Options{{}, Default(), {Impute: "mean"}, {Scale: "standard"}} {
		if !p.IsStandard() || !p.Equal(p.Standard()) {
			t.Errorf("%+v is not standard", p)
		}
	}
	for _, p := range []Options{{SignedSqrt: true}, {Scale: "none"}, {Scale: "robust"}, {EqualBlocks: true},
		{Components: 2}, {Variance: .5}} {
		if p.IsStandard() || p.Equal(p.Standard()) || p.Equal(Options{}) || !p.Equal(p) {
			t.Errorf("%+v is standard", p)
		}
	}
	if (Options{}).Equal(Options{Impute: "mean"}) ||
		(Options{EqualBlocks: true}).Equal(Options{EqualBlocks: true, BlockWeights: map[string]float64{"a": 1}}) {
		t.Error("different choices are equal")
	}
}

func TestPreprocessJSON(t *testing.T) {
	for _, want := range []Options{{}, Default(),
		{EqualBlocks: true, BlockWeights: map[string]float64{"hog": .5}, Variance: .25, Whiten: true}} {
		got := Options{Impute: "mean", SignedSqrt: true, Scale: "robust", EqualBlocks: true, Components: 3, Variance: 1,
			Whiten: true}
		text := labtest.Must(json.Marshal(want))
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil || len(fields) != reflect.TypeFor[Options]().NumField() {
			t.Errorf("%v: the text has not all fields: %s", err, text)
		}
	}
}

func TestPreprocessCheck(t *testing.T) {
	f := datatest.Small()
	f.X[7] = float32(math.NaN())
	wantError(t, Options{}.Check(f), "", "NaN", `"b"`, `"hog/2"`)
	impute := Options{Impute: ImputeMean}
	if err := impute.Check(f); err != nil {
		t.Error(err)
	}
	f.X[11] = float32(math.Inf(-1))
	f.IDs[3] = "a"
	err := impute.Check(f)
	wantError(t, err, "", "-Inf", `"c"`, `"hog/1"`, "ids", `"a"`)
	if strings.Contains(err.Error(), "NaN") {
		t.Errorf("a missing value that is imputed is an error: %v", err)
	}
	if err := impute.Check(nil); err == nil {
		t.Error("no frame is sound")
	}
}
