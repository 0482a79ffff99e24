package table

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/numpy"
	"github.com/go-siamese/lab/data/table/internal/parquet"
)

// npy spells an NPY file of version 1 with that header and body.
func npy(header string, body ...byte) []byte {
	out := append([]byte("\x93NUMPY"), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	return append(append(out, header...), body...)
}

// header spells the header of an NPY file.
func header(descr, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
}

// npz packs files; each entry is stored under exactly its name.
func npz(t testing.TB, files ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for k := 0; k < len(files); k += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[k].(string), Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[k+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// rawNPZ packs one file whose sizes are what it says.
func rawNPZ(t testing.TB, name string, method uint16, size uint64, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: method, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(len(content)), UncompressedSize64: size})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func saved(t testing.TB, write func(io.Writer, *data.Frame) error, f *data.Frame) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, f); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fixtureBytes(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "fixtures", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func arrowOf(t testing.TB, fields []arrow.Field, build func(b *array.RecordBuilder)) []byte {
	t.Helper()
	var out bytes.Buffer
	s := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	build(b)
	w := ipc.NewWriter(&out, ipc.WithSchema(s))
	if err := errors.Join(w.Write(b.NewRecordBatch()), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type malformed struct {
	name    string
	content []byte
	want    fault
	opt     Options
}

func malformedFiles(t testing.TB) []malformed {
	good := saved(t, numpy.WriteNPY, datatest.Wild(3, 2, 1))
	three := []byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64}
	pages := saved(t, parquet.Write, datatest.Wild(300, 20, 1))
	arrowFile := saved(t, arrowipc.Write, datatest.Wild(300, 20, 1))
	stream := saved(t, arrowipc.WriteStream, datatest.Wild(300, 20, 1))
	packed := saved(t, numpy.WriteNPZ, datatest.Wild(300, 20, 1))
	cut := func(b []byte, at int) []byte { return bytes.Clone(b[:at]) }
	with := func(b []byte, at int, values ...byte) []byte {
		b = bytes.Clone(b)
		if at < 0 {
			at += len(b)
		}
		copy(b[at:], values)
		return b
	}
	id := arrow.Field{Name: "id", Type: arrow.BinaryTypes.String}
	listFields := []arrow.Field{id, {Name: "hog", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)}}
	listRows := func(b *array.RecordBuilder) {
		b.Field(0).(*array.StringBuilder).AppendValues([]string{"a", "b"}, nil)
		l := b.Field(1).(*array.ListBuilder)
		l.Append(true)
		l.ValueBuilder().(*array.Float32Builder).AppendValues([]float32{1, 2}, nil)
		l.Append(true)
		l.ValueBuilder().(*array.Float32Builder).AppendValues([]float32{1}, nil)
	}
	// A null may hide any number.
	wholeFields := []arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "b", Type: arrow.PrimitiveTypes.Uint64}}
	wholeRows := func(b *array.RecordBuilder) {
		b.Field(0).(*array.Int64Builder).AppendValues([]int64{-1 << 53, math.MinInt64, -1<<53 - 1},
			[]bool{true, false, true})
		b.Field(1).(*array.Uint64Builder).AppendValues([]uint64{1 << 53, 1 << 63, 1}, nil)
	}
	var zeros bytes.Buffer
	g, _ := gzip.NewWriterLevel(&zeros, gzip.BestCompression)
	packedText := zipped(t, "id,f\na,1\nb,2\n")
	io.WriteString(g, "f\n")
	g.Write(bytes.Repeat([]byte("0\n"), 4<<20))
	g.Close()
	small := Options{MaxBytes: 1 << 20}
	return []malformed{
		// NPY
		{"magic only", []byte("\x93NUMPY"), says("header is cut off"), Options{}},
		{"cut header", cut(good, 30), says("header is cut off"), Options{}},
		{"cut values", cut(good, len(good)-1),
			says("23 bytes"), Options{}},
		{"too many values", append(bytes.Clone(good), 0), says("25 bytes"),
			Options{}},
		{"version", with(good, 6, 9), says("version 9"), Options{}},
		{"long header", append([]byte("\x93NUMPY"), 2, 0, 255, 255, 255, 127), says("2147483647"), Options{}},
		{"no dictionary", npy("hello"), says("dictionary"), Options{}},
		{"open dictionary", npy("{'descr': '<f4', "), says("dictionary"), Options{}},
		{"code in the header", npy("{'descr': __import__('os').system('ls'), 'fortran_order': False, 'shape': (1,)}"),
			says("dictionary"), Options{}},
		{"no shape", npy("{'descr': '<f4', 'fortran_order': False}"), says(`lacks "shape"`), Options{}},
		{"shape twice", npy("{'descr': '<f4', 'shape': (1, 3), 'fortran_order': False, 'shape': (1, 3)}", three...),
			says(`"shape" twice`), Options{}},
		{"another entry", npy("{'descr': '<f4', 'shape': (1, 3), 'fortran_order': False, 'x': True}", three...),
			says("entries"), Options{}},
		{"text behind the dictionary", npy("{'descr': '<f4', 'shape': (1, 3), 'fortran_order': False} x", three...),
			says("follows"), Options{}},
		{"negative shape", npy(header("<f4", "False", "(-1, 3)"), three...), says("negative shape [-1 3]"), Options{}},
		{"shape of text", npy(header("<f4", "False", "(1, 'x')"), three...), says("'x'"), Options{}},
		{"shape no tuple", npy(header("<f4", "False", "'1'"), three...), says("not a tuple"), Options{}},
		{"shape beyond memory", npy(header("<f4", "False", "(4294967296, 4294967296)"), three...), says("memory"),
			Options{}},
		{"shape beyond the file", npy(header("<f4", "False", "(1000000, 1000000)"), three...), says("cut off"),
			Options{}},
		{"columns beyond the file", npy(header("|u1", "False", "(1, 300000000)"), 1, 2, 3),
			at(0, "features", "300000000", "Ignore"), Options{}},
		{"order", npy(header("<f4", "'C'", "(1, 3)"), three...), says("True nor False"), Options{}},
		{"pickled", fixtureBytes(t, "pickled.npy"), says("pickled"), Options{}},
		{"structured, text as features", fixtureBytes(t, "structured.npy"), says(`"b"`, "Ignore", "ID", "Label",
			"Domain"), Options{}},
		{"structured within structured", npy("{'descr': [('a', [('b', '<f4')])], 'fortran_order': False, "+
			"'shape': (3,)}", three...), says("fields within fields"), Options{}},
		{"structured, objects", npy("{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (3,)}", three...),
			says("pickled"), Options{}},
		{"structured, wide labels", npy("{'descr': [('f', '|u1'), ('y', '|u1', (3,))], 'fortran_order': False, "+
			"'shape': (3,)}", three...), at(0, "y", "[3]", "Ignore"), Options{}},
		{"structured, without fields", npy("{'descr': [], 'fortran_order': False, 'shape': (3,)}", three...),
			says("without a field"), Options{}},
		{"structured, huge", npy("{'descr': [('a', '<f8', (1073741824, 1073741824))], 'fortran_order': False, "+
			"'shape': (3,)}", three...), says("beyond any memory"), Options{}},
		{"complex", npy(header("<c8", "False", "(1, 1)"), make([]byte, 8)...), says("complex"), Options{}},
		{"dates", npy(header("<M8[ns]", "False", "(1, 1)"), make([]byte, 8)...), says("dates or durations"),
			Options{}},
		{"months", npy(header("<M8[M]", "False", "(1, 1)"), make([]byte, 8)...), says(`"[M]"`), Options{}},
		{"raw bytes", npy(header("|V4", "False", "(1, 3)"), three...), says("raw bytes"), Options{}},
		{"long doubles", npy(header("<f16", "False", "(1, 1)"), make([]byte, 16)...), says("extended precision"),
			Options{}},
		{"unknown type", npy(header("<q9", "False", "(1, 3)"), three...), says(`unknown type "<q9"`), Options{}},
		{"text of width 0", npy(header("<U0", "False", "(1000000000000,)")), says("unknown type"), Options{}},
		{"text", npy(header("<U1", "False", "(1, 3)"), three...), says("holds text"), Options{}},
		{"one dimension", npy(header("<f4", "False", "(3,)"), three...), says("one dimension"), Options{}},
		{"three dimensions", npy(header("<f4", "False", "(1, 1, 3)"), three...), says("reshape"), Options{}},
		{"no columns", npy(header("<f4", "False", "(9000000000, 0)")), says("no columns"), Options{}},
		{"no rows", npy(header("<f4", "False", "(0, 3)")), says("no rows"), Options{}},
		{"NaN", npy(header("<f4", "False", "(1, 1)"), 0, 0, 192, 127),
			at(1, "features/0", "missing", "AllowMissing"), Options{}},
		{"infinite in Fortran order", npy(header("<f8", "True", "(2, 2)"),
			append(make([]byte, 22), 240, 127, 0, 0, 0, 0, 0, 0, 0, 0)...),
			at(1, "features/1", "infinite", "AllowMissing"), Options{}},
		{"beyond float32", npy(header(">f8", "False", "(1, 1)"), 0x7f, 0xe0, 0, 0, 0, 0, 0, 0),
			at(1, "features/0", "float32", "AllowMissing"), Options{}},
		{"integers past 2^53", npy(header("<i8", "False", "(2, 1)"), 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 32, 0),
			at(2, "features/0", "9007199254740993", "ID", "Ignore"), Options{}},
		{"integers past 2^53 in Fortran order",
			npy(header(">u8", "True", "(1, 2)"), 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255),
			at(1, "features/1", "18446744073709551615", "ID", "Ignore"), Options{}},
		{"over the limit", npy(header("|u1", "False", "(1024, 1024)"), make([]byte, 1<<20)...), says("", "MaxBytes"),
			small},
		// NPZ
		{"cut archive", cut(packed, len(packed)/2), says("cut off"), Options{}},
		{"cut directory", cut(packed, len(packed)-30), says("cut off"), Options{}},
		{"empty archive", npz(t), says("no NPY arrays"), Options{}},
		{"a spreadsheet", npz(t, "[Content_Types].xml", []byte("<x/>"), "xl/workbook.xml", []byte("<x/>")),
			says("spreadsheet"), Options{}},
		{"path escape", npz(t, "../x.npy", good), says(`"../x.npy"`), Options{}},
		{"hidden path escape", npz(t, "a/../../x.npy", good), says("leads out"), Options{}},
		{"absolute path", npz(t, "/etc/x.npy", good), says(`"/etc/x.npy"`), Options{}},
		{"drive", npz(t, "c:x.npy", good), says(`"c:x.npy"`), Options{}},
		{"backslash path", npz(t, `..\x.npy`, good), says("path of its own"), Options{}},
		{"same array twice", npz(t, "x.npy", good, "x.npy", good), at(0, "x", "twice"), Options{}},
		{"pickled array", fixtureBytes(t, "pickled.npz"), at(0, "labels", "pickled"),
			Options{}},
		{"lying member", npz(t, "x.npy", append(bytes.Clone(good), 1)), at(0, "x", "lies"), Options{}},
		{"lying size", rawNPZ(t, "x.npy", zip.Deflate, 1<<40, good), at(0, "x", "impossible"), Options{}},
		{"lying stored size", rawNPZ(t, "x.npy", zip.Store, uint64(len(good))+8, good), at(0, "x", "lies"), Options{}},
		{"unknown compression", rawNPZ(t, "x.npy", 12, uint64(len(good)), good), at(0, "x", "method 12"),
			Options{}},
		{"bad checksum", with(packed, bytes.LastIndex(packed, []byte("'<f4'"))+200, 1, 2, 3, 4), says("checksum"),
			Options{}},
		{"zip bomb", npz(t, "x.npy", npy(header("|u1", "False", "(2048, 1024)"), make([]byte, 2<<20)...)),
			at(0, "x", "", "MaxBytes"), small},
		{"lengths differ", npz(t, "x.npy", good, "labels.npy", npy(header("|i1", "False", "(2,)"), 1, 2)),
			at(0, "labels", `2 items, "x" has 3`, "Ignore"), Options{X: "x"}},
		{"two labels", npz(t, "x.npy", good, "y.npy", npy(header("|i1", "False", "(3,)"), 1, 2, 3), "labels.npy",
			npy(header("|i1", "False", "(3,)"), 1, 2, 3)), says(`"y"`, "Label"), Options{}},
		{"no such X", npz(t, "x.npy", good), says(`"X"`, "X"), Options{X: "X"}},
		{"float ids", npz(t, "x.npy", good, "ids.npy", npy(header("<f4", "False", "(3,)"),
			0, 0, 128, 63, 0, 0, 32, 64, 0, 0, 64, 64)), at(2, "ids", "2.5", "ID", "Label", "Domain"), Options{}},
		{"duplicate ids", npz(t, "x.npy", good, "ids.npy", npy(header("|i1", "False", "(3,)"), 1, 2, 1)),
			at(3, "ids", "row 1", "ID", "Ignore"), Options{}},
		{"no characters", npz(t, "x.npy", good, "ids.npy",
			npy(header("<U1", "False", "(3,)"), 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1)), says("character"),
			Options{}},
		{"names of too few features", npz(t, "x.npy", good, "columns.npy", npy(header("|S1", "False", "(1,)"), 'a')),
			says("names 1 features"), Options{}},
		// Parquet
		{"Parquet magic only", []byte("PAR1"), says("cut off"), Options{}},
		{"Parquet without footer", cut(pages, len(pages)-8), says("cut off"), Options{}},
		{"Parquet half", cut(pages, len(pages)/2), says("cut off"), Options{}},
		{"Parquet footer length", with(pages, -8, 255, 255, 255, 127), says("2147483647"), Options{}},
		{"Parquet empty footer", with(pages, -8, 0, 0, 0, 0), says("damaged"), Options{}},
		{"Parquet footer spoilt", with(pages, -2000, bytes.Repeat([]byte{0xff}, 300)...), says("damaged"), Options{}},
		{"Parquet pages spoilt", with(pages, 4, bytes.Repeat([]byte{0xff}, 3000)...), says("damaged"), Options{}},
		{"Parquet text spoilt", with(pages, 30, bytes.Repeat([]byte{0xaa}, 40)...), says("damaged"), Options{}},
		{"encrypted Parquet", with(pages, -4, []byte("PARE")...), says("encrypted"), Options{}},
		{"Parquet with missing values", fixtureBytes(t, "polars-nulls.parquet"),
			at(2, "hog/2", "missing", "AllowMissing"), Options{}},
		{"Parquet, no such label", fixtureBytes(t, "polars-zstd.parquet"), says(`"kind"`, "Label"),
			Options{Schema: data.Schema{Label: "kind"}}},
		{"Parquet, text as feature", fixtureBytes(t, "polars-zstd.parquet"),
			says(`"label" (text)`, "Ignore", "ID", "Label", "Domain"),
			Options{Schema: data.Schema{Label: data.NoColumn}}},
		{"Parquet, numbers as ids", fixtureBytes(t, "pandas-float32.parquet"),
			at(1, "hog/0", "not a whole number", "ID", "Label", "Domain"),
			Options{Schema: data.Schema{ID: "hog/0", Ignore: []string{"id"}}}},
		{"Parquet, no features", fixtureBytes(t, "pyarrow-half-list.parquet"), says("no feature"),
			Options{Schema: data.Schema{Ignore: []string{"hog"}}}},
		{"Parquet, wrong rule", fixtureBytes(t, "polars-zstd.parquet"), says(`block "lbp"`, "Blocks"),
			Options{Schema: data.Schema{Blocks: []data.BlockRule{{Name: "lbp", Prefix: "lbp"}}}}},
		{"Parquet, integers past 2^53", fixtureBytes(t, "wrong-integers.parquet"),
			at(3, "a", "-9007199254740993", "ID", "Ignore"),
			Options{Schema: data.Schema{Ignore: []string{"b"}}}},
		{"Parquet, unsigned integers past 2^53", fixtureBytes(t, "wrong-integers.parquet"),
			at(2, "b", "9223372036854775808", "ID", "Ignore"), Options{Schema: data.Schema{Ignore: []string{"a"}}}},
		{"Parquet, ragged lists", fixtureBytes(t, "wrong-lists.parquet"),
			at(2, "hog", "(2)", "Ignore"), Options{}},
		{"Parquet, same column twice", fixtureBytes(t, "wrong-columns.parquet"),
			says(`more than once: "hog"`), Options{}},
		{"Parquet, duplicate ids", fixtureBytes(t, "wrong-ids.parquet"),
			at(3, "id", "row 1", "ID", "Ignore"), Options{}},
		{"Parquet, no rows", fixtureBytes(t, "wrong-empty.parquet"), says("no rows"),
			Options{}},
		{"Parquet, infinite", fixtureBytes(t, "wrong-infinite.parquet"),
			at(2, "hog", "-Inf", "AllowMissing"), Options{}},
		// Arrow
		{"Arrow, integers past 2^53", arrowOf(t, wholeFields, wholeRows),
			at(3, "a", "-9007199254740993", "ID", "Ignore"),
			Options{Schema: data.Schema{Ignore: []string{"b"}}}},
		{"Arrow, unsigned integers past 2^53", arrowOf(t, wholeFields, wholeRows),
			at(2, "b", "9223372036854775808", "ID", "Ignore"), Options{Schema: data.Schema{Ignore: []string{"a"}}}},
		{"Arrow magic only", []byte("ARROW1\x00\x00"), says("too small"), Options{}},
		{"Arrow half", cut(arrowFile, len(arrowFile)/2), says("cut off"), Options{}},
		{"Arrow footer length", with(arrowFile, -10, 255, 255, 255, 127), says("2147483647"),
			Options{}},
		{"Arrow footer spoilt", with(arrowFile, -900, bytes.Repeat([]byte{0xff}, 800)...), says("damaged"), Options{}},
		{"Arrow stream cut", cut(stream, len(stream)-2000), says("cut off"), Options{}},
		{"Arrow stream header only", cut(stream, 8), says("cut off"), Options{}},
		{"Arrow stream length", with(stream, 4, 255, 255, 255, 127), says("2147483647"), Options{}},
		{"Arrow stream spoilt", with(stream, 16, bytes.Repeat([]byte{0xff}, 200)...), says("damaged"), Options{}},
		{"Feather version 1", []byte("FEA1xxxxxxxxFEA1"), says("Feather version 1"), Options{}},
		{"Arrow, ragged lists", arrowOf(t, listFields, listRows),
			at(2, "hog", "1 values", "Ignore"), Options{}},
		{"Arrow, lists of billions", arrowOf(t,
			[]arrow.Field{{Name: "hog", Type: arrow.FixedSizeListOf(1<<31-1, arrow.PrimitiveTypes.Int8)}},
			func(*array.RecordBuilder) {}), at(0, "hog", "2147483647", "Ignore"), Options{}},
		{"Arrow, dates", arrowOf(t, []arrow.Field{id, {Name: "day", Type: arrow.FixedWidthTypes.Date32}},
			func(b *array.RecordBuilder) {
				b.Field(0).(*array.StringBuilder).Append("a")
				b.Field(1).(*array.Date32Builder).Append(1)
			}), says(`"day" (date32)`, "Ignore", "ID", "Label", "Domain"), Options{}},
		{"Arrow, same column twice", arrowOf(t,
			[]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int8}, {Name: "a", Type: arrow.PrimitiveTypes.Int8}},
			func(b *array.RecordBuilder) {
				b.Field(0).(*array.Int8Builder).Append(1)
				b.Field(1).(*array.Int8Builder).Append(1)
			}), says(`more than once: "a"`), Options{}},
		{"Arrow, empty id", arrowOf(t, []arrow.Field{id, {Name: "a", Type: arrow.PrimitiveTypes.Int8}},
			func(b *array.RecordBuilder) {
				b.Field(0).(*array.StringBuilder).AppendNull()
				b.Field(1).(*array.Int8Builder).Append(1)
			}), at(1, "id", "empty", "ID", "Ignore"), Options{}},
		{"Arrow, no rows", arrowOf(t, []arrow.Field{id, {Name: "a", Type: arrow.PrimitiveTypes.Int8}},
			func(*array.RecordBuilder) {}), says("no rows"), Options{}},
		// Text
		{"gzip bomb", zeros.Bytes(), at(32770, "", "", "MaxBytes"), small}, // the chunk that is too much
		{"cut gzip", cut(zeros.Bytes(), 500), says("too early"), Options{}},
		{"gzip with another checksum", with(packedText, len(packedText)-8, 1, 2, 3, 4), says("checksum"), Options{}},
		{"something behind gzip", append(bytes.Clone(packedText), make([]byte, 512)...), says("not compressed"), Options{}},
		{"zstd of nothing", []byte("\x28\xb5\x2f\xfd\x00\x00"), says(""), Options{}},
		{"empty file", nil, says("file is empty"), Options{}},
		{"text of words", []byte("id,a\nx,red\n"), at(2, "a", "", "Ignore", "ID", "Label", "Domain"), Options{}},
	}
}

func TestOpenMalformed(t *testing.T) {
	tests := malformedFiles(t)
	if len(tests) < 60 {
		t.Fatalf("only %d files", len(tests))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.bin")
			if err := os.WriteFile(path, test.content, 0o644); err != nil {
				t.Fatal(err)
			}
			test.opt.NoCache = true
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := Open(context.Background(), path, test.opt)
			runtime.ReadMemStats(&after)
			test.want.check(t, path, err)
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 200 {
				t.Errorf("took %d MiB", used)
			}
			for _, err := range Scan(context.Background(), path, test.opt) {
				if err != nil && !strings.Contains(err.Error(), path) {
					t.Errorf("scanning does not name the file: %v", err)
				}
			}
		})
	}
}

// TestOneClass: a table of one class is read, and the explanation says so.
func TestOneClass(t *testing.T) {
	for _, ending := range endings {
		f := datatest.Wild(5, 3, 1)
		for i := range f.Labels {
			f.Labels[i] = []string{"x", ""}[i%2]
		}
		path := filepath.Join(t.TempDir(), "f"+ending)
		for _, one := range []bool{true, false} {
			if !one {
				f.Labels[4] = "y"
			}
			if err := Save(path, f); err != nil {
				t.Fatal(err)
			}
			_, e, err := Open(context.Background(), path, Options{NoCache: true})
			if err != nil {
				t.Fatal(err)
			}
			noted := slices.ContainsFunc(e.Notes, func(note string) bool {
				return strings.HasPrefix(note, "labels: ") && strings.Contains(note, `"x" is the only class`)
			})
			if noted != one {
				t.Errorf("%s: one class is %v: %q", ending, one, e.Notes)
			}
		}
	}
}

func TestScanRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"numpy-x.npz": "cannot be read a part at a time", "numpy-little-f4-F.npy": "Fortran order",
		"polars-nulls.parquet": `row 2: column "hog/2"`,
		"polars-nulls.arrow":   `row 2: column "hog/2"`,
	} {
		var got error
		for _, err := range Scan(context.Background(), filepath.Join("testdata", "fixtures", name),
			Options{BatchRows: 1}) {
			got = err
		}
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// zipped returns text in gzip.
func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
