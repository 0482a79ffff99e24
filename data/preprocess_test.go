package data

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPreprocessValidate(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		p    Preprocess
		want []string
	}{
		{Preprocess{}, nil},
		{DefaultPreprocess(), nil},
		{Preprocess{Impute: "median", SignedSqrt: true, Scale: "robust", EqualBlocks: true, BlockWeights: map[string]float64{"hog": 0, "glcm": 2.5}, Components: 9, Whiten: true}, nil},
		{Preprocess{Scale: "none", Variance: 1}, nil},
		{Preprocess{Impute: "mode", Scale: "minmax", BlockWeights: map[string]float64{"b": -1, "a": nan}, Components: -2, Variance: 1.5}, []string{
			`impute is "mode": use "none", "mean" or "median"`, `scale is "minmax": use "standard", "robust", "within" or "none"`, "block_weights have no effect without equal_blocks",
			`block_weights["a"] is NaN`, `block_weights["b"] is -1`, "components is -2", "variance is 1.5", "give one of them",
		}},
		{Preprocess{EqualBlocks: true, BlockWeights: map[string]float64{"a": math.Inf(1)}}, []string{`block_weights["a"] is +Inf`}},
		{Preprocess{Whiten: true}, []string{"whiten has no effect without components or variance"}},
		{Preprocess{Components: 2, Whiten: true, WithinClass: true, Shrinkage: .5}, nil},
		{Preprocess{Components: 2, WithinClass: true}, []string{"within_class has no effect without whiten"}},
		{Preprocess{Components: 2, Whiten: true, Shrinkage: .5}, []string{"shrinkage has no effect without within_class"}},
		{Preprocess{Components: 2, Whiten: true, WithinClass: true, Shrinkage: nan}, []string{"shrinkage is NaN"}},
		{Preprocess{Variance: nan}, []string{"variance is NaN"}},
		{Preprocess{Variance: -0.1}, []string{"variance is -0.1"}},
		{Preprocess{Components: 3, Variance: 0.9}, []string{"components is 3 and variance is 0.9: give one of them"}},
	} {
		err := test.p.Validate()
		if err == nil {
			if test.want != nil {
				t.Errorf("%+v: no error", test.p)
			}
			continue
		}
		if lines := strings.Split(err.Error(), "\n"); len(lines) != len(test.want) {
			t.Errorf("%+v: %d problems: %v", test.p, len(lines), err)
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q", test.p, err, want)
			}
		}
	}
}

func TestPreprocessIsStandard(t *testing.T) {
	for _, p := range []Preprocess{{}, DefaultPreprocess(), {Impute: "mean"}, {Scale: "standard"}} {
		if !p.IsStandard() || !p.Equal(p.Standard()) {
			t.Errorf("%+v is not standard", p)
		}
	}
	for _, p := range []Preprocess{{SignedSqrt: true}, {Scale: "none"}, {Scale: "robust"}, {EqualBlocks: true}, {Components: 2}, {Variance: .5}} {
		if p.IsStandard() || p.Equal(p.Standard()) || p.Equal(Preprocess{}) || !p.Equal(p) {
			t.Errorf("%+v is standard", p)
		}
	}
	if (Preprocess{}).Equal(Preprocess{Impute: "mean"}) || (Preprocess{EqualBlocks: true}).Equal(Preprocess{EqualBlocks: true, BlockWeights: map[string]float64{"a": 1}}) {
		t.Error("different choices are equal")
	}
}

func TestPreprocessJSON(t *testing.T) {
	for _, want := range []Preprocess{{}, DefaultPreprocess(), {EqualBlocks: true, BlockWeights: map[string]float64{"hog": .5}, Variance: .25, Whiten: true}} {
		got := Preprocess{Impute: "mean", SignedSqrt: true, Scale: "robust", EqualBlocks: true, Components: 3, Variance: 1, Whiten: true}
		text := must(json.Marshal(want))
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil || len(fields) != reflect.TypeFor[Preprocess]().NumField() {
			t.Errorf("%v: the text has not all fields: %s", err, text)
		}
	}
}

func TestPreprocessCheck(t *testing.T) {
	f := small()
	f.X[7] = float32(math.NaN())
	err := Preprocess{}.Check(f)
	if err == nil || !strings.Contains(err.Error(), `NaN in item "b" column "hog/2"`) {
		t.Errorf("got %v", err)
	}
	impute := Preprocess{Impute: ImputeMean}
	if err := impute.Check(f); err != nil {
		t.Error(err)
	}
	f.X[11] = float32(math.Inf(-1))
	f.IDs[3] = "a"
	err = impute.Check(f)
	if err == nil || strings.Contains(err.Error(), "NaN") || !strings.Contains(err.Error(), `-Inf in item "c" column "hog/1"`) || !strings.Contains(err.Error(), "ids must be unique") {
		t.Errorf("got %v", err)
	}
	if err := impute.Check(nil); err == nil {
		t.Error("no frame is sound")
	}
}
