package assist_test

import (
	"testing"

	"github.com/go-siamese/lab/kernels/internal/assist"
)

func TestIsComplete(t *testing.T) {
	for _, test := range []struct{ code, status, indent string }{
		{"", "complete", ""},
		{"  \n", "complete", ""},
		{"%ls", "complete", ""},
		{"!ls \\", "incomplete", ""},
		{"!ls \\\n -l", "complete", ""},
		{"%%", "incomplete", ""},
		{"%main -n 3\n", "incomplete", ""},
		{"%exec work", "complete", ""},
		{"%%\nfmt.Println(1)", "complete", ""},
		{"%%\nfmt.Println(", "incomplete", "    "},
		{"%%\nfmt.Println(1,", "incomplete", "    "},
		{"%%\nfmt.Println(1,\n", "incomplete", "    "},
		{"%%\nfor i := range 3 {\n\tif i > 1 {", "incomplete", "        "},
		{"%%\nfor i := range 3 {\n\tfmt.Println(i)\n}", "complete", ""},
		{"%%\nx := `a {\n", "incomplete", ""},
		{"%%\nx := `a {\n`\n_ = x", "complete", ""},
		{"%%\nx := 1 /* why", "incomplete", ""},
		{"%%\nx := 1 +", "incomplete", "    "},
		{"%%\nx :=", "incomplete", "    "},
		{"%%\nframe.", "incomplete", "    "},
		{"%%\nframe.\n", "incomplete", "    "},
		{"%%\nx := \"{\"", "complete", ""},
		{"%%\nx := 1 // {", "complete", ""},
		{"func f() {", "incomplete", "    "},
		{"func f() {\n\treturn\n}", "complete", ""},
		{"func f() {\n\tx := := 1\n", "invalid", ""},
		{"import (\n\t\"fmt\"", "incomplete", "    "},
		{"type T struct {\n\tA int", "incomplete", "    "},
		{"var x =", "incomplete", "    "},
		{"func", "incomplete", "    "},
		{"var x = 1", "complete", ""},
		{"%%\n)", "invalid", ""},
		{"%%\nf(]", "invalid", ""},
		{"%%\nx := \"a", "invalid", ""},
		{"%%\nx := 'ab", "invalid", ""},
		{"x := 1", "complete", ""},
		{"%%\nif x", "invalid", ""},
		{"%%\nx y", "invalid", ""},
		{"%%bash", "incomplete", ""},
		{"%%bash\nls", "incomplete", ""},
		{"%%bash\nls\n", "complete", ""},
		{"%%writefile a.txt\n{\n", "complete", ""},
		{"%args \"it's\"\n%%\nx()", "complete", ""},
		{"!echo `{'\n%%\nx()", "complete", ""},
	} {
		if status, indent := assist.IsComplete(test.code); status != test.status || indent != test.indent {
			t.Errorf("%q: %s %q, want %s %q", test.code, status, indent, test.status, test.indent)
		}
	}
}

func FuzzIsComplete(f *testing.F) {
	for _, code := range []string{"%%\nx := `", "func f() {", "%exec", "!", "%%bash\n", "'\\",
		"\xff", "a\r\n`\r\n`", "//gonb:%%"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		status, indent := assist.IsComplete(code)
		if status != assist.Incomplete && indent != "" {
			t.Errorf("%s has the indentation %q", status, indent)
		}
	})
}
