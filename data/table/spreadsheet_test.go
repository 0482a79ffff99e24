package table

import (
	"slices"
	"strings"
	"testing"
)

// TestSpreadsheetLeavings: separators at the ends of lines, rows of separators and columns without a value, as Excel and
// pandas.to_csv of a column of NaN leave them, are left out and told. Values in them are errors, see
// TestHeadingRefused.
func TestSpreadsheetLeavings(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		columns string // features
		ignored string
		blank   string // of the note on rows, "" = none
	}{
		"separators at the ends": {"id,label,f,g,,\r\na,x,1,2,,\r\nb,y,3,4,,\r\n,,,,,\r\n,,,,,\r\n", "f g", "#5 #6", "2"},
		"rows in between":        {"id;label;f;g\n;;;\na;x;1;2\n; ; ;\nb;y;3;4\n", "f g", "", "2"},
		"tabs":                   {"id\tlabel\tf\tg\na\tx\t1\t2\n\t\t\t\nb\ty\t3\t4\n", "f g", "", "1"},
		"a column of NaN":        {"id,label,f,g,h\na,x,1,2,\nb,y,3,4,NaN\n", "f g", "h", ""},
		"quoted":                 {"id,label,f,g,h,\"\"\na,x,1,2,\"\",\nb,y,3,4,,\"\"\n", "f g", "#6 h", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, e, err := openBytes(t, []byte(c.text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(f.Columns, strings.Fields(c.columns)) || !slices.Equal(f.X, []float32{1, 2, 3, 4}) ||
				!slices.Equal(f.IDs, []string{"a", "b"}) || !slices.Equal(f.Labels, []string{"x", "y"}) {
				t.Errorf("%v %v %q", f, f.X, f.Columns)
			}
			ignored := slices.Clone(e.Ignored)
			slices.Sort(ignored)
			if !slices.Equal(ignored, strings.Fields(c.ignored)) {
				t.Errorf("left out: %q", e.Ignored)
			}
			for _, column := range ignored {
				if !strings.Contains(e.String(), `"`+column+`"`) {
					t.Errorf("%q is not told: %v", column, e)
				}
			}
			if told := strings.Contains(e.String(), "blank lines are: "+c.blank); told != (c.blank != "") {
				t.Errorf("rows: %v", e)
			}
		})
	}
	// Where missing values are allowed, a column of them is one, as it was; a nameless one is none.
	f, e, err := openBytes(t, []byte("id,f,h,\na,1,,\nb,2,,\n"), Options{AllowMissing: true})
	if err != nil || !slices.Equal(f.Columns, []string{"f", "h"}) || e.Missing != 2 {
		t.Errorf("%v %v %v", f, e, err)
	}
	// A label without a value stays the label.
	f, e, err = openBytes(t, []byte("id,label,f\na,,1\nb,,2\n"), Options{})
	if err != nil || f.Labels != nil || e.Label != "label" {
		t.Errorf("%v %v %v", f, e, err)
	}
}

// TestRowsOfR: R and pandas number rows from 1 and from 0; such numbers are no ids to join by.
func TestRowsOfR(t *testing.T) {
	for text, numbered := range map[string]bool{
		"\"\",\"label\",\"f\"\n\"1\",\"x\",0.5\n\"2\",\"y\",1.5\n\"3\",\"y\",1.5\n": true,
		"\"label\" \"f\"\n\"1\" \"x\" 0.5\n\"2\" \"y\" 1.5\n\"3\" \"y\" 1.5\n":      true,
		",label,f\n0,x,0.5\n1,y,1.5\n2,y,1.5\n":                                     true,
		"\"\",\"label\",\"f\"\n\"1\",\"x\",0.5\n\"3\",\"y\",1.5\n\"2\",\"y\",1.5\n": false,
		",label,f\n0.0,x,0.5\n1.0,y,1.5\n2.0,y,1.5\n":                               true,
		"id,label,f\n1,x,0.5\n2,y,1.5\n3,y,1.5\n":                                   false,
	} {
		f, _, err := openBytes(t, []byte(text), Options{})
		if err != nil || f.Numbered != numbered || f.N() != 3 || !strings.ContainsAny(f.IDs[0], "01") {
			t.Errorf("%q: %v %v", text, f, err)
		}
	}
}

// TestForeignMissing: the words for missing of databases and spreadsheets are no classes.
func TestForeignMissing(t *testing.T) {
	for _, word := range []string{`\N`, "NaT", "[NULL]", "<undefined>", "#NULL!", "#REF!", "#DIV/0!", "(null)", "?", "."} {
		f, e, err := openBytes(t, []byte("id,label,f\na,x,1.5\nb,"+word+",2\nc,y,2.25\nd,,3\n"), Options{})
		if err != nil || !slices.Equal(f.Labels, []string{"x", "", "y", ""}) || e.UnknownLabels != 1 ||
			!strings.Contains(e.String(), "2 of 4 are unknown") {
			t.Errorf("%q: %v %v %v", word, f, e, err)
		}
	}
}
