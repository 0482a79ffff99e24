package numpy

import (
	"archive/zip"
	"bufio"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// member is an array in an NPZ archive. key is its file's name without ".npy", which is how
// numpy.load calls it.
type member struct {
	key    string
	file   *zip.File
	header header
	oneHot int // classes, where every item has a row with a 1 at its own; 0 = the array holds the values
}

// deflateMost is more than any deflate stream expands to (1032:1, RFC 1951, 1996). A
// directory that claims more lies.
const deflateMost = 1040

// NPZ is an archive of arrays, as numpy.savez and numpy.savez_compressed write it.
var NPZ = reading.Format{
	Name: "NPZ", Arrays: true, Is: reading.Begins("PK\x03\x04", "PK\x05\x06"), Open: openNPZ, Scan: scanNPZ,
	Write:   map[string]reading.Writer{".npz": WriteNPZ},
	WriteAs: map[string]func(io.Writer, *data.Frame, writing.Number) error{".npz": writeNPZ},
}

// scanNPZ refuses: arrays are stored one after the other, so a row is never in one place.
// It is here so that Scan explains that.
func scanNPZ(_ context.Context, in *reading.Input, _ *reading.Options, _ reading.Yielder) error {
	return &tableerr.Error{File: in.Name, Problem: "an NPZ archive cannot be read a part at a time",
		Fix: option.Do("use Open").Or("save the features as NPY, Parquet or Arrow")}
}

// openNPZ reads an archive of arrays. All that takes part must have the same number of
// rows. The values are admitted by [reading.Admit] before room is made for them.
func openNPZ(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	a, err := openArchive(in, opt)
	if err != nil {
		return nil, nil, err
	}
	p, err := a.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	// Where no array takes part, only the names are wanted.
	if a.rows < 0 && len(a.members) > 0 && len(a.members[0].header.shape) > 0 {
		a.rows = a.members[0].header.shape[0]
	}
	if err := a.account.Rows(p, int64(a.rows)); err != nil {
		return nil, nil, err
	}
	m := reading.NewMatrix(in.Name, a.rows, p.Features, opt.AllowMissing)
	var t reading.Texts
	// One array after the other: decompressing cannot be divided, and the conversion costs
	// less.
	for j, member := range a.members {
		switch role := p.Roles[j]; role {
		case data.RoleIgnore:
		case data.RoleFeature:
			err := a.read(member, func(r io.Reader) error {
				return member.header.readMatrix(ctx, r, m, p.First[j], a.account, reading.Teller(opt, a.rows))
			})
			if err != nil {
				return nil, nil, err
			}
		// Ids, labels or domains: one array each, as the plan has made sure.
		default:
			if *t.Of(role), err = a.roleTexts(ctx, member, role); err != nil {
				return nil, nil, err
			}
		}
	}
	m.Check()
	f, err := p.Finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	e := reading.Explain(p, "NPZ", f, m.NaN, m.Inf, m.Lost)
	e.Notes = append(e.Notes, a.notes...)
	return f, e, nil
}

// archive is an open NPZ file, for one call of openNPZ. members are the arrays that may
// become columns, in the order of the archive; rows is set by plan.
type archive struct {
	in      *reading.Input
	opt     *reading.Options
	account *reading.Account
	rows    int
	members []member
	named   map[string]member // arrays with the names and blocks of the features
	// Sentences for the explanation, on files and arrays that are left out.
	notes []string
}

// fail returns an error about the array with that key, "" = the archive. fix may be nil.
func (a *archive) fail(key, problem string, fix option.Fix) error {
	return &tableerr.Error{File: a.in.Name, Column: key, Problem: problem, Fix: fix}
}

// openArchive reads the headers of all arrays, but no values. Arrays that the options
// ignore are not even looked at, so that one with a foreign type can be left out.
func openArchive(in *reading.Input, opt *reading.Options) (*archive, error) {
	a := &archive{in: in, opt: opt, account: reading.NewAccount(in, opt), named: make(map[string]member)}
	// The directory at the end of the archive is read, no content yet.
	z, err := zip.NewReader(in, in.Size)
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	if err := a.checkEnds(len(z.Comment)); err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for _, file := range z.File {
		if bad := unsafeName(file.Name); bad != "" {
			return nil, a.fail("", fmt.Sprintf("the archive holds %q, %s", file.Name, bad),
				option.Do("write it again with numpy.savez"))
		}
		key, isArray := strings.CutSuffix(file.Name, ".npy")
		switch {
		// Other tools put notes and pictures into archives; numpy.load leaves them unread
		// as well.
		case !isArray:
			a.notes = append(a.notes, fmt.Sprintf("%q in the archive is not an NPY array and is left out", file.Name))
			continue
		// Readers differ in which of the two they take.
		case seen[key]:
			return nil, a.fail(key, "the archive holds this array twice", option.Do("remove one"))
		case slices.Contains(opt.Ignore, key):
			continue
		}
		seen[key] = true
		if err := a.add(key, file); err != nil {
			return nil, err
		}
	}
	// Spreadsheets are zip archives too.
	if first := slices.IndexFunc(z.File, isPacked); len(seen) == 0 && first >= 0 {
		return nil, a.fail("", fmt.Sprintf("it is a zip archive that holds %q", z.File[first].Name),
			option.Do("unpack it, and give the file in it"))
	}
	if len(seen) == 0 {
		return nil, a.fail("", "the zip archive holds no NPY arrays (is it a spreadsheet?)",
			option.Do("save a sheet as CSV, arrays with numpy.savez"))
	}
	return a, nil
}

// isPacked reports whether a file in an archive is a table by its name, as pandas packs one (to_csv of FILE.csv.zip).
func isPacked(file *zip.File) bool {
	lower := strings.ToLower(file.Name)
	tables := []string{".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather"}
	return slices.ContainsFunc(tables, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// unsafeName says what is wrong with the name of a file in an archive, "" = nothing.
// Nothing is ever unpacked to disk, so such a name does no harm here; but an archive that
// holds one was made to harm somebody, and nothing in it is worth trusting.
func unsafeName(name string) string {
	switch {
	case strings.ContainsAny(name, "\\\x00") || strings.Contains(name, ":") || path.IsAbs(name):
		return "whose name is a path of its own"
	case slices.Contains(strings.Split(name, "/"), ".."):
		return "whose name leads out of the archive"
	}
	return ""
}

// add reads the header of an array and checks it against what the archive says, so that
// neither of the two can claim values that are not there. Arrays of text with the names and
// blocks of the features go to a.named, single values to the notes, all others to
// a.members.
func (a *archive) add(key string, file *zip.File) error {
	m := member{key: key, file: file}
	switch {
	// What archive/zip would fail on later, or would trust.
	case file.Flags&1 != 0:
		return a.fail(key, "the array is encrypted", option.Do("save it without a password"))
	case file.Method != zip.Store && file.Method != zip.Deflate:
		return a.fail(key, fmt.Sprintf("the array is compressed with method %d", file.Method),
			option.Do("write it with numpy.savez or savez_compressed"))
	case file.UncompressedSize64 > deflateMost*file.CompressedSize64+deflateMost:
		return a.fail(key, fmt.Sprintf("%d bytes claim to unpack to %d, which is impossible", file.CompressedSize64,
			file.UncompressedSize64), option.Do("write the file again"))
	case file.UncompressedSize64 > uint64(a.account.Limit()):
		return a.fail(key, fmt.Sprintf("the array unpacks from %d to %d bytes", file.CompressedSize64,
			file.UncompressedSize64), option.Do("raise %s if this is right", "MaxBytes"))
	}
	err := a.read(m, func(r io.Reader) error {
		counted := &countingReader{r: r}
		var err error
		if m.header, err = readHeader(counted); err != nil {
			return a.fail(key, err.Error(), nil)
		}
		if m.header.fields != nil {
			return a.fail(key, "the array is structured (fields of different types)",
				option.Do("save its fields as arrays of their own, or it alone as NPY"))
		}
		// Once this holds, the size of the values is that of the array, and the bound above
		// is one on the array.
		have, want := int64(file.UncompressedSize64)-counted.n, int64(m.header.values())*int64(m.header.size)
		if have != want {
			return a.fail(key, fmt.Sprintf("the header lies: %d bytes follow it, and an array of shape %v of "+
				"%s has %d", have,
				m.header.shape, m.header.typ(), want), option.Do("write the file again"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Numbers under these names are features like others.
	if m.header.kind == 'U' || m.header.kind == 'S' {
		switch strings.ToLower(key) {
		case "columns", "feature_names", "blocks", "settings":
			if len(m.header.shape) == 1 {
				a.named[strings.ToLower(key)] = m
				return nil
			}
		}
	}
	if len(m.header.shape) == 0 {
		a.notes = append(a.notes, fmt.Sprintf("%q is a single value and is left out", key))
		return nil
	}
	a.members = append(a.members, m)
	return nil
}

// read calls f with the content of the array's file, past the header when it is known.
// Errors of f and of the archive are those of the file. f may leave a part unread: read
// goes on to the end when the header is known, because the zip format has its checksum
// there.
func (a *archive) read(m member, f func(io.Reader) error) error {
	r, err := m.file.Open()
	if err != nil {
		return tableerr.Damaged(a.in.Name, err)
	}
	defer r.Close() // reading; its checksum shows at the end of the data
	// The limit is for files whose content is longer than their entry in the directory
	// says.
	limited := bufio.NewReaderSize(io.LimitReader(r, int64(m.file.UncompressedSize64)), 1<<16)
	// The content is decompressed anew each time it is opened, so the header comes again.
	if m.header.kind != 0 {
		if _, err := readHeader(limited); err != nil {
			return tableerr.Damaged(a.in.Name, err)
		}
	}
	if err := f(limited); err != nil {
		return tableerr.Damaged(a.in.Name, err)
	}
	// While headers are read, the values are not worth decompressing.
	if m.header.kind != 0 {
		// To the end, where the checksum is compared.
		if _, err := io.Copy(io.Discard, r); err != nil {
			return tableerr.Damaged(a.in.Name, err)
		}
	}
	return nil
}

// texts reads a one-dimensional array as text; see readTexts. It is called for arrays of
// ids, labels and domains, and for the names of features and blocks.
func (a *archive) texts(ctx context.Context, m member) (all []string, err error) {
	err = a.read(m, func(r io.Reader) (err error) {
		var item int
		all, item, err = m.header.readTexts(ctx, r, a.account)
		// The values of an array are the rows of a table.
		return (&reading.Matrix{File: a.in.Name}).TextAt(err, item, m.key)
	})
	return all, err
}

// roleTexts reads the ids, labels or domains.
func (a *archive) roleTexts(ctx context.Context, m member, role data.Role) (all []string, err error) {
	if m.oneHot == 0 {
		return a.texts(ctx, m)
	}
	err = a.read(m, func(r io.Reader) error {
		var single bool
		if all, single, err = m.header.readOneHot(ctx, r, m.oneHot, a.account); err == nil && !single {
			err = a.shapeFault(m.key, role, []int{m.header.shape[0], m.oneHot})
		}
		return err
	})
	return all, err
}
