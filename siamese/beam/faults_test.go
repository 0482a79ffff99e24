package beam_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/beam"
)

// inGroups writes a table with a group for each rows rows. Empty labels are nulls; a feature called text is strings.
func inGroups(t *testing.T, path string, f *data.Frame, rows int, text ...string) {
	t.Helper()
	fields := []arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "label", Type: arrow.BinaryTypes.String, Nullable: true}}
	for _, name := range f.Columns {
		kind := arrow.PrimitiveTypes.Float32
		if len(text) > 0 && text[0] == name {
			kind = arrow.BinaryTypes.String
		}
		fields = append(fields, arrow.Field{Name: name, Type: kind})
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range f.N() {
		b.Field(0).(*array.StringBuilder).Append(f.IDs[i])
		if label := b.Field(1).(*array.StringBuilder); f.Labels[i] == "" {
			label.AppendNull()
		} else {
			label.Append(f.Labels[i])
		}
		for j, v := range f.Row(i) {
			switch column := b.Field(2 + j).(type) {
			case *array.Float32Builder:
				column.Append(v)
			case *array.StringBuilder:
				column.Append("word")
			}
		}
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(int64(rows))),
		pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	record := b.NewRecordBatch()
	chunks := array.NewTableFromRecords(schema, []arrow.RecordBatch{record})
	if err := errors.Join(w.WriteTable(chunks, int64(rows)), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// bad returns the lines of the bad rows of a shard.
func bad(t *testing.T, dir, shard string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(shard, ".parquet")+".bad.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// A bad row is told by its number in the file, whichever group it is in; a row without a label is embedded.
func TestGroups(t *testing.T) {
	dir, _, _ := fixture(t)
	f := toy("g", 35, 6, 5)
	f.X[33*6+4] = float32(1 / zero)
	f.Labels[2] = ""
	inGroups(t, filepath.Join(dir, "groups.parquet"), f, 10)
	m, err := embed(t, dir, beam.Options{MaxBad: 1}, "groups.parquet")
	if err != nil || len(m.Shards) != 4 || m.Rows != 34 {
		t.Fatalf("%+v, %v", m, err)
	}
	got := bad(t, filepath.Join(dir, "out"), m.Shards[3].Name)
	if want := `"row":34,"id":"g33","reason":"a/4 is missing`; len(got) != 1 || !strings.Contains(got[0], want) {
		t.Errorf("%s, want %s", got, want)
	}
	z, _, err := table.Open(t.Context(), filepath.Join(dir, "out", m.Shards[0].Name), table.Options{NoCache: true})
	if err != nil || z.N() != 10 || z.IDs[2] != "g2" || z.Labels[2] != "" || z.Labels[3] != "class 3" {
		t.Errorf("%v, %v", z, err)
	}
	// A feature that is text in the whole file is refused before workers begin.
	inGroups(t, filepath.Join(dir, "words.parquet"), f, 10, "a/3")
	if _, err := embed(t, dir, beam.Options{Out: filepath.Join(dir, "w")}, "words.parquet"); err == nil ||
		!strings.Contains(err.Error(), "words.parquet") || !strings.Contains(err.Error(), "a/3") {
		t.Errorf("a column of words: %v", err)
	}
}

// zero is no constant, by which nothing may be divided.
var zero float32

// A cell that is no number makes a bad row, and does not end the run.
func TestWords(t *testing.T) {
	dir, _, items := fixture(t)
	path := filepath.Join(dir, "two.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, word := range map[int]string{5: "abc", 7: "2024-01-02"} {
		cells := strings.Split(lines[i], ",")
		cells[len(cells)-1] = word
		lines[i] = strings.Join(cells, ",")
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := embed(t, dir, beam.Options{MaxBad: 2}, "two.csv")
	if err != nil || m.Rows != int64(items["two.csv"].N())-2 {
		t.Fatalf("%+v, %v", m, err)
	}
	got := bad(t, filepath.Join(dir, "out"), m.Shards[0].Name)
	for i, row := range []int{5, 7} {
		want := fmt.Sprintf(`"row":%d,"id":"b%d","reason":"a/5 is missing, not finite or no number"`, row, row-1)
		if !strings.Contains(got[i], want) {
			t.Errorf("%s, want %s", got[i], want)
		}
	}
	// The manifest of the earlier run does not outlive one that failed.
	if _, err := embed(t, dir, beam.Options{MaxBad: 1}, "two.csv"); err == nil {
		t.Error("2 bad rows of 1")
	}
	if _, err := os.Stat(filepath.Join(dir, "out", beam.ManifestName)); err == nil {
		t.Error("there is a manifest all the same")
	}
}

// A folder with shards of more tables than are named is refused, and stays as it is.
func TestOtherTables(t *testing.T) {
	dir, _, _ := fixture(t)
	if _, err := embed(t, dir, beam.Options{}, "one.parquet", "two.csv"); err != nil {
		t.Fatal(err)
	}
	before := len(files(t, filepath.Join(dir, "out")))
	_, err := embed(t, dir, beam.Options{}, "one.parquet")
	if err == nil || !strings.Contains(err.Error(), "of other tables") {
		t.Errorf("shards of another table: %v", err)
	}
	if after := len(files(t, filepath.Join(dir, "out"))); after != before {
		t.Errorf("%d files, %d before", after, before)
	}
}

// One table is one, by whatever name.
func TestLinks(t *testing.T) {
	dir, _, _ := fixture(t)
	path := filepath.Join(dir, "one.parquet")
	if err := errors.Join(os.Symlink(path, filepath.Join(dir, "soft.parquet")),
		os.Link(path, filepath.Join(dir, "hard.parquet"))); err != nil {
		t.Skipf("NOT TESTED: no links here: %v", err)
	}
	for _, other := range []string{"soft.parquet", "hard.parquet"} {
		if _, err := embed(t, dir, beam.Options{}, "one.parquet", other); err == nil ||
			!strings.Contains(err.Error(), "named twice") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// What shards were made from is compared: the table, the model, the columns, and what computed them.
func TestMadeAgain(t *testing.T) {
	dir, m, _ := fixture(t)
	out := filepath.Join(dir, "out")
	run := func(what string, kept bool, opt beam.Options) *beam.Manifest {
		t.Helper()
		got, err := embed(t, dir, opt, "two.csv")
		if err != nil || got.Shards[0].Kept != kept {
			t.Fatalf("%s: %+v, %v", what, got, err)
		}
		return got
	}
	first := run("at first", false, beam.Options{})
	if first.Bits != "go" || first.Shards[0].Bits != "go" {
		t.Errorf("%+v", first)
	}
	t.Setenv("GOMLX_BACKEND", "go")
	run("the same backend by the environment", true, beam.Options{Backend: "-"})
	if err := table.Save(filepath.Join(dir, "two.csv"), toy("b", 51, 6, 4)); err != nil {
		t.Fatal(err)
	}
	if got := run("another table", false, beam.Options{}); got.Rows != 51 {
		t.Errorf("%+v", got)
	}
	run("other columns", false, beam.Options{Label: "label"})
	run("the same columns", true, beam.Options{Label: "label"})
	run("others again", false, beam.Options{})
	m.Config.Seed++
	if err := m.Save(filepath.Join(dir, "m.safetensors")); err != nil {
		t.Fatal(err)
	}
	if got := run("another model", false, beam.Options{}); got.Model == first.Model {
		t.Error("the manifest names the old model")
	}
	// As another backend would have written it.
	note := filepath.Join(out, strings.TrimSuffix(first.Shards[0].Name, ".parquet")+".note.json")
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	fields["Shard"].(map[string]any)["Bits"] = "xla:cpu 01234567"
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(note, text, 0o644); err != nil {
		t.Fatal(err)
	}
	run("another backend", false, beam.Options{})
}

// An id that two units have is found by name, one that is there in one alone is not told.
func TestUnique(t *testing.T) {
	dir, _, _ := fixture(t)
	f := toy("c", 40, 6, 9)
	f.IDs[7], f.IDs[30] = "a5", "b49"
	if err := table.Save(filepath.Join(dir, "three.csv"), f); err != nil {
		t.Fatal(err)
	}
	m, err := embed(t, dir, beam.Options{Unique: true}, "one.parquet", "two.csv")
	if err != nil || m.Rows != 350 {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = embed(t, dir, beam.Options{Unique: true}, "one.parquet", "two.csv", "three.csv")
	for _, want := range []string{"at least 2 ids in several units", `"a5" is in part-000000-000000.parquet and ` +
		`part-000002-000000.parquet; "b49" is in part-000001-000000.parquet and`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if m, err = embed(t, dir, beam.Options{}, "one.parquet", "two.csv", "three.csv"); err != nil || m.Rows != 390 {
		t.Errorf("%+v, %v", m, err)
	}
}
