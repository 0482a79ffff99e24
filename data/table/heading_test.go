package table

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// TestHeading: what stands above the rows of a text table. Each reads the same two or four items of the features
// .5,-.25 and 1,2, and nothing of it is lost.
func TestHeading(t *testing.T) {
	two := []float32{.5, -.25, 1, 2}
	four := []float32{.5, -.25, 1, 2, 3, 4.5, -5, 6}
	for _, test := range []struct {
		name, text  string
		opt         Options
		x           []float32
		columns     string
		ids, labels string
		note        string // a word or value of a note
	}{
		{"no header", ".5,-.25\n1,2\n", Options{}, two, "c1 c2", "1 2", "", "holds numbers"},
		{"no header, said so", ".5,-.25\n1,2\n", Options{NoHeader: true}, two, "c1 c2", "1 2", "", "c1 to c2"},
		{"class and numbers", "cat,.5,-.25\ndog,1,2\ncat,3,4.5\ndog,-5,6\n", Options{}, four, "c2 c3", "1 2 3 4",
			"cat dog cat dog", `label: column "c1"`},
		{"numbers and class", ".5,-.25,cat\n1,2,dog\n3,4.5,cat\n-5,6,dog\n", Options{}, four, "c1 c2", "1 2 3 4",
			"cat dog cat dog", `label: column "c3"`},
		{"id, class and numbers", "a,cat,.5,-.25\nb,dog,1,2\nc,cat,3,4.5\nd,dog,-5,6\n", Options{}, four, "c3 c4",
			"a b c d", "cat dog cat dog", `id: column "c1"`},
		{"class, id and numbers", "cat,a,.5,-.25\ndog,b,1,2\ncat,c,3,4.5\ndog,d,-5,6\n", Options{}, four, "c3 c4",
			"a b c d", "cat dog cat dog", `id: column "c2"`},
		{"class of numbers, by option", "0,.5,-.25\n1,1,2\n0,3,4.5\n1,-5,6\n",
			Options{Schema: data.Schema{Label: "c1"}},
			four, "c2 c3", "1 2 3 4", "0 1 0 1", "as given"},
		{"classes that are sometimes numbers", "x7,.5,-.25\n7,1,2\nx7,3,4.5\n7,-5,6\n", Options{}, four, "c2 c3",
			"1 2 3 4",
			"x7 7 x7 7", `label: column "c1"`},
		{"names of pandas", "0,1\n.5,-.25\n1,2\n", Options{}, two, "0 1", "1 2", "", "count columns"},
		{"index and names of pandas", ",0,1\n7,.5,-.25\n9,1,2\n", Options{}, two, "0 1", "7 9", "", "count columns"},
		{"label and names of pandas", "label,0,1\nx,.5,-.25\ny,1,2\n", Options{}, two, "0 1", "1 2", "x y", ""},
		{"wavelengths", "sample,400,410\nx,.5,-.25\ny,1,2\n", Options{Schema: data.Schema{ID: "sample"}}, two,
			"400 410", "x y", "", ""},
		{"years above numbers", "id,2019,score\na,.5,-.25\nb,1,2\n", Options{}, two, "2019 score", "a b", "", ""},
		{"a number among names", "7,score\n.5,-.25\n1,2\n", Options{}, two, "7 score", "1 2", "", "text where"},
		{"comments", "# made by hand\n# of \"two\n\nid,f,g\na,.5,-.25\nb,1,2\n", Options{}, two, "f g", "a b", "", "#"},
		{"header of numpy.savetxt", "# id,label,f,g\na,x,.5,-.25\nb,y,1,2\n", Options{}, two, "f g", "a b", "x y",
			"line 1"},
		{"two comments of numpy.savetxt", "# made, today\n# f,g\n5.0e-01,-2.5e-01\n1,2\n", Options{}, two, "f g", "1 2",
			"", "line 2"},
		{"blanks and a header with commas", "# f,g\n5.0e-01 -2.5e-01\n1 2\n", Options{}, two, "f g", "1 2", "",
			"line 1"},
		{"sep", "sep=;\nid;f;g\na;.5;-.25\nb;1;2\n", Options{}, two, "f g", "a b", "", "';'"},
		{"sep in quotes", "\"sep=|\"\r\nid|f|g\r\na|.5|-.25\r\nb|1|2\r\n", Options{}, two, "f g", "a b", "", "'|'"},
		{"bars", "id|f|g\na|.5|-.25\nb|1|2\n", Options{}, two, "f g", "a b", "", "'|'"},
		{"numpy.savetxt", "5.000e-01 -2.500e-01\n1.000e+00 2.000e+00\n", Options{}, two, "c1 c2", "1 2", "",
			"separated by blanks"},
		{"fixed width", "id        f      g\n a      0.5  -0.25\n b      1.0   2.0 \n", Options{}, two, "f g", "a b",
			"",
			"separated by blanks"},
		{"write.table of R", "\"id\" \"f\" \"g\"\n\"a 1\" 0.5 -.25\n\"b\" 1 2\n", Options{}, two, "f g", "a 1 b", "",
			"separated by blanks"},
		{"row names of R", "\"label\" \"f\" \"g\"\n\"a 1\" \"x\" 0.5 -.25\n\"b\" \"y\" 1 2\n", Options{}, two, "f g",
			"a 1 b", "x y", "names of the rows"},
		{"row numbers of R", "\"label\",\"f\",\"g\"\n\"1\",\"x\",0.5,-.25\n\"2\",\"y\",1,2\n", Options{}, two, "f g",
			"1 2", "x y", "names of the rows"},
		{"blanks, by option", "id f g\na .5 -.25\nb 1 2\n", Options{Comma: ' '}, two, "f g", "a b", "", "blanks"},
		{"UTF-16, little end first",
			"\xff\xfei\x00d\x00\t\x00f\x00\t\x00g\x00\n\x00\xe9\x00\t\x00.\x005\x00\t\x00-\x00." +
				"\x002\x005\x00\r\x00\n\x00b\x00\t\x001\x00\t\x002\x00\n\x00", Options{}, two, "f g", "é b", "", `'\t'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, e, err := ReadCSV(t.Context(), strings.NewReader(test.text), "t.csv", test.opt)
			if err != nil {
				t.Fatal(err)
			}
			join := func(s []string) string { return strings.Join(s, " ") }
			if !slices.Equal(f.X, test.x) || join(f.Columns) != test.columns || join(f.IDs) != test.ids ||
				join(f.Labels) != test.labels {
				t.Errorf("%v\ncolumns %q\nids %q\nlabels %q\n%v", f.X, f.Columns, f.IDs, f.Labels, e)
			}
			if !strings.Contains(e.String(), test.note) {
				t.Errorf("lacks %q:\n%v", test.note, e)
			}
		})
	}
}

// TestHeadingRefused: text whose cells cannot be told apart for certain.
func TestHeadingRefused(t *testing.T) {
	for _, test := range []struct {
		name, text string
		line       int
		column     string
		problem    string // and the options of its remedy behind "; "
	}{
		{"decimal commas without a header", "cat;0,5;-0,25\ndog;1,0;2,5\n", 1, "c2", "decimal comma"},
		{"decimal commas", "label;f;g\ncat;0,5;-0,25\n", 2, "f", "decimal comma"},
		{"names with blanks", "my id  value\na  0.5 1.5 2.5\nb 1 2 3\n", 1, "", "blanks"},
		{"a separator too many in all rows", "f,g\n1,2,\n2,3,\n", 2, "", "3 cells"},
		{"a cell too many in all rows", "id,f\n3,4,5\n1,3,6\n", 2, "", "3 cells"},
		{"rows of other lengths", "a b c\n1 2 3\n1 2\n", 3, "", "2 cells"},
		{"a comment among the rows", "id,f\na,1\n# b\n", 3, "", "1 cells"},
		{"half a character of UTF-16", "\xff\xfei\x00d\x00,\x00f\x00\n\x00a\x00\x00\xd8,\x001\x00\n\x00", 2, "id",
			"UTF-16"},
		{"a title above the header", "My results,,\n,,\nid,f,g\na,1,2\nb,3,4\n", 1, "", "title"},
		{"columns of several levels", "id,hog,hog\n,0,1\na,1.5,2\nb,3.5,4\n", 1, "", "two lines"},
		{"a column twice", "id,hog,hog\na,1.5,2\nb,3.5,4\n", 1, "", "more than once"},
		{"an index of several levels", ",,f\nx,1,2\ny,2,3\n", 1, "", "index"},
		{"an unknown separator", "label~f~g\na~1~2\nb~3~4\n", 1, "", "'~'; Comma"},
		{"two files joined", "id,label,f\na,x,1\nid,label,f\nb,y,2\n", 3, "f", "header"},
		{"a missing value of SAS", "id,f\na,.B\n", 2, "f", "missing; Missing AllowMissing"},
		{"a dash for nothing", "id,f\na,–\n", 2, "f", "missing; Missing AllowMissing"},
		{"a negative number in brackets", "id,f\na,(1.5)\n", 2, "f", "brackets"},
		{"a value in an empty column", "id,f,g\n" + strings.Repeat("a,1,\n", 1100) + "b,2,3\n", 1102, "g",
			"none; AllowMissing Ignore"},
		{"a value in a nameless column", "id,f,\n" + strings.Repeat("a,1,\n", 1100) + "b,2,3\n", 1102, "#3",
			"none; AllowMissing Ignore"},
		{"a nameless column", "id,f,,g\na,1,2,3\n", 1, "", "no name"},
		{"missing values only", "id,f\na,\nb,\n", 2, "f", "empty; AllowMissing"},
		{"a CR in a number", "id,f\na,1\r\r\n", 2, "f", "CR"},
		{"a CR in a label", "id,label,f\na,x\ry,1\n", 2, "label", "CR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := ReadCSV(t.Context(), strings.NewReader(test.text), "t.csv", Options{})
			problem, options, _ := strings.Cut(test.problem, "; ")
			at(int64(test.line), test.column, problem, strings.Fields(options)...).check(t, "t.csv", err)
		})
	}
	f, e, err := ReadCSV(t.Context(), strings.NewReader("id,f\na,1\nb,12"), "t.csv", Options{})
	if err != nil || f.X[1] != 12 || !strings.Contains(e.String(), "line end") {
		t.Errorf("a file that ends in a number: %v %v %v", f, e, err)
	}
}

// TestForeign: files of other formats are named, with what to do.
func TestForeign(t *testing.T) {
	for _, test := range []struct{ text, problem string }{
		{"\n<!DOCTYPE html>\n<html><body>404, not found</body></html>", "HTML"},
		{"<?xml version=\"1.0\"?><r/>", "XML"},
		{"[{\"id\": \"a\", \"f\": 1}, {\"id\": \"b\"", "JSON"},
		{"{\"id\": \"a\", \"f\": 1}\n{\"id\": \"b\", \"f\": 2}\n", "JSON"},
		{"[[1, 2], [3, 4]]", "JSON"},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n", "Git LFS"},
		{"\x89HDF\r\n\x1a\n\x00\x00", "HDF5"},
		{"%PDF-1.7\n%\xe2\xe3", "PDF"},
		{"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml", "spreadsheet"},
		{"PK\x03\x04\x14\x00\x06\x00\x08\x00a/data.pkl", "PyTorch"},
		{"PK\x03\x04\x14\x00\x06\x00\x08\x00table.csv", "zip"},
		{"\x80\x04\x95\x10\x00\x00", "pickle"},
		{"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", ".xls"},
		{"SQLite format 3\x00\x10", "SQLite"},
		{"ORC\x03\x00", "ORC"},
		{"\x89PNG\r\n\x1a\n\x00", "PNG"},
		{"+1 1:0.5 3:2\n-1 2:1 3:4\n", "LIBSVM"},
		{"@RELATION iris\n@ATTRIBUTE x NUMERIC\n", "ARFF"},
		{"<<<<<<< HEAD\nid,f\na,1\n=======\n", "git"},
		{"% of Fisher\n%\n\n@relation iris\n@attribute x numeric\n", "ARFF"},
		{"0 1:0.5\n1 1:0.25\n", "LIBSVM"},
		{"# sklearn.datasets.dump_svmlight_file\n2 qid:1 1:-0.5 2:1e-3 # x\n", "LIBSVM"},
		{"1 |f a:0.5 b:2\n-1 |f a:1\n", "Vowpal Wabbit"},
		{"1 2.0 'tag|f a:0.5 |g x y\n", "Vowpal Wabbit"},
		{"3 4\nthe 0.5 .25 1.5 -0.125\n", "word2vec"},
		{"| label | hog_0 |\n|:---|---:|\n| a | 1 |\n", "Markdown"},
		{" label | hog_0 \n-------+-------\n a | 1\n(1 row)\n", "Markdown"},
		{"+-------+-------+\n| label | hog_0 |\n+-------+-------+\n", "Markdown"},
		{"%%MatrixMarket matrix array real general\n2 2\n", "Matrix Market"},
		{"SIMPLE  =                    T", "FITS"},
		{"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "SAS"},
		{strings.Repeat("\x00", 12) + "\xc2\xea\x81\x60\xb3\x14", "SAS"},
		{"$FL3@(#) SPSS DATA FILE\x00", "SPSS"},
		{"\x72\x02\x01\x00\x07\x00\x3c\x00\x00\x00", "Stata"},
	} {
		_, _, err := ReadCSV(t.Context(), strings.NewReader(test.text), "t.csv", Options{})
		says(test.problem).check(t, "t.csv", err)
	}
	// Headers that begin like them.
	for _, text := range []string{"ORCID,f\n.5,1\n", "[0],[1]\n.5,1\n", "BZh,f\n1,2\n", "{x},f\n1,2\n", "a|b\n-1|2\n",
		"a b\n1 2\n", "3 4\n5 6\n", "a|b\n1.5|-2\n", "SIMPLE,f\n1,2\n", "%fat,f\n1.5,2\n", "1,:2\n3,4\n"} {
		if f, _, err := ReadCSV(t.Context(), strings.NewReader(text), "t.csv", Options{}); err != nil || f.F() != 2 {
			t.Errorf("%q: %v %v", text, f, err)
		}
	}
}

// TestMissingWords: labels and domains that are words for missing are unknown, and counted; features need AllowMissing.
func TestMissingWords(t *testing.T) {
	const text = "id,label,domain,f\na,cat,x,1\nb,NA,None,2\nc,dog,n/a,?\nd,#N/A,y,-1.#IND\ne,,z,<NA>\nNA,None of it,z,.\n"
	f, e, err := ReadCSV(t.Context(), strings.NewReader(text), "t.csv", Options{AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cat", "", "dog", "", "", "None of it"}, f.Labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"x", "", "", "y", "z", "z"}, f.Domains); diff != "" {
		t.Error(diff)
	}
	if e.UnknownLabels != 2 || e.UnknownDomains != 2 || e.Missing != 4 || f.IDs[5] != "NA" {
		t.Errorf("%+v", e)
	}
	// Other words: those of the default list are classes then, and a number can be one.
	const other = "id,label,f\na,NA,1\nb,none,-999\nc,cat,-999.0\n"
	f, e, err = ReadCSV(t.Context(), strings.NewReader(other), "t.csv", Options{AllowMissing: true,
		Missing: []string{"none", "-999"}})
	if err != nil || !slices.Equal(f.Labels, []string{"NA", "", "cat"}) || f.X[1] == f.X[1] || f.X[2] != -999 ||
		e.Missing != 1 {
		t.Errorf("%v %v %v", f, e, err)
	}
	_, _, err = ReadCSV(t.Context(), strings.NewReader("id,f\na,NA\n"), "t.csv", Options{AllowMissing: true,
		Missing: []string{}})
	at(2, "f", "Missing", "Missing").check(t, "t.csv", err)
	// The same in other formats, in scans, and in a cached copy.
	want := &data.Frame{X: []float32{1, 2, 3.5}, Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", End: 1}},
		IDs: []string{"a", "b", "c"}, Labels: []string{"cat", "NaN", "dog"}, Domains: []string{"null", "x", "x"}}
	for _, ending := range []string{".parquet", ".arrow", ".npz", ".tsv"} {
		path := t.TempDir() + "/f" + ending
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		f, e, err := Open(t.Context(), path, Options{})
		if err != nil || !slices.Equal(f.Labels, []string{"cat", "", "dog"}) ||
			!slices.Equal(f.Domains, []string{"", "x", "x"}) || e.UnknownLabels != 1 || e.UnknownDomains != 1 {
			t.Errorf("%s: %v %v %v", ending, f, e, err)
		}
		if ending == ".npz" {
			continue // cannot be scanned
		}
		for f, err := range Scan(t.Context(), path, Options{}) {
			if err != nil || !slices.Equal(f.Labels, []string{"cat", "", "dog"}) {
				t.Errorf("%s: %v %v", ending, f, err)
			}
		}
	}
}
