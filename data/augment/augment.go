// Package augment holds the settings of altered views of training items as plain data, and what a source of them has to
// do. It knows nothing of pictures: package views makes views of them.
package augment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Options say how many items of a training batch are replaced by altered views of them, and how a view is altered.
// Every view draws each alteration anew, evenly between none and the most. They are saved with a model: zero means none
// in every field, and the zero value is no augmentation.
type Options struct {
	// Share is rounded to whole items of a batch.
	Share float64 `json:"share" help:"share of a batch's items that are altered views of pictures, in [0, 1]; 0 = none"`

	Shift    float64 `json:"shift" help:"most that a view is shifted either way, as a share of its width and height"`
	Rotation float64 `json:"rotation" help:"most that a view is turned either way, in degrees"`
	Scale    float64 `json:"scale" help:"most that a view is enlarged or shrunk: 0.1 is by up to a tenth"`
	Shear    float64 `json:"shear" help:"most that a view is slanted either way, in degrees"`
	// Elastic is of the points of a 4x4 grid over the picture, between which shifts go smoothly (cubic B-splines).
	Elastic float64 `json:"elastic" help:"most that parts of a view are shifted apart, as a share of its size"`
	// Erase replaces a rectangle by the mean of the view (Zhong et al. 2020).
	Erase float64 `json:"erase" help:"largest sides of a rectangle that is erased, as a share of the view's"`
}

// The most that [Options.Validate] accepts: beyond it little of a picture is left.
const (
	mostShift   = 0.5
	mostDegrees = 180
	mostShear   = 60
	mostScale   = 1
)

// Usual returns alterations that suit pictures whose content stays what it is when it is slightly moved, turned or
// bent, for a share of the items. 0 gives the zero value. Letters and digits bear them, mirror images would not.
func Usual(share float64) Options {
	if share == 0 {
		return Options{}
	}
	return Options{Share: share, Shift: 0.07, Rotation: 10, Scale: 0.1, Shear: 8, Elastic: 0.03}
}

// On reports whether there are views at all.
func (o Options) On() bool { return o.Share > 0 }

// Views returns how many of the items of a batch are views.
func (o Options) Views(items int) int { return int(o.Share*float64(items) + 0.5) }

// Validate returns every problem at once, joined, each an [option.Error] with the field's name in JSON, or nil. A share
// without alterations and alterations without a share are problems too: whoever set them expected an effect.
func (o Options) Validate() error {
	var problems []error
	alters := false
	for _, f := range o.fields() {
		if !(f.value >= 0 && f.value <= f.most) { // NaN fails too
			problems = append(problems, option.Errorf(f.name, "%v is not in [0, %v]", f.value, f.most))
		}
		alters = alters || f.name != "share" && f.value != 0
	}
	switch {
	case o.Share > 0 && !alters:
		problems = append(problems, option.Errorf("share", "%v of the items would be views without any alteration: set "+
			"shift, rotation, scale, shear, elastic or erase", o.Share))
	case o.Share == 0 && alters:
		problems = append(problems, option.Errorf("share", "it is 0, so that there are no views to alter: set it above 0"))
	}
	return errors.Join(problems...)
}

// Check returns an error, an [option.Error] of "share", if there are views and no source of them.
func (o Options) Check(source Source) error {
	if o.On() && source == nil {
		return option.Errorf("share", "%v of a batch's items would be altered views, and the pictures of the items are not "+
			"given: set it to 0, or train on pictures", o.Share)
	}
	return nil
}

// setting is a field of [Options] by its name in JSON, with the most that it may be.
type setting struct {
	name        string
	value, most float64
}

// fields returns all settings, the share first.
func (o Options) fields() []setting {
	return []setting{
		{"share", o.Share, 1}, {"shift", o.Shift, mostShift}, {"rotation", o.Rotation, mostDegrees},
		{"scale", o.Scale, mostScale}, {"shear", o.Shear, mostShear}, {"elastic", o.Elastic, mostShift},
		{"erase", o.Erase, 1},
	}
}

// Key names one view of an item. The same key gives the same bits, whatever was made before and on any number of cores.
type Key struct {
	Seed  uint64
	Epoch int // counted from 1
	View  int // of the item in the epoch, from 0
}

// String returns the key in words, such as "view 1 of an item in epoch 3, seed 42".
func (k Key) String() string {
	return fmt.Sprintf("view %d of an item in epoch %d, seed %d", k.View+1, k.Epoch, k.Seed)
}

// String returns the settings in a line, such as "30 % of items: shift 0.07, rotation 10"; "none" of none.
func (o Options) String() string {
	if !o.On() {
		return "none"
	}
	var list []string
	for _, f := range o.fields()[1:] {
		if f.value != 0 {
			list = append(list, fmt.Sprintf("%s %v", f.name, f.value))
		}
	}
	return fmt.Sprintf("%.4g %% of items: %s", 100*o.Share, strings.Join(list, ", "))
}

// Source makes views of the items of frames whose features were made of pictures, or of anything else that it can
// alter.
type Source interface {
	// Views returns what makes altered views of the items of f, which must not be changed meanwhile. It is an error if
	// the source lacks an item, or cannot make the features that f has.
	Views(ctx context.Context, f *data.Frame, o Options) (Views, error)
}

// Views makes altered views of the items of one frame. It is safe for concurrent use.
type Views interface {
	// Row writes the features of a view of an item to row, [F], in the order of the frame's columns.
	Row(row []float32, item int, key Key) error
}
