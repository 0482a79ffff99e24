package space_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/study/space"
)

func ExampleSpace() {
	s := space.Space{
		space.LogRange("learning_rate", 1e-4, 1e-2),
		space.Choice("optimizer", "adam", "adamw", "sgd"),
		space.Range("momentum", 0.5, 0.99).If("optimizer", "sgd"),
	}
	fmt.Println(s.Validate(config.Recommended()))
	cfg, err := s.Apply(config.Recommended(), s.At([]float64{0.5, 1, 0}))
	fmt.Printf("%.4f %s %v %v\n", cfg.LearningRate, cfg.Optimizer, cfg.Momentum, err)
	fmt.Println(s[2])
	// Output:
	// <nil>
	// 0.0010 sgd 0.5 <nil>
	// momentum: float in [0.5, 0.99], if optimizer is "sgd"
}

// TestUsual: the usual space suits the configuration that it is for.
func TestUsual(t *testing.T) {
	if n := len(space.Usual(config.Recommended())); n != 7 {
		t.Errorf("%d settings of 7", n)
	}
	usual := space.Usual(config.Default())
	if err := usual.Validate(config.Default()); err != nil {
		t.Error(err)
	}
	if _, ok := usual.Param("loss.temperature"); ok || len(usual) < 4 {
		t.Errorf("%v", usual)
	}
	if err := space.Usual(config.Recommended()).Validate(config.Recommended()); err != nil {
		t.Error(err)
	}
	cfg, err := usual.Apply(config.Default(), space.Point{"preprocess.components": 99})
	if err != nil || cfg.Preprocess.Components != 99 || !cfg.Preprocess.FewerComponents {
		t.Errorf("99 components are no wish: %+v, %v", cfg.Preprocess, err)
	}
	if cfg.SmallerBatches {
		t.Error("batches that are not varied are a wish")
	}
	for name, at := range map[string]space.Point{"batch_pairs": {"batch_pairs": 64}, space.Loss: {space.Loss: 1}} {
		s := space.Space{space.IntRange("batch_pairs", 16, 512), space.Choice(space.Loss, "mse", "contrastive")}
		base := config.Default()
		base.Monitor = config.MonitorMAP
		cfg, err := s.Apply(base, at)
		if err != nil || !cfg.SmallerBatches {
			t.Errorf("%s: the size of batches is no wish: %v", name, err)
		}
	}
}

// TestValidate checks which setting each error names.
func TestValidate(t *testing.T) {
	rate := space.LogRange("learning_rate", 1e-4, 1e-2)
	optimizer := space.Choice("optimizer", "adam", "sgd")
	for what, c := range map[string]struct {
		space space.Space
		names []string
	}{
		"no such setting":            {space.Space{space.Range("learning_rat", 0, 1)}, []string{"learning_rat"}},
		"twice":                      {space.Space{rate, rate}, []string{"learning_rate"}},
		"ends turned around":         {space.Space{space.Range("dropout", .5, .1)}, []string{"dropout"}},
		"not a number":               {space.Space{space.Range("dropout", 0, math.NaN())}, []string{"dropout"}},
		"endless":                    {space.Space{space.Range("clip_norm", 0, math.Inf(1))}, []string{"clip_norm"}},
		"beyond the setting's range": {space.Space{space.Range("dropout", 0, 1)}, []string{"dropout"}},
		"below it":                   {space.Space{space.Range("learning_rate", 0, .1)}, []string{"learning_rate"}},
		"factors from 0":             {space.Space{space.LogRange("dropout", 0, .5)}, []string{"dropout"}},
		"a real number for a whole":  {space.Space{space.Range("epochs", 1, 2)}, []string{"epochs"}},
		"whole numbers for a real":   {space.Space{space.IntRange("dropout", 0, 1)}, []string{"dropout"}},
		"half a whole number": {space.Space{{Name: "epochs", Kind: space.KindInt, Low: 1.5, High: 3}},
			[]string{"epochs"}},
		"no kind":                    {space.Space{{Name: "dropout", Low: 0, High: .5}}, []string{"dropout"}},
		"one choice":                 {space.Space{space.Choice("optimizer", "adam")}, []string{"optimizer"}},
		"the same choice":            {space.Space{space.Choice("optimizer", "adam", "adam")}, []string{"optimizer"}},
		"a choice that is not valid": {space.Space{space.Choice("optimizer", "adam", "sdg")}, []string{"optimizer"}},
		"a choice of another kind":   {space.Space{space.Choice("epochs", "3", "many")}, []string{"epochs"}},
		"condition on nothing":       {space.Space{rate.If("optimizer", "sgd")}, []string{"learning_rate"}},
		"condition that comes later": {space.Space{rate.If("optimizer", "sgd"), optimizer}, []string{"learning_rate"}},
		"condition on a range":       {space.Space{rate, optimizer.If("learning_rate", "0.1")}, []string{"optimizer"}},
		"condition without values":   {space.Space{optimizer, rate.If("optimizer")}, []string{"learning_rate"}},
		"condition on no choice":     {space.Space{optimizer, rate.If("optimizer", "sdg")}, []string{"learning_rate"}},
		"the seed":                   {space.Space{space.Choice("seed", "1", "2")}, []string{"seed"}},
		"the monitor":                {space.Space{space.Choice("monitor", "val_map", "val_auc")}, []string{"monitor"}},
		"an unknown loss":            {space.Space{space.Choice(space.Loss, "supcon", "supercon")}, []string{"loss"}},
		"a loss as a range":          {space.Space{space.Range(space.Loss, 0, 1)}, []string{"loss"}},
		"two faults":                 {space.Space{space.Range("dropout", 0, 1), space.Range("x", 0, 1)}, []string{"x"}},
		"a parameter of another loss": {space.Space{space.Choice(space.Loss, "supcon", "triplet"),
			space.Range("loss.margin", .1, .5)}, []string{"loss.margin"}},
	} {
		err := c.space.Validate(config.Recommended())
		if got := option.Names(err); err == nil || !slices.ContainsFunc(got, func(n string) bool { return n == c.names[0] }) {
			t.Errorf("%s: %v names %q, want %q", what, err, got, c.names)
		}
	}
	good := space.Space{space.Choice(space.Loss, "supcon", "triplet"),
		space.Range("loss.margin", .1, .5).If("loss", "triplet"),
		space.Choice("loss.mining", "all", "semi-hard").If("loss", "triplet"), space.Choice("batch_norm", "true", "false")}
	if err := good.Validate(config.Recommended()); err != nil {
		t.Error(err)
	}
}

// TestLossBringsItsParameters: a margin is none of supcon, whose temperature is its own.
func TestLossBringsItsParameters(t *testing.T) {
	s := space.Space{space.Choice(space.Loss, "triplet", "supcon"),
		space.Range("loss.margin", .1, .5).If("loss", "triplet")}
	cfg, err := s.Apply(config.Recommended(), space.Point{"loss": 0, "loss.margin": .25})
	if err != nil || cfg.Loss.Margin != .25 || cfg.Loss.Temperature != 0 || cfg.Loss.Mining != "semi-hard" {
		t.Errorf("%+v, %v", cfg.Loss, err)
	}
	cfg, err = s.Apply(config.Recommended(), space.Point{"loss": 1})
	if err != nil || cfg.Loss.Temperature != .1 || cfg.Loss.Margin != 0 {
		t.Errorf("%+v, %v", cfg.Loss, err)
	}
}

// TestAt checks ends and middles of the unit cube.
func TestAt(t *testing.T) {
	s := space.Space{space.Range("a", -1, 3), space.LogRange("b", .01, 1), space.IntRange("c", 1, 4),
		space.LogIntRange("d", 1, 100), space.Choice("e", "x", "y", "z"), space.Range("f", 0, 1).If("e", "z")}
	for _, c := range []struct {
		u    float64
		want space.Point
	}{
		{0, space.Point{"a": -1, "b": .01, "c": 1, "d": 1, "e": 0}},
		{.5, space.Point{"a": 1, "b": .1, "c": 2, "d": 7, "e": 1}},
		{1, space.Point{"a": 3, "b": 1, "c": 4, "d": 100, "e": 2, "f": 1}},
	} {
		got := s.At([]float64{c.u, c.u, c.u, c.u, c.u, c.u})
		for name, v := range got {
			got[name] = math.Round(v*1e9) / 1e9
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.u, diff)
		}
		if err := s.Check(got); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []space.Point{{}, {"a": 5}, {"a": 0, "b": .1, "c": 1.5, "d": 7, "e": 1}, {"g": 1},
		{"a": 0, "b": .1, "c": 1, "d": 7, "e": 1, "f": .5}, {"a": 0, "b": .1, "c": 1, "d": 7, "e": 3}} {
		if s.Check(bad) == nil {
			t.Errorf("%v is in the space", bad)
		}
	}
}

// TestJSON: a space is the same after it was written and read.
func TestJSON(t *testing.T) {
	s := append(space.Usual(config.Recommended()), space.Choice("optimizer", "adam", "sgd"),
		space.Range("momentum", .5, .9).If("optimizer", "sgd"))
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got space.Space
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got); diff != "" {
		t.Error(diff)
	}
}
