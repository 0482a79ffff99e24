package augment

import (
	"math"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/option"
)

func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		o    Options
		want []string // options that the error names
	}{
		"none":              {Options{}, nil},
		"usual":             {Usual(0.3), nil},
		"usual of none":     {Usual(0), nil},
		"the most of all":   {Options{1, 0.5, 180, 1, 60, 0.5, 1}, nil},
		"one alteration":    {Options{Share: 0.1, Erase: 0.2}, nil},
		"share alone":       {Options{Share: 0.3}, []string{"share"}},
		"no share":          {Options{Shift: 0.1}, []string{"share"}},
		"share beyond":      {Options{Share: 1.01, Shift: 0.1}, []string{"share"}},
		"negative rotation": {Options{Share: 0.3, Rotation: -1}, []string{"rotation"}},
		"not numbers": {Options{Share: 0.3, Shift: math.NaN(), Scale: math.Inf(1), Shear: 61},
			[]string{"shift", "scale", "shear"}},
	} {
		if got := option.Names(test.o.Validate()); !slices.Equal(got, test.want) {
			t.Errorf("%s: the error is about %q, want %q", name, got, test.want)
		}
	}
}

func TestString(t *testing.T) {
	for want, o := range map[string]Options{"none": {}, "30 % of items: shift 0.07, erase 0.2": {Share: 0.3, Shift: 0.07,
		Erase: 0.2}} {
		if got := o.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (Key{Seed: 42, Epoch: 3}).String(); got != "view 1 of an item in epoch 3, seed 42" {
		t.Error(got)
	}
}

func TestViews(t *testing.T) {
	for _, test := range []struct {
		share       float64
		items, want int
	}{{0, 512, 0}, {0.3, 512, 154}, {0.001, 512, 1}, {0.0009, 512, 0}, {1, 256, 256}} {
		if got := (Options{Share: test.share}).Views(test.items); got != test.want {
			t.Errorf("share %v of %d items is %d, want %d", test.share, test.items, got, test.want)
		}
	}
}
