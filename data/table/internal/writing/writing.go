// Package writing holds what the writers of tables share: which frames can be written
// ([Check]), and the columns of ids, labels and domains. A writer of named columns calls
// Check before it writes anything, so that a frame that cannot be read back leaves no file.
package writing

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
)

// Check returns why a frame cannot be written so that reading gives it back, or nil: an
// unsound structure and what [CheckColumns] finds. Values are not looked at: NaN is
// written, and read back with AllowMissing.
func Check(f *data.Frame) error {
	if err := f.ValidateStructure(); err != nil {
		return err
	}
	return CheckColumns(f)
}

// CheckColumns returns an error for a frame without features, and for names that reading
// would take for the id, label or domain. Each name is tried alone, since readers infer a
// role from a name and nothing else.
func CheckColumns(f *data.Frame) error {
	if f.F() == 0 {
		return errors.New("table: write: there are no features")
	}
	for _, name := range f.Columns {
		alone, err := data.Schema{}.Assign([]string{name})
		if err != nil || alone.Roles[0] != data.RoleFeature {
			return fmt.Errorf("table: write: a feature is called %q, which reading would take for the id, label or "+
				"domain; rename it", name)
		}
	}
	return nil
}

// RoleColumns names the columns of f that are not features: "id" and, where f has them, "label" and "domain".
func RoleColumns(f *data.Frame) []string {
	names := []string{"id"}
	if f.Labels != nil {
		names = append(names, "label")
	}
	if f.Domains != nil {
		names = append(names, "domain")
	}
	return names
}

// RoleValues returns the values of [RoleColumns], in that order; they are shared with f.
func RoleValues(f *data.Frame) [][]string {
	values := [][]string{f.IDs}
	if f.Labels != nil {
		values = append(values, f.Labels)
	}
	if f.Domains != nil {
		values = append(values, f.Domains)
	}
	return values
}

// ColumnValues copies feature j of the rows [from, from+len(dst)) to dst, which files of
// columns store side by side.
func ColumnValues(dst []float32, f *data.Frame, j, from int) {
	at := from*f.F() + j
	for i := range dst {
		dst[i] = f.X[at]
		at += f.F()
	}
}
