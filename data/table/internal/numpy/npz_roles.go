package numpy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// npzRoles are the names under which people save what is no feature, in lower case, without the
// side of a split. They are more than the names of columns that [data.Schema] infers, since
// archives follow the habits of scikit-learn and Keras. Groups and the second of two names of a
// role are left out.
var npzRoles = []struct {
	name string
	role data.Role
}{
	{"id", data.RoleID}, {"ids", data.RoleID}, {"name", data.RoleID}, {"names", data.RoleID},
	{"label", data.RoleLabel}, {"labels", data.RoleLabel}, {"class", data.RoleLabel}, {"classes", data.RoleLabel},
	{"y", data.RoleLabel}, {"target", data.RoleLabel}, {"targets", data.RoleLabel}, {"y_true", data.RoleLabel},
	{"domain", data.RoleDomain}, {"domains", data.RoleDomain},
	{"group", data.RoleIgnore}, {"groups", data.RoleIgnore},
}

// sides are the words by which people tell the arrays of a split apart, as in "x_train".
var sides = []string{"train", "training", "val", "valid", "validation", "dev", "test", "eval", "query", "gallery"}

// sideOf returns the side of a split that the name of an array says, "" = none, and the rest of
// the name, in lower case: "y_train" and "train_labels" have both.
func sideOf(key string) (base, side string) {
	words := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	for k, w := range words {
		if len(words) > 1 && slices.Contains(sides, w) {
			return strings.Join(slices.Delete(words, k, k+1), "_"), w
		}
	}
	return strings.ToLower(key), ""
}

// roleByName returns the role that the name of an array says, RoleFeature = none.
func roleByName(key string) data.Role {
	base, _ := sideOf(key)
	for _, r := range npzRoles {
		if r.name == base {
			return r.role
		}
	}
	return data.RoleFeature
}

// infer looks for the arrays of ids, labels and domains that opt does not name, and names them in
// opt. It returns their keys by the name of the role. With opt.X only arrays of the same side of a
// split can be meant. Two candidates for one role are an error, as choosing one would be a guess
// about the classes; but "ids" come before "names".
func (a *archive) infer(opt *reading.Options) (map[string]string, error) {
	if err := a.checkSides(opt); err != nil {
		return nil, err
	}
	_, side := sideOf(opt.X)
	inferred := make(map[string]string)
	given := map[data.Role]*string{data.RoleID: &opt.ID, data.RoleLabel: &opt.Label, data.RoleDomain: &opt.Domain}
	for _, m := range a.members {
		role := roleByName(m.key)
		_, own := sideOf(m.key)
		// What the caller named has that role only, whatever it is called.
		taken := m.key == opt.X || m.key == a.opt.ID || m.key == a.opt.Label || m.key == a.opt.Domain
		if taken || role == data.RoleFeature {
			continue
		}
		leave := func(why string) {
			opt.Ignore = append(slices.Clip(opt.Ignore), m.key)
			a.notes = append(a.notes, fmt.Sprintf("%q is left out: %s", m.key, why))
		}
		to := given[role]
		switch {
		case role == data.RoleIgnore:
			leave("groups are no features")
		case opt.X != "" && own != side:
			leave("it is of another side of the split than the features")
		case *to != "" && inferred[reading.RoleName(role)] == "":
			leave("another array is named as the " + reading.RoleName(role))
		case *to == "":
			*to = m.key
			inferred[reading.RoleName(role)] = m.key
		case role == data.RoleID && isName(*to) != isName(m.key):
			if isName(*to) {
				m.key, *to = *to, m.key
				inferred["id"] = *to
			}
			leave(fmt.Sprintf("%q holds the ids", *to))
		default:
			return nil, a.fail("", fmt.Sprintf("both %q and %q could be the %s", *to, m.key, reading.RoleName(role)),
				option.Do("say which in %s", reading.OptionOf(role)))
		}
	}
	return inferred, nil
}

// isName reports whether an array is called names rather than ids.
func isName(key string) bool {
	base, _ := sideOf(key)
	return strings.HasPrefix(base, "name")
}

// checkSides refuses an archive with the arrays of several sides of a split, unless opt.X says
// which one to read, and one whose arrays have no names (numpy.savez(x, y)) where one could be the
// labels.
func (a *archive) checkSides(opt *reading.Options) error {
	var of, flat []string
	matrix := false
	for _, m := range a.members {
		named := m.key == opt.ID || m.key == opt.Label || m.key == opt.Domain
		if _, side := sideOf(m.key); side != "" && !named && !slices.Contains(of, side) {
			of = append(of, side)
		}
		shape := m.header.shape
		thin := len(shape) == 1 || len(shape) == 2 && min(shape[0], shape[1]) == 1
		if strings.HasPrefix(m.key, "arr_") && thin && !named && m.key != opt.X {
			flat = append(flat, m.key)
		}
		matrix = matrix || !thin
	}
	switch {
	case opt.X != "":
	case len(of) > 1:
		return a.fail("", fmt.Sprintf("it holds arrays of several sides of a split: %s", strings.Join(of, ", ")),
			option.Do("name the array of the features to read in %s", "X"))
	case len(flat) > 0 && matrix:
		return a.fail(flat[0], "the array has no name, so that it may be a feature or the labels",
			option.Do("name it in %s, %s, %s or %s", "Label", "ID", "Domain", "Ignore").
				Or("save it with a name, as in numpy.savez(FILE, X=x, y=y)"))
	}
	return nil
}

// items returns how many items the features have, by the first array of two dimensions that has
// no role; 0 = there is none.
func (a *archive) items(opt *reading.Options) int {
	for _, m := range a.members {
		role := m.key == opt.ID || m.key == opt.Label || m.key == opt.Domain || slices.Contains(opt.Ignore, m.key)
		if len(m.header.shape) == 2 && !role && (opt.X == "" || opt.X == m.key) {
			return m.header.shape[0]
		}
	}
	return 0
}

// asRole returns m as the array of a role for n items (0 = as many as it has): one value for every
// item, in whatever shape (N,), (N, 1) or (1, N), or labels as a matrix with one 1 in every row.
func (a *archive) asRole(m member, role data.Role, n int) (member, error) {
	shape := m.header.shape
	switch {
	case len(shape) == 1:
		return m, nil
	case len(shape) == 2 && shape[1] == 1 && (n == 0 || shape[0] == n):
		m.header.shape = []int{shape[0]}
		return m, nil
	case len(shape) == 2 && shape[0] == 1 && (n == 0 || shape[1] == n):
		m.header.shape = []int{shape[1]}
		return m, nil
	case len(shape) == 2 && role == data.RoleLabel && shape[1] > 1 && (n == 0 || shape[0] == n) &&
		slices.Contains([]byte("fiub"), m.header.kind):
		m.oneHot = shape[1]
		m.header.shape = []int{shape[0]}
		return m, nil
	}
	return m, a.shapeFault(m.key, role, shape)
}

// shapeFault is the error for an array that is called like a role and cannot have it.
func (a *archive) shapeFault(key string, role data.Role, shape []int) error {
	name := reading.RoleName(role)
	return a.fail(key, fmt.Sprintf("the array is the %s and has the shape %v; a %s is one value for every item", name,
		shape, name),
		option.Do("save it with the shape (N,), one-hot labels for instance as argmax(axis=1)").
			Or("leave it out with %s", "Ignore").
			Or(`if it is a feature, give %s as "`+data.NoColumn+`" and rename it`, reading.OptionOf(role)))
}
