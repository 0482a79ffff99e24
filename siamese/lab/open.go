package lab

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/session"
)

// Items are what was opened: the rows of a table, or pictures with their features.
type Items struct {
	N       int             // items
	F       int             // features of each
	Blocks  []data.Block    // of features
	Classes []session.Count // by name; nil = no item has a label
	Domains []session.Count
	How     string // they were read: what each column is, what was left out and why

	frame *session.Frame
}

// Option says how something is done, such as how a table is opened. What a call takes no function of this package for is
// a function of yours:
//
//	lab.Open("photos", func(o *session.OpenOptions) { o.SkipCorrupt = true })
type Option[Options any] = func(*Options)

// ID names the column of ids; "-" = there is none. Without it that is the index that pandas noted, or a usual name.
func ID(column string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.ID = column }
}

// Label names the column of classes; "-" = there is none.
func Label(column string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Label = column }
}

// Domain names the column of domains, such as the source of an item; "-" = there is none.
func Domain(column string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Domain = column }
}

// Ignore names columns to leave out.
func Ignore(columns ...string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Ignore = append(o.Ignore, columns...) }
}

// Keep names columns that are features although they look like row numbers.
func Keep(columns ...string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Keep = append(o.Keep, columns...) }
}

// Labels names another table with the labels of the items, by id.
func Labels(path string) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Labels = path }
}

// AllowMissing reads missing and infinite values as NaN instead of refusing them.
func AllowMissing() Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.AllowMissing = true }
}

// Size is what pictures are brought to, in pixels, before their features are computed.
func Size(width, height int) Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.Width, o.Height = width, height }
}

// SkipCorrupt leaves out pictures that cannot be read, and says so, instead of refusing the folder.
func SkipCorrupt() Option[session.OpenOptions] {
	return func(o *session.OpenOptions) { o.SkipCorrupt = true }
}

// Open returns the items of a table (Parquet, Arrow, CSV, NumPy and others) or the pictures in a folder, with HOG and
// GLCM features. See package table for what is inferred. "builtin" and "builtin:50" are [Builtin], as in the command.
func Open(path string, options ...Option[session.OpenOptions]) *Items {
	opt := change(session.OpenOptions{}, options)
	if rest, ok := strings.CutPrefix(path, "builtin"); ok && (rest == "" || rest[0] == ':') {
		n := 0
		if rest != "" {
			var err error
			if n, err = strconv.Atoi(rest[1:]); err != nil || n < 1 {
				check(fmt.Errorf("%q: builtin:50 are 50 pictures of each class", path))
			}
		}
		if !reflect.DeepEqual(opt, session.OpenOptions{}) {
			check(fmt.Errorf("%q has ids, labels and domains: leave out the options", path))
		}
		return Builtin(n)
	}
	return newItems(during("opening "+path, func(each func(session.Work)) (*session.Frame, error) {
		return Session().OpenWith(stopped(), path, opt, each)
	}))
}

// Builtin returns the built-in pictures of digits and clothes with their features: perClass of each of the 20 classes,
// 0 = all 1,000.
func Builtin(perClass int) *Items {
	return newItems(during("the built-in pictures", func(each func(session.Work)) (*session.Frame, error) {
		return Session().BuiltinWith(stopped(), perClass, each)
	}))
}

// newItems returns the items of a frame.
func newItems(f *session.Frame, err error) *Items {
	check(err)
	return &Items{N: f.N, F: f.F, Blocks: f.Blocks, Classes: f.Classes, Domains: f.Domains, How: f.How, frame: f}
}

// change returns options after functions have changed them.
func change[T any](options T, by []func(*T)) T {
	for _, f := range by {
		f(&options)
	}
	return options
}

// Describe returns what stands out in the items: missing values, constant columns, outliers, small classes.
func (i *Items) Describe() *session.Description {
	return result(during("describing", func(each func(session.Work)) (*session.Description, error) {
		return i.frame.DescribeWith(stopped(), session.DescribeOptions{}, each)
	}))
}

// Duplicates returns the items that occur more than once, exactly and, with a similarity in (0, 1], nearly: .95 finds
// copies that are a little darker.
func (i *Items) Duplicates(near float64) *session.Duplicates {
	return result(during("near duplicates", func(each func(session.Work)) (*session.Duplicates, error) {
		return i.frame.Duplicates(stopped(), near, each)
	}))
}

// Advise says whether more items or more classes would help, by learning curves with a checked forecast, what to collect
// next, and which labels look wrong, with pictures where the items have some. It trains no encoder.
//
//	items.Advise(func(o *session.AdviseOptions) { o.Seed = 7 })
func (i *Items) Advise(options ...Option[session.AdviseOptions]) *session.Advice {
	opt := change(session.AdviseOptions{}, options)
	return result(during("advice", func(each func(session.Work)) (*session.Advice, error) {
		return i.frame.Advise(stopped(), opt, each)
	}))
}

// Data returns the items as the library's frame, of shape [N, F], which the worker and all cells share.
func (i *Items) Data() *data.Frame { return result(i.frame.Data(stopped())) }

// IDs returns the ids of the items, in their order.
func (i *Items) IDs() []string { return i.Data().IDs }

// Session returns the session's own handle.
func (i *Items) Session() *session.Frame { return i.frame }

// String returns the first items.
func (i *Items) String() string { return i.frame.String() }

// Display shows the items as a table in the cell.
func (i *Items) Display() { display(i.frame) }
