package csv

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

// foreignBytes are the beginnings of other formats that no text begins with, and what to do about each.
var foreignBytes = []struct{ magic, problem, fix string }{
	{"\xff\xfe\x00\x00", "the text is UTF-32", "save it as UTF-8, for instance: iconv -f UTF-32 -t UTF-8"},
	{"\x00\x00\xfe\xff", "the text is UTF-32", "save it as UTF-8, for instance: iconv -f UTF-32 -t UTF-8"},
	{"PAR1", "this is a Parquet file, not text", "write the table as CSV"},
	{"PARE", "this is an encrypted Parquet file", "write it again without encryption"},
	{"ARROW1", "this is an Arrow file, not text", "write the table as CSV"},
	{"\x93NUMPY", "this is a NumPy file, not text", "write the table as CSV"},
	{"ORC", "this is an ORC file, not text", "write the table as Parquet"},
	{"Obj\x01", "this is an Avro file, not text", "write the table as Parquet"},
	{"\x28\xb5\x2f\xfd", "this is compressed with zstd twice", "unpack it once"},
	{"\x1f\x8b", "this is compressed with gzip twice", "unpack it once"},
	{"BZh", "this is compressed with bzip2", "unpack it, or compress with gzip"},
	{"\xfd7zXZ", "this is compressed with xz", "unpack it, or compress with gzip"},
	{"\x04\x22\x4d\x18", "this is compressed with lz4", "unpack it, or compress with gzip"},
	{"7z\xbc\xaf\x27\x1c", "this is a 7z archive, not a table", "unpack it, and give a file in it"},
	{"Rar!\x1a\x07", "this is a RAR archive, not a table", "unpack it, and give a file in it"},
	{"\x89HDF\r\n\x1a\n", "this is an HDF5 file (also .h5, .hdf, and .mat of MATLAB 7.3)", "save the arrays with " +
		"numpy.savez, or the table as Parquet with pandas.read_hdf(FILE).to_parquet(...)"},
	{"CDF\x01", "this is a NetCDF file", "save the table as Parquet"},
	{"CDF\x02", "this is a NetCDF file", "save the table as Parquet"},
	{"MATLAB 5.0 MAT-file", "this is a MATLAB file", "save the arrays with numpy.savez(..., " +
		"**scipy.io.loadmat(FILE)), or the table with writetable in MATLAB"},
	{"MATLAB 7.3 MAT-file", "this is a MATLAB file", "save the table with writetable in MATLAB"},
	{"%PDF-", "this is a PDF document", "export the table as CSV from the program that made it"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old spreadsheet or document (.xls, .doc)",
		"open it and save the sheet as CSV UTF-8"},
	{"SQLite format 3\x00", "this is an SQLite database", "export the table, for instance: sqlite3 -header -csv " +
		"FILE \"SELECT * FROM t\""},
	{"RDX2\n", "this is a file of R objects (.rda)", "write the table with arrow::write_parquet or write.csv in R"},
	{"RDX3\n", "this is a file of R objects (.rda)", "write the table with arrow::write_parquet or write.csv in R"},
	{"X\n\x00\x00\x00", "this is a file of an R object (.rds)", "write the table with arrow::write_parquet or " +
		"write.csv in R"},
	{"$FL2", "this is an SPSS file", "save the table as Parquet or CSV"},
	{"$FL3", "this is an SPSS file", "save the table as Parquet or CSV"},
	{"HEADER RECORD*******", "this is a SAS transport file (.xpt)", "save the table as Parquet or CSV, for instance with " +
		"pandas.read_sas"},
	{"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60", "this is a SAS file (.sas7bdat)",
		"save the table as Parquet or CSV, for instance with pandas.read_sas"},
	{"SIMPLE  = ", "this is a FITS file", "save the table as Parquet or CSV, for instance with astropy.table.Table.read"},
	{"%%MatrixMarket", "this is a Matrix Market file", "save the matrix with numpy.save(..., scipy.io.mmread(FILE))"},
	{"<stata_dta>", "this is a Stata file", "save the table with export delimited"},
	{"\x89PNG\r\n\x1a\n", "this is a picture (PNG), not a table", "compute features of a folder of pictures first"},
	{"\xff\xd8\xff", "this is a picture (JPEG), not a table", "compute features of a folder of pictures first"},
	{"GIF8", "this is a picture (GIF), not a table", "compute features of a folder of pictures first"},
	{"version https://git-lfs", "this is a pointer of Git LFS, not the file itself", "get the file: git lfs pull"},
}

// foreign recognises other formats by the beginning of a file. It returns "", "" for
// what may be text. Without it, a spreadsheet would be reported as text with strange cells.
func foreign(head []byte) (problem, fix string) {
	for _, f := range foreignBytes {
		// A word that a header may begin with, such as ORCID, is no magic word without bytes that no text has.
		if bytes.HasPrefix(head, []byte(f.magic)) && (len(f.magic) > 4 || f.magic[0] > '~' || isBinary(head)) {
			return f.problem, f.fix
		}
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return foreignZip(head)
	}
	// A pickle of protocol 2 and up: PROTO, its number, and FRAME or a first opcode.
	if len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 {
		return "this is a pickle of Python objects, which could run code and is never read",
			"save the table with to_parquet, or the arrays with numpy.savez"
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "this is a tar archive, not a table", "unpack it, and give a file in it"
	}
	// Stata 8 to 12: the release, byte order, type 1, 0, and the numbers of variables and items.
	if len(head) > 8 && head[0] >= 105 && head[0] <= 115 && (head[1] == 1 || head[1] == 2) && head[2] == 1 && head[3] == 0 {
		return "this is a Stata file", "save the table with export delimited, or with pandas.read_stata"
	}
	// safetensors: the length of a header of JSON, and the header.
	if len(head) > 9 && head[7] == 0 && head[8] == '{' && head[9] == '"' {
		return "this is a safetensors file, not a table", "write the table as Parquet or CSV"
	}
	return foreignText(head)
}

// isBinary reports whether there are control characters that text has no use for.
func isBinary(head []byte) bool {
	return bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
}

// foreignZip tells what a zip archive is by the name of its first member, which lies in its first bytes.
func foreignZip(head []byte) (problem, fix string) {
	switch {
	case bytes.Contains(head, []byte("[Content_Types].xml")), bytes.Contains(head, []byte("xl/")),
		bytes.Contains(head, []byte("opendocument.spreadsheet")):
		return "this is a spreadsheet (.xlsx, .ods), not text", "open it and save the sheet as CSV UTF-8"
	case bytes.Contains(head, []byte("data.pkl")):
		return "this is a file of PyTorch, which could run code and is never read", "save the arrays with numpy.savez"
	}
	return "this is a zip archive (or a spreadsheet), not text", "unpack it, or save the sheet as CSV"
}

// foreignText recognises text that is no table.
func foreignText(head []byte) (problem, fix string) {
	text := pastComments(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	lower := strings.ToLower(string(text[:min(len(text), 64)]))
	switch {
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"),
		strings.HasPrefix(lower, "<head"), strings.HasPrefix(lower, "<table"):
		return "this is an HTML page, perhaps that of an error or a login instead of the file",
			"download the file again, by its direct address"
	case strings.HasPrefix(lower, "<?xml"):
		return "this is XML, not a table", "save the table as CSV"
	case strings.HasPrefix(lower, "<<<<<<< "):
		return "this file has conflicts of git in it", "resolve them, or take one side: git checkout --theirs FILE"
	case strings.HasPrefix(lower, "@relation"):
		return "this is an ARFF file of Weka", "save the table as CSV, for instance with pandas and scipy.io.arff"
	case libSVM.Match(text):
		return "this is text of LIBSVM or SVMlight (class index:value ...)", "save the table as CSV, for instance with " +
			"sklearn.datasets.load_svmlight_file"
	case vowpal.Match(text):
		return "this is text of Vowpal Wabbit (class |namespace name:value ...)", "save the table as CSV"
	case word2vec.Match(text):
		return "this is text of word2vec: its first line holds the numbers of rows and columns", "remove the first line"
	case ruled.Match(text):
		return "this is a table drawn with lines, as Markdown and the clients of databases print it", "write CSV instead: " +
			"df.to_csv, psql --csv, sqlite3 -csv, mysql --batch"
	case isJSON(text):
		return "this is JSON, not a table", "write it as CSV or Parquet, for instance with " +
			"pandas.read_json(FILE).to_csv(..., index=False)"
	}
	return "", ""
}

// pastComments returns text without blanks and lines of comments above it.
func pastComments(text []byte) []byte {
	for text = bytes.TrimSpace(text); len(text) > 0 && isComment(text); text = bytes.TrimSpace(text) {
		_, text, _ = bytes.Cut(text, []byte{'\n'})
	}
	return text
}

// The first lines of texts that are no tables, though they may look like one: they begin with "+1 1:0.5 7:2", with
// "1 |f a:0.5 b:2", or with "60 6" above lines of 7 cells; and a second line of dashes, or a first one.
var (
	libSVM   = regexp.MustCompile(`^[+-]?[\d.,]+( qid:\d+)?( \d+:[-+.\deE]+)+ *(#[^\n]*)?\r?(\n|$)`)
	vowpal   = regexp.MustCompile(`^[+-]?[\d.]+( [\d.]+)?( '?\w+)? ?\|\w*( [^\s:|]+(:[-+.\deE]+)?)*( \|.*)?\r?(\n|$)`)
	word2vec = regexp.MustCompile(`^\d+ \d+\r?\n\S+( [-+]?\d*\.\d[^\s]*){3,}`)
	ruled    = regexp.MustCompile(`^([^\n]*\|[^\n]*\n)?[ |:+]*-{2,}[-|:+ ]*\r?(\n|$)`)
)

// isJSON reports whether text is, or begins, a JSON object or array of more than one token. A header such as [0],[1]
// is none.
func isJSON(text []byte) bool {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	for tokens := 0; ; tokens++ {
		_, err := d.Token()
		var syntax *json.SyntaxError
		switch {
		case err == nil:
		// The text may be cut anywhere.
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return tokens > 1
		case errors.As(err, &syntax):
			return syntax.Offset >= int64(len(text)) && tokens > 1
		default:
			return false
		}
	}
}
