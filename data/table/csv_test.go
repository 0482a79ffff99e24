package table

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/mutate"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/csv"
)

func readText(text string, opt Options) (*data.Frame, error) {
	f, _, err := csv.Read(context.Background(), strings.NewReader(text), "t.csv", opt)
	return f, err
}

func TestReadCSV(t *testing.T) {
	plain := &data.Frame{X: []float32{1, 2.5, -3, 4e2}, Columns: []string{"hog_0", "hog_1"},
		Blocks: []data.Block{{Name: "hog", Start: 0, End: 2}}, IDs: []string{"a", "b"}, Labels: []string{"x", "y"}}
	only := func(ids ...string) *data.Frame {
		return &data.Frame{X: []float32{1, 2}, Columns: []string{"f"},
			Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}, IDs: ids, Numbered: ids[0] == "1"}
	}
	gz := func(text string) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		io.WriteString(w, text)
		w.Close()
		return out.String()
	}
	tests := []struct {
		name, text string
		opt        Options
		want       *data.Frame
	}{
		{"plain", "id,label,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n", Options{}, plain},
		{"no last line end", "id,label,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2", Options{}, plain},
		{"CRLF", "id,label,hog_0,hog_1\r\na,x,1,2.5\r\nb,y,-3,4e2\r\n", Options{}, plain},
		{"byte order mark", "\xef\xbb\xbfid,label,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n", Options{}, plain},
		{"tabs", "id\tlabel\thog_0\thog_1\na\tx\t1\t2.5\nb\ty\t-3\t4e2\n", Options{}, plain},
		{"semicolons", "id;label;hog_0;hog_1\na;x;1;2.5\nb;y;-3;4e2\n", Options{}, plain},
		{"a bar, by option", "id|label|hog_0|hog_1\na|x|1|2.5\nb|y|-3|4e2\n", Options{Comma: '|'}, plain},
		{"quotes", "\"id\",\"label\",hog_0,hog_1\n\"a\",\"x\",\"1\",\"2.5\"\n\"b\",y,-3 ,\" 4e2 \"\n", Options{},
			plain},
		{"spaces", "id , label, hog_0,hog_1\na, x , 1 , 2.5\n b ,y,-3,4e2\n", Options{}, plain},
		{"blank lines", "\n\nid,label,hog_0,hog_1\n\na,x,1,2.5\n\r\nb,y,-3,4e2\n\n", Options{}, plain},
		{"columns in another order", "hog_0,LABEL,hog_1,Id\n1,x,2.5,a\n-3,y,4e2,b\n", Options{}, plain},
		{"class for label", "id,class,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n", Options{}, plain},
		{"pandas index", ",class,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n", Options{}, plain},
		{"pandas index beside ids", ",id,class,hog_0,hog_1\n0,a,x,1,2.5\n1,b,y,-3,4e2\n", Options{}, plain},
		{"names by option", "name,kind,note,hog_0,hog_1\na,x,?,1,2.5\nb,y,!,-3,4e2\n",
			Options{Schema: data.Schema{ID: "name", Label: "kind", Ignore: []string{"note"}}}, plain},
		{"gzip", gz("id,label,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n"), Options{}, plain},
		{"gzip with a byte order mark", gz("\xef\xbb\xbfid,label,hog_0,hog_1\na,x,1,2.5\nb,y,-3,4e2\n"), Options{},
			plain},
		{"one column", "f\n1\n2\n", Options{}, only("1", "2")},
		{"numbered in spite of ids", "id,f\nz,1\nz,2\n",
			Options{Schema: data.Schema{ID: data.NoColumn, Ignore: []string{"id"}}}, only("1", "2")},
		{"unknown labels only", "id,label,f\na,,1\nb,,2\n", Options{}, only("a", "b")},
		{"commas, quotes and line ends in ids", "id,f\n\"a,\"\"1\"\"\",1\n\"b\nc\",2\n", Options{},
			only(`a,"1"`, "b\nc")},
		{"domains and some labels", "id,domain,label,f\na,d,,1\nb,e,y,2\n", Options{},
			&data.Frame{X: []float32{1, 2}, Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}},
				IDs: []string{"a", "b"}, Labels: []string{"", "y"}, Domains: []string{"d", "e"}}},
		{"long integers are rounded", "id,f\na,16777217\nb,-9007199254740992\n", Options{},
			&data.Frame{X: []float32{16777216, -9007199254740992}, Columns: []string{"f"},
				Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}, IDs: []string{"a", "b"}}},
		{"label as a feature", "class,f\n1,2\n", Options{Schema: data.Schema{Label: data.NoColumn}},
			&data.Frame{X: []float32{1, 2}, Columns: []string{"class", "f"},
				Blocks: []data.Block{{Name: "features", Start: 0, End: 2}}, IDs: []string{"1"}, Numbered: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readText(test.text, test.opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			// The same, however the bytes arrive.
			got, _, err = csv.Read(t.Context(), iotest.OneByteReader(strings.NewReader(test.text)), "t.csv", test.opt)
			if err != nil || !cmp.Equal(test.want, got) {
				t.Errorf("byte by byte: %v %v", got, err)
			}
		})
	}
}

func TestReadCSVMissing(t *testing.T) {
	text := strings.NewReader("id,a,b\nx,,1\ny,NaN,-inf\nz, NA ,1e99\n")
	f, report, err := csv.Read(t.Context(), text, "t.csv", Options{AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range f.X {
		if isNaN := v != v; isNaN != (k != 1) {
			t.Errorf("value %d is %g", k, v)
		}
	}
	if report.Missing != 3 || report.Infinite != 2 {
		t.Errorf("counted %d missing, %d infinite; want 3 and 2", report.Missing, report.Infinite)
	}
}

func TestReadCSVMalformed(t *testing.T) {
	const head = "id,label,hog_0,hog_1\n"
	tests := []struct {
		name, text string
		opt        Options
		line       int
		column     string
		cell       string // Error.Text
		problem    string // a word or value of it
		options    string // that the error names
	}{
		{"empty file", "", Options{}, 0, "", "", "file is empty", ""},
		{"byte order mark only", "\xef\xbb\xbf", Options{}, 0, "", "", "blank lines", ""},
		{"blank lines only", "\n\r\n \n", Options{}, 0, "", "", "blank lines", ""},
		{"header only", head, Options{}, 0, "", "", "no rows", ""},
		{"header without line end", "id,f", Options{}, 0, "", "", "no rows", ""},
		{"short row", head + "a,x,1,2\nb,y,3\n", Options{}, 3, "", "", "3 cells, the header has 4", ""},
		{"long row", head + "a,x,1,2,3\n", Options{}, 2, "", "", "5 cells, the header has 4", ""},
		{"trailing separator", "id;f\na;1;\n", Options{}, 2, "", "", "3 cells, the header has 2", ""},
		{"last row cut", head + "a,x,1,2\nb,y", Options{}, 3, "", "", "2 cells, the header has 4", ""},
		{"NaN", head + "a,x,1,NaN\n", Options{}, 2, "hog_1", "NaN", "missing", "AllowMissing"},
		{"NA", head + "a,x,NA,1\n", Options{}, 2, "hog_0", "NA", "missing", "AllowMissing"},
		{"infinity", head + "a,x,1,-Inf\n", Options{}, 2, "hog_1", "-Inf", "infinite", "AllowMissing"},
		{"empty cell", head + "a,x,,1\n", Options{}, 2, "hog_0", "", "empty", "AllowMissing"},
		{"empty quoted cell", head + "a,x,\"\",1\n", Options{}, 2, "hog_0", "", "empty", "AllowMissing"},
		{"beyond float32", head + "a,x,1e39,1\n", Options{}, 2, "hog_0", "1e39",
			"float32", "AllowMissing"},
		{"text", head + "a,x,red,1\n", Options{}, 2, "hog_0", "red", "not a number", "Ignore ID Label Domain"},
		{"text with AllowMissing", head + "a,x,red,1\n", Options{AllowMissing: true}, 2, "hog_0", "red",
			"not a number", "Ignore ID Label Domain"},
		{"two points", head + "a,x,1,1.2.3\n", Options{}, 2, "hog_1", "1.2.3", "not a number",
			"Ignore ID Label Domain"},
		{"integer past 2^53", head + "a,x,1,9007199254740993\n", Options{}, 2, "hog_1", "9007199254740993",
			"past 2^53", "ID Ignore"},
		{"negative integer of 30 digits", head + "a,x,1,-123456789012345678901234567890\n", Options{AllowMissing: true},
			2, "hog_1", "-123456789012345678901234567890", "past 2^53",
			"ID Ignore"},
		{"decimal comma", "id;f\na;0,25\n", Options{}, 2, "f", "0,25", "decimal comma", ""},
		{"decimal comma in quotes", "id,f\na,\"-3,5e2\"\n", Options{}, 2, "f", "-3,5e2", "decimal comma", ""},
		{"a comma that may be either", "id,f\na,\"1,234\"\n", Options{}, 2, "f", "1,234",
			"decimal comma or a thousands", ""},
		{"thousands", "id,f\na,\"1,234,567.5\"\n", Options{}, 2, "f", "1,234,567.5", "thousands", ""},
		{"thousands with points", "id;f\na;1.234.567,5\n", Options{}, 2, "f", "1.234.567,5", "thousands",
			""},
		{"thousands with an apostrophe", "id,f\na,1'234\n", Options{}, 2, "f", "1'234", "thousands", ""},
		{"percent", "id,f\na,12%\n", Options{}, 2, "f", "12%", "percentage", ""},
		{"hexadecimal", "id,f\na,0x1F\n", Options{}, 2, "f", "0x1F", "hexadecimal", ""},
		{"underscores", "id,f\na,1_000\n", Options{}, 2, "f", "1_000", "thousands", ""},
		{"truth value", "id,f\na,True\n", Options{}, 2, "f", "True", "truth value", ""},
		{"date", "id,f\na,2024-05-01\n", Options{}, 2, "f", "2024-05-01", "date", "Ignore"},
		{"typographic minus", "id,f\na,−5\n", Options{}, 2, "f", "−5", "dash",
			""},
		{"list", "id,f\na,\"[1, 2]\"\n", Options{}, 2, "f", "[1, 2]", "list", ""},
		{"duplicate columns", "id,f,g,f\na,1,2,3\n", Options{}, 1, "", "", `more than once: "f"`, ""},
		{"duplicate ids", "id,f\na,1\n\nb,2\na,3\n", Options{}, 5, "id", "a", "line 2", "ID Ignore"},
		{"empty id", "id,f\na,1\n ,2\n", Options{}, 3, "id", "", "id is empty", "ID Ignore"},
		{"nameless column", "id,f,,g\na,1,2,3\n", Options{}, 1, "", "", "column 3 of 4", ""},
		{"unknown column in options", "id,label,f\na,x,1\n", Options{Schema: data.Schema{Label: "lable"}}, 1, "", "",
			`"lable"`, "Label"},
		{"unknown ignored column", "id,f,g\na,1,2\n", Options{Schema: data.Schema{Ignore: []string{"G"}}}, 1, "", "",
			`"G"`, "Ignore"},
		{"one column, two roles", "id,f\na,1\n", Options{Schema: data.Schema{ID: "id", Label: "id"}}, 1, "", "",
			`"id" has the role id`, "Label"},
		{"two labels", "id,label,class,f\na,x,y,1\n", Options{}, 1, "", "",
			`"label" and "class"`, "Label"},
		{"no features", "id,label\na,x\n", Options{}, 1, "", "",
			"no feature", ""},
		{"blocks apart", "a1,b1,a2\n1,2,3\n", Options{Schema: data.Schema{BlockOf: data.BlockName}}, 1, "", "",
			`block "a"`, "BlockOf"},
		{"quote left open", head + "a,x,1,2\n\"b,y,1,2\nc,z,1,2\n", Options{}, 3, "id", "\"b,y,1,2\nc,z,1,2",
			"never closed", ""},
		{"quote left open in the header", "\"id,f\na,1\n", Options{}, 1, "", "\"id,f\na,1",
			"never closed", ""},
		{"bare quote", head + "5\" tube,x,1,2\n", Options{}, 2, "id", "5\" tube",
			"quote inside", ""},
		{"text behind a quote", head + "\"a\"b,x,1,2\n", Options{}, 2, "id", "a", "behind the closing quote",
			""},
		{"fault behind a cell of two lines", "id,f\n\"a\nb\",1\nc,!\n", Options{}, 4, "f", "!", "not a number",
			"Ignore ID Label Domain"},
		{"UTF-32", "\xff\xfe\x00\x00i\x00\x00\x00", Options{}, 0, "", "", "UTF-32", ""},
		{"UTF-16 without a mark", "i\x00d\x00,\x00f\x00\n\x00", Options{}, 1, "", "",
			"zero bytes", ""},
		{"Latin-1 in the header", "id,gr\xf6\xdfe\na,1\n", Options{}, 1, "", "gr\xf6\xdfe",
			"not UTF-8", ""},
		{"Latin-1 in a label", "id,label,f\na,caf\xe9,1\n", Options{}, 2, "label", "caf\xe9", "not UTF-8", ""},
		{"old Macintosh", "id,f\ra,1\r", Options{}, 1, "", "", "CR only", ""},
		{"Parquet", "PAR1\x15\x00", Options{}, 0, "", "", "Parquet", ""},
		{"spreadsheet", "PK\x03\x04\x14", Options{}, 0, "", "", "spreadsheet",
			""},
		{"separator that is a digit", "id,f\na,1\n", Options{Comma: '1'}, 0, "", "", "separate cells", "Comma"},
		{"zero byte", "id,f\na,\x001\n", Options{}, 2, "f", "\x001", "not a number", "Ignore ID Label Domain"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := readText(test.text, test.opt)
			if err == nil {
				t.Fatalf("read as %v", f)
			}
			e := new(Error)
			if errors.As(err, &e) {
				if e.File != "t.csv" || e.Line != test.line || e.Column != test.column || e.Text != test.cell {
					t.Errorf("line %d, column %q, text %q: %v", e.Line, e.Column, e.Text, err)
				}
			} else if test.line > 0 {
				t.Errorf("%T does not say where: %v", err, err)
			}
			if got := strings.Join(append(option.Names(err), e.Fix.Options()...), " "); got != test.options {
				t.Errorf("options %q, want %q: %v", got, test.options, err)
			}
			if !strings.Contains(err.Error(), test.problem) {
				t.Errorf("lacks %q: %v", test.problem, err)
			}
		})
	}
	long := strings.Repeat("x", 99)
	if _, err := readText("f\n"+long+"\n", Options{}); err == nil || strings.Contains(err.Error(), long) ||
		!strings.Contains(err.Error(), `xxx…"`) {
		t.Errorf("a long text is not cut: %v", err)
	}
}

func TestReadCSVBroken(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader("id,f\na,1\n"), iotest.ErrReader(broken))
	if _, _, err := csv.Read(t.Context(), in, "t.csv", Options{}); !errors.Is(err, broken) ||
		!strings.Contains(err.Error(), "line 1") {
		t.Errorf("failing reader: %v", err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	io.WriteString(w, "id,f\n")
	for i := range 1000 {
		fmt.Fprintf(w, "i%d,%d\n", i, i*i)
	}
	w.Close()
	for _, keep := range []int{5, packed.Len() / 2, packed.Len() - 1} {
		_, _, err := csv.Read(t.Context(), bytes.NewReader(packed.Bytes()[:keep]), "t.csv.gz", Options{})
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "too early") {
			t.Errorf("%d bytes of %d: %v", keep, packed.Len(), err)
		}
	}
	if _, _, err := Open(t.Context(), filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, _, err := Open(t.Context(), t.TempDir(), Options{}); err == nil {
		t.Error("a directory is read")
	}
}

// bigText has rows of many chunks, and line ends inside quotes.
func bigText(rows int) (text string, want *data.Frame) {
	rng := rand.New(rand.NewPCG(3, 4))
	var out strings.Builder
	want = &data.Frame{Columns: []string{"a/0", "a/1", "b/0"},
		Blocks: []data.Block{{Name: "a", Start: 0, End: 2}, {Name: "b", Start: 2, End: 3}}}
	out.WriteString("id,a/0,a/1,b/0\n")
	for i := range rows {
		id := "i" + strconv.Itoa(i)
		if i%97 == 0 {
			id += "\n\"two\" lines,"
		}
		want.IDs = append(want.IDs, id)
		out.WriteString(`"` + strings.ReplaceAll(id, `"`, `""`) + `"`)
		for range 3 {
			v := float32(rng.NormFloat64())
			want.X = append(want.X, v)
			out.WriteString("," + strconv.FormatFloat(float64(v), 'g', -1, 32))
		}
		out.WriteByte('\n')
	}
	return out.String(), want
}

func TestReadCSVManyChunks(t *testing.T) {
	text, want := bigText(150_000)
	if len(text) < 4<<20 {
		t.Fatalf("only %d bytes", len(text))
	}
	for name, in := range map[string]io.Reader{"known size": strings.NewReader(text),
		"unknown size": iotest.HalfReader(strings.NewReader(text))} {
		got, _, err := csv.Read(t.Context(), in, name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Hash() != want.Hash() {
			t.Errorf("%s: another frame: %v", name, got)
		}
	}
	// Two faults in different chunks: the first in the file is returned, with its line.
	lines := strings.SplitAfter(text, "\n")
	lines[len(lines)-3] = "x,1,?,3\n"
	at := len(lines) / 2
	for strings.Count(lines[at], `"`)%2 == 1 || strings.HasPrefix(lines[at], `"`) &&
		strings.Contains(lines[at], "two") {
		at++
	}
	lines[at] = "x,1,first,3\n"
	_, err := readText(strings.Join(lines, ""), Options{})
	if bad := new(Error); !errors.As(err, &bad) || bad.Text != "first" || bad.Line != at+1 || bad.Column != "a/1" {
		t.Errorf("got %v, want the fault in line %d", err, at+1)
	}
}

func TestReadCSVLongRow(t *testing.T) {
	// Rows longer than a chunk.
	const width = 400_000
	var header, row strings.Builder
	header.WriteString("id")
	row.WriteString("x")
	for j := range width {
		fmt.Fprintf(&header, ",f%d", j)
		fmt.Fprintf(&row, ",%d", j)
	}
	f, err := readText(header.String()+"\n"+row.String()+"\ny"+row.String()[1:]+"\n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.N() != 2 || f.F() != width || f.Row(1)[width-1] != width-1 {
		t.Errorf("got %v", f)
	}
}

func TestReadCSVRowWithoutEnd(t *testing.T) {
	// A quote left open early in an endless input is found at the limit of a row.
	endless := io.MultiReader(strings.NewReader("id,f\na,1\n\"b"), zeros{})
	_, _, err := csv.Read(t.Context(), endless, "t.csv", Options{})
	at(3, "id", "never closed").check(t, "t.csv", err)
}

// zeros is an input of "0" that does not end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for k := range p {
		p[k] = '0'
	}
	return len(p), nil
}

func TestReadCSVProgress(t *testing.T) {
	text, _ := bigText(150_000)
	var calls int
	var last int64
	_, err := readText(text, Options{Progress: func(done, total int64) error {
		calls++
		if done < last || done > total || total != int64(len(text)) {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
		return nil
	}})
	if err != nil || calls < 4 || last != int64(len(text)) {
		t.Errorf("%d calls, last %d of %d, error %v", calls, last, len(text), err)
	}
	enough := errors.New("enough")
	_, err = readText(text, Options{Progress: func(_, _ int64) error { return enough }})
	if !errors.Is(err, enough) {
		t.Errorf("stopped with %v", err)
	}
}

// TestScanCSVStops: whoever leaves a scan early, even by a panic, leaves no goroutine behind.
func TestScanCSVStops(t *testing.T) {
	text, _ := bigText(150_000)
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for _, err := range Scan(t.Context(), path, Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	func() {
		defer func() {
			if cause := recover(); cause != "mine" {
				t.Errorf("the panic became %v", cause)
			}
		}()
		for range Scan(t.Context(), path, Options{}) {
			panic("mine")
		}
	}()
	after := 0
	// A goroutine that is done still counts until it has left its last function.
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if after = runtime.NumGoroutine(); after <= before {
			return
		}
	}
	t.Errorf("%d goroutines run, %d before", after, before)
}

func TestReadCSVExplains(t *testing.T) {
	text := strings.NewReader(",class,hog/0,hog/1,glcm/0,note\n1,x,1,2,3,?\n")
	_, report, err := csv.Read(t.Context(), text, "t.csv", Options{Schema: data.Schema{Ignore: []string{"note"}}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `t.csv: CSV, 1 items x 3 features
  cells are separated by ','
  id: the first column, which has no name, as in an index written by pandas
  label: column "class", by its name
  domain: no column is called so
  blocks: 2, by the beginning of the column names
`
	got := report.String()
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(got, line) {
			t.Errorf("lacks %q:\n%s", line, got)
		}
	}
	if report.Label != "class" || report.Rows != 1 || !cmp.Equal(report.Ignored, []string{"note"}) ||
		len(report.Blocks) != 2 {
		t.Errorf("%+v", report)
	}
}

// wildText returns a frame of random bits and awkward names.
func wildText(n int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &data.Frame{Columns: []string{"a/0", "a/ 1 ", "a/\"2\"", "b/,", "b/\n"},
		Blocks: []data.Block{{Name: "a", Start: 0, End: 3}, {Name: "b", Start: 3, End: 5}}}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf(" %d,\"é\r\n", i))
		f.Labels = append(f.Labels, []string{"", "x", "y;z", "\tt"}[rng.IntN(4)])
		f.Domains = append(f.Domains, []string{"d", "\ufeffe"}[rng.IntN(2)])
		for range f.F() {
			v := math.Float32frombits(rng.Uint32())
			if v != v || math.IsInf(float64(v), 0) {
				v = float32(math.Copysign(0, -1))
			}
			f.X = append(f.X, v)
		}
	}
	return f
}

func TestCSVRoundTrip(t *testing.T) {
	for _, name := range []string{"f.csv", "f.csv.gz"} {
		path := filepath.Join(t.TempDir(), name)
		want := wildText(20_000, 5)
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		got, _, err := Open(t.Context(), path, Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if got.Hash() != want.Hash() {
			t.Errorf("%s: another frame came back: %v", name, got)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestWriteCSVRefuses(t *testing.T) {
	for _, test := range []struct {
		spoil func(f *data.Frame)
		want  string
	}{
		{func(f *data.Frame) { f.X = f.X[1:] }, "19 values"},
		{func(f *data.Frame) { f.Columns[0] = "Class" }, `"Class"`},
		{func(f *data.Frame) { f.Columns[0] = "a\x00" }, `"a\x00"`},
	} {
		f := plain(4, 5)
		test.spoil(f)
		path := filepath.Join(t.TempDir(), "f.csv")
		os.WriteFile(path, []byte("old"), 0o644)
		err := Save(path, f)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
		if old, _ := os.ReadFile(path); string(old) != "old" {
			t.Errorf("the old file now holds %q", old)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("left behind: %v", entries)
		}
	}
	if err := csv.Write(io.Discard, nil); err == nil {
		t.Error("a nil frame is written")
	}
	if err := Save(filepath.Join(t.TempDir(), "no", "f.csv"), plain(4, 5)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{
		"id,label,domain,hog/0,glcm/0\na,x,d,1,2.5\nb,,e,-3,4e2\n", ",f\r\n\"a\"\"\n\",1\r\n", "a;b\n1,5;2\n",
		"\xef\xbb\xbff\n1\n\n2", "id,f\na,NaN\n",
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "id,id\n", "\"", "f\n\"1\" x\n", "a\tb\n 1 \t1e-45\n",
		"f\n0.1234567890123456789012345\n", "# id,f\na,1\n", "sep=;\nid;f\na;1\n", "id  f\na  1\n \"b c\"\t2\n",
		"\xff\xfef\x00\n\x001\x00\n\x00", "cat,1,2\ndog,3,4\ncat,5,6\n", "0,1\n.5,2\n",
		"\"f\",\"g\"\n\"1\",2,3\n\"2\",4,5\n",
		"label,f\nNA,1\nx,?\n",
	} {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(checkCSV)
}

// checkCSV reads text that may be anything.
func checkCSV(t *testing.T, text []byte, missing bool) {
	frame, _, err := csv.Read(t.Context(), bytes.NewReader(text), "f.csv", Options{AllowMissing: missing})
	if err != nil {
		if !strings.Contains(err.Error(), "f.csv") {
			t.Fatalf("does not name the file: %v", err)
		}
		return
	}
	if err := frame.Validate(); err != nil && !missing {
		t.Fatalf("read a frame that is not sound: %v", err)
	}
	// What was read can be written, and is the same when read again.
	var out bytes.Buffer
	if err := csv.Write(&out, frame); err != nil {
		t.Fatal(err)
	}
	blocks := make(map[string]string)
	for _, b := range frame.Blocks {
		for _, column := range frame.Columns[b.Start:b.End] {
			blocks[column] = b.Name
		}
	}
	again, _, err := csv.Read(t.Context(), &out, "again.csv",
		Options{AllowMissing: missing, Schema: data.Schema{BlockOf: func(c string) string { return blocks[c] }}})
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash() != frame.Hash() {
		t.Fatalf("%q\nbecame %q", text, out.String())
	}
}

// TestMutateCSV is a short run of FuzzReadCSV with mutations that are the same every time.
func TestMutateCSV(t *testing.T) {
	text, _ := bigText(100)
	seeds := [][]byte{[]byte(text), []byte("id,label,domain,hog/0\r\na,x,d,1\r\n\"b\",,e,-3e5\r\n"),
		[]byte("a\tb\n1\t2\n"), []byte("# x\n# id,f/1,f/2\na,1,2\nb,3,4\n"), []byte("sep=;\nid;f\na;1,5\n"),
		[]byte("id  f  g\na  1 2\n \"b c\"\t2  3\n"), []byte("cat,1,2\ndog,3,4\ncat,5,6.5\n"),
		[]byte("\xff\xfef\x00,\x00g\x00\n\x001\x00,\x002\x00\n\x00"), []byte("0,1,2\n.5,2,3\n"),
		[]byte("\"f\",\"g\"\n\"1\",2,3\n\"2\",4,5\n"), []byte("index,label,f\n0,NA,1\n1,x,?\n")}
	rng := rand.New(rand.NewPCG(13, 0))
	pick := func() []byte { return seeds[rng.IntN(len(seeds))] }
	for k := range 1000 {
		content := mutate.Bytes(rng, pick(), pick(), 0)
		checkCSV(t, content, k%2 == 0)
		if t.Failed() {
			t.Fatalf("mutation %d: %q", k, content)
		}
	}
}

func ExampleReadCSV() {
	const table = "id,class,hog/0,hog/1,glcm/0\nimg1,shoe,0.25,0.5,12\nimg2,coat,0.75,0,9\n"
	f, how, err := csv.Read(context.Background(), strings.NewReader(table), "images.csv", Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f.Head(1))
	fmt.Print(how)
	// Output:
	// 2 items x 3 features in 2 blocks: hog 2 glcm 1
	// id    label  hog/0  hog/1  glcm/0
	// img1  shoe   0.25   0.5    12
	// images.csv: CSV, 2 items x 3 features
	//   cells are separated by ','
	//   id: column "id", by its name
	//   label: column "class", by its name
	//   domain: no column is called so
	//   blocks: 2, by the beginning of the column names
}

func ExampleReadCSV_error() {
	_, _, err := csv.Read(context.Background(), strings.NewReader("id;hog/0\nimg1;0,25\n"), "images.csv", Options{})
	fmt.Println(err)
	// Output:
	// table: images.csv:2: column "hog/0": "0,25" has a decimal comma; write it with a decimal point, for instance with pandas.read_csv(FILE, sep=";", decimal=",").to_csv(..., index=False)
}

// AllowWrong reads cells that are no numbers as NaN, in their places, and only with AllowMissing.
func TestAllowWrong(t *testing.T) {
	const text = "id,a,b\nx,1,2\ny,word,4\nz,5,2024-01-02\nv,\"1,5\",12345678901234567890\nw,7,\n"
	opt := Options{AllowMissing: true, AllowWrong: true}
	f, _, err := ReadCSV(t.Context(), strings.NewReader(text), "t.csv", opt)
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	for i, want := range []float64{1, 2, nan, 4, 5, nan, nan, nan, 7, nan} {
		if got := float64(f.X[i]); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("value %d: %v, want %v", i, got, want)
		}
	}
	// The copy in the cache is not one for readings without it.
	path := filepath.Join(t.TempDir(), "t.csv")
	var long strings.Builder // smaller files are not kept
	long.WriteString(text)
	for i := range 6000 {
		fmt.Fprintf(&long, "%0190d,1,2\n", i)
	}
	if err := os.WriteFile(path, []byte(long.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	opt.CacheDir = t.TempDir()
	for range 2 {
		if _, _, err := Open(t.Context(), path, opt); err != nil {
			t.Error(err)
		}
	}
	if copies, err := filepath.Glob(filepath.Join(opt.CacheDir, "*.frame")); err != nil || len(copies) != 1 {
		t.Errorf("%d copies, %v", len(copies), err)
	}
	if _, _, err := Open(t.Context(), path, Options{AllowMissing: true, CacheDir: opt.CacheDir}); err == nil {
		t.Error("the copy of another reading was taken")
	}
	for _, opt := range []Options{{AllowMissing: true}, {AllowWrong: true}} {
		if _, _, err := ReadCSV(t.Context(), strings.NewReader(text), "t.csv", opt); err == nil ||
			!strings.Contains(err.Error(), "word") {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}
