package table

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// folder is a table of several files of one schema, as Spark, pandas and polars write it. The
// names of the folders around a file may give it values of its own, as in
// "domain=photo/part-0.parquet".
type folder struct {
	path  string
	parts []part // in the order of their names
	keys  []string
	roles []data.Role // of each key
	opt   Options     // for a part
	notes []string
	size  int64 // bytes of all parts
}

// part is a file of a folder.
type part struct {
	path   string
	values []string // of each key
}

// partEndings are those of the files that are parts. Names that begin with "_" or "." are not: they
// are what writers leave beside their parts.
var partEndings = []string{".parquet", ".parq", ".pq", ".arrow", ".feather", ".ipc", ".arrows"}

// openFolder lists the parts and gives the keys their roles.
func openFolder(path string, opt Options) (*folder, error) {
	d := &folder{path: path, opt: opt}
	d.opt.NoCache = true
	if err := managed(path); err != nil {
		return nil, err
	}
	others, texts := 0, 0
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		hidden := name != path && strings.ContainsAny(entry.Name()[:1], "_.")
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir():
			return nil
		case !slices.Contains(partEndings, strings.ToLower(filepath.Ext(name))):
			others++
			if textEnding.MatchString(name) {
				texts++
			}
			return nil
		}
		info, err := os.Stat(name) // through links
		if err != nil {
			return err
		}
		d.size += info.Size()
		return d.add(name)
	})
	if err != nil {
		return nil, err
	}
	if len(d.parts) == 0 && texts > 0 {
		return nil, &Error{File: path, Problem: fmt.Sprintf("the folder holds %d files of text, which are read one by one "+
			"only, and no Parquet or Arrow files", texts), Fix: option.Do("give one of the files").Or("write the table as " +
			"Parquet, for instance: duckdb -c \"COPY (FROM read_csv('FOLDER/**/*.csv', union_by_name=true)) TO " +
			"'table.parquet'\"")}
	}
	if len(d.parts) == 0 {
		return nil, &Error{File: path, Problem: "the folder holds no Parquet or Arrow files",
			Fix: option.Do("give a file, or a folder of parts of one table")}
	}
	if others > 0 {
		d.notes = append(d.notes, fmt.Sprintf("%d files of the folder are no Parquet or Arrow files and are left out",
			others))
	}
	provenance.Data(path) // as one: it may have thousands of parts
	return d, d.assign()
}

// textEnding matches names of tables of text.
var textEnding = regexp.MustCompile(`(?i)\.(csv|tsv|txt|json|jsonl|ndjson)(\.(gz|zst))?$`)

// managed returns an error for a folder whose files are not all parts of the table: some program keeps a list of those
// that are, in which others were replaced or deleted, or was stopped while it wrote them.
func managed(path string) error {
	for _, kind := range []struct{ mark, problem, fix string }{
		{"_delta_log", "this is a Delta table, whose log says which of its files still count", "write what it holds as " +
			"Parquet, for instance with deltalake.DeltaTable(FOLDER).to_pandas().to_parquet(FILE)"},
		{"metadata/*.metadata.json", "this is an Iceberg table, whose metadata say which of its files still count",
			"write what it holds as Parquet, for instance: duckdb -c \"COPY (FROM iceberg_scan('FOLDER')) TO " +
				"'table.parquet'\""},
		{".hoodie", "this is a Hudi table, whose timeline says which of its files still count", "write what it holds as " +
			"Parquet, for instance with Spark"},
		{"_temporary", "Spark or Hadoop did not end writing this table, or has not yet: it holds a folder _temporary",
			"wait, or write it again"},
	} {
		found, err := filepath.Glob(filepath.Join(escapeGlob(path), filepath.FromSlash(kind.mark)))
		if err == nil && len(found) > 0 {
			return &Error{File: path, Problem: kind.problem, Fix: option.Do(kind.fix)}
		}
	}
	return nil
}

// escapeGlob returns a path as a pattern that matches it alone.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path // has no escapes there, and * and ? are in no name
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// add adds a part. All must have the same keys.
func (d *folder) add(name string) error {
	inside, err := filepath.Rel(d.path, name)
	if err != nil {
		return err
	}
	var keys, values []string
	for _, step := range strings.Split(filepath.ToSlash(filepath.Dir(inside)), "/") {
		key, value, ok := strings.Cut(step, "=")
		if !ok || key == "" {
			continue
		}
		if value == "__HIVE_DEFAULT_PARTITION__" {
			value = ""
		}
		plain, err := url.PathUnescape(value)
		if err != nil {
			return &Error{File: name, Problem: fmt.Sprintf("the folder %q has no sound name", step),
				Fix: option.Do("rename it")}
		}
		keys, values = append(keys, key), append(values, plain)
	}
	if len(d.parts) == 0 {
		d.keys = keys
	}
	if !slices.Equal(keys, d.keys) {
		return &Error{File: name, Problem: fmt.Sprintf("the folders around it are named by %s, those of %s by %s",
			orNothing(keys), d.parts[0].path, orNothing(d.keys)), Fix: option.Do("name all folders alike")}
	}
	d.parts = append(d.parts, part{name, values})
	return nil
}

// orNothing lists keys for a message.
func orNothing(keys []string) string {
	if len(keys) == 0 {
		return "nothing"
	}
	return listing.Quoted(keys)
}

// assign gives the keys their roles: what the options name, then by name. Others are left out:
// what divides a table is no measurement.
func (d *folder) assign() error {
	if twice := listing.Repeated(d.keys); len(twice) > 0 {
		return &Error{File: d.path, Problem: "folders within each other are named by the same: " +
			listing.Quoted(twice),
			Fix: option.Do("rename all but one of each")}
	}
	d.opt.Ignore = slices.DeleteFunc(slices.Clone(d.opt.Ignore),
		func(s string) bool { return slices.Contains(d.keys, s) })
	given := map[data.Role]*string{data.RoleID: &d.opt.ID, data.RoleLabel: &d.opt.Label, data.RoleDomain: &d.opt.Domain}
	original := map[data.Role]string{data.RoleID: d.opt.ID, data.RoleLabel: d.opt.Label, data.RoleDomain: d.opt.Domain}
	for _, key := range d.keys {
		role := data.RoleIgnore
		for r, name := range original {
			if name == key {
				role = r
			}
		}
		if r := roleByName(key); role == data.RoleIgnore && given[r] != nil && original[r] == "" {
			role = r
		}
		d.roles = append(d.roles, role)
		if role == data.RoleIgnore {
			d.notes = append(d.notes, fmt.Sprintf("%q, by which the folders are named, is left out", key))
			continue
		}
		*given[role] = data.NoColumn
		d.notes = append(d.notes, fmt.Sprintf("%s: %q, by which the folders are named", reading.RoleName(role), key))
	}
	return nil
}

// roleByName returns the role that a column has by its name.
func roleByName(name string) data.Role {
	// One that is not the first, which may have no name.
	alone, err := data.Schema{}.Assign([]string{"", name})
	if err != nil {
		return data.RoleFeature
	}
	return alone.Roles[1]
}

// fill gives a frame the values of the part that it is of, and checks that it goes on where the
// first one ended.
func (d *folder) fill(f *data.Frame, p part, first *data.Frame) error {
	for k, role := range d.roles {
		if role == data.RoleIgnore {
			continue
		}
		all := make([]string, f.N())
		for i := range all {
			all[i] = p.values[k]
		}
		switch role {
		case data.RoleID:
			f.IDs = all
		case data.RoleLabel:
			f.Labels = all
		default:
			f.Domains = all
		}
	}
	for k, key := range d.keys {
		for _, column := range f.Columns {
			if role := roleByName(column); column == key || role != data.RoleFeature && role == d.roles[k] {
				return &Error{File: p.path, Column: column,
					Problem: fmt.Sprintf("both this column and %q, by which the "+
						"folders are named, could be the %s", key, reading.RoleName(role)),
					Fix: option.Do("leave the column out with %s", "Ignore")}
			}
		}
	}
	if f.Settings != first.Settings {
		return &Error{File: p.path, Problem: "its features were made with other settings than those of " +
			d.parts[0].path,
			Fix: option.Do("compute the features of all parts with the same settings")}
	}
	if !slices.Equal(f.Columns, first.Columns) {
		missing, more := difference(first.Columns, f.Columns)
		problem := "its features are in another order than those of " + d.parts[0].path
		if len(missing)+len(more) > 0 {
			problem = fmt.Sprintf("its features are not those of %s: it lacks %s and has %s besides", d.parts[0].path,
				orNothing(missing), orNothing(more))
		}
		return &Error{File: p.path, Problem: problem, Fix: option.Do("write all parts with the same columns").
			Or("leave columns out with %s", "Ignore")}
	}
	return nil
}

// difference returns what b lacks of a, and has besides.
func difference(a, b []string) (missing, more []string) {
	without := func(all, of []string) (rest []string) {
		known := make(map[string]bool, len(of))
		for _, s := range of {
			known[s] = true
		}
		for _, s := range all {
			if !known[s] {
				rest = append(rest, s)
			}
		}
		return rest
	}
	return without(a, b), without(b, a)
}
