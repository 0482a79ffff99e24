package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// put writes a file with its directories.
func put(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestJobs: what keeps a result from being written is found before anything is executed.
func TestJobs(t *testing.T) {
	dir := t.TempDir()
	n := put(t, filepath.Join(dir, "n.ipynb"), source)
	same := put(t, filepath.Join(dir, "other", "n.ipynb"), source)
	file := put(t, filepath.Join(dir, "file"), "x")
	taken := filepath.Join(dir, "taken")
	put(t, filepath.Join(taken, "n.executed.ipynb", "x"), "x")
	page := filepath.Join(dir, "page")
	put(t, filepath.Join(page, "n.executed.html", "x"), "x")
	tests := []struct {
		name  string
		paths []string
		o     Options
		path  string // that of the OutputError; empty: no error
		err   error
	}{
		{"fine", []string{n, same}, Options{HTML: true}, "", nil},
		{"made", []string{n}, Options{Out: filepath.Join(dir, "a", "b")}, "", nil},
		{"a file", []string{n}, Options{Out: file}, filepath.Join(file, "n.executed.ipynb"), errIsFile},
		{"below a file", []string{n}, Options{Out: filepath.Join(file, "b")},
			filepath.Join(file, "b", "n.executed.ipynb"), nil},
		{"a directory of the name", []string{n}, Options{Out: taken},
			filepath.Join(taken, "n.executed.ipynb"), errIsDir},
		{"a directory of the page's name", []string{n}, Options{Out: page, HTML: true},
			filepath.Join(page, "n.executed.html"), errIsDir},
		{"twice", []string{n, n}, Options{}, filepath.Join(dir, "n.executed.ipynb"), ErrTwice},
		{"two of one name", []string{n, same}, Options{Out: taken + "-not"},
			filepath.Join(taken+"-not", "n.executed.ipynb"), ErrTwice},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Jobs(test.paths, nil, test.o)
			var out *OutputError
			if test.path == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.As(err, &out) || out.Path != test.path || out.Kept != "" ||
				test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v about %s", err, test.err, test.path)
			}
		})
	}
	// So is a folder that several runs are to have.
	runs := put(t, filepath.Join(dir, "r.ipynb"), withRuns)
	var shared *OutputError
	_, err := Jobs([]string{runs}, []notebook.Asked{{Set: notebook.Set{Name: "N", Value: "1,2"}},
		{Set: notebook.Set{Name: "Runs", Value: "x"}}}, Options{})
	if !errors.As(err, &shared) || !errors.Is(err, ErrShared) || shared.Path != filepath.Join(dir, "x") {
		t.Errorf("error %v, want one about the folder x", err)
	}
	for _, o := range []Options{{Inplace: true, Out: dir}, {Inplace: true, HTML: true}} {
		if _, err := Jobs([]string{n}, nil, o); !errors.Is(err, errInplace) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	// Parameters of every notebook are looked at.
	other := put(t, filepath.Join(dir, "p.ipynb"), strings.Replace(source, `first()`, `"`, 1))
	var fault *notebook.ParameterError
	_, err = Jobs([]string{n, other}, []notebook.Asked{{Set: notebook.Set{Name: "N", Value: "1"}}}, Options{})
	if !errors.As(err, &fault) {
		t.Errorf("error %v, want one of parameters", err)
	}
}

// TestKeep: an executed notebook is never lost, whatever became of the place for it.
func TestKeep(t *testing.T) {
	plain := copies + `echo '{"event":"done","index":0}'; echo '{"event":"executed","copy":"'$out'"}'; cat >/dev/null`
	tests := []struct {
		name    string
		script  string // before the notebook is executed
		inplace bool
		err     error
	}{
		{"a directory took the name", `mkdir -p n.executed.ipynb/x; `, false, nil},
		{"the results' directory is gone", `rm -r out; echo x > out; `, false, nil},
		{"edited meanwhile", `echo ' ' >> n.ipynb; `, true, ErrChanged},
		{"removed meanwhile", `rm n.ipynb; `, true, ErrChanged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path, o := standIn(t, "")
			dir := filepath.Dir(path)
			put(t, filepath.Join(dir, "python"), "#!/bin/sh\nread order\ncd '"+dir+"'; "+test.script+plain)
			o.Inplace = test.inplace
			if strings.Contains(test.script, "out") {
				o.Out = filepath.Join(dir, "out")
			}
			result, err := Notebook(t.Context(), path, o)
			var out *OutputError
			if !errors.As(err, &out) || out.Kept == "" || out.Kept != result.Notebook ||
				test.err != nil && !errors.Is(err, test.err) {
				t.Fatalf("%+v, %v; want that it is kept elsewhere", result, err)
			}
			if _, err := notebook.Read(result.Notebook); err != nil {
				t.Error(err)
			}
			// A second one does not replace the first.
			again := &plan{path: path, target: filepath.Join(dir, "python", "no")}
			if second, err := again.keep([]byte("x")); second == result.Notebook || !errors.As(err, &out) {
				t.Errorf("kept in %s again: %v", second, err)
			}
		})
	}
}

// TestDriverKilled: a driver that is killed amid a notebook leaves what was executed.
func TestDriverKilled(t *testing.T) {
	path, o := standIn(t, copies+`echo '{"event":"done","index":0}'; kill -9 $$`)
	o.HTML = true
	result, err := Notebook(t.Context(), path, o)
	if !errors.Is(err, errGone) || result.HTML != "" || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, err := notebook.Read(result.Notebook); err != nil {
		t.Error(err)
	}
}

// TestInplaceLink: a notebook that is a link stays one.
func TestInplaceLink(t *testing.T) {
	path, o := standIn(t, copies+`echo '{"event":"done","index":0}'; echo '{"event":"executed"}'
read command; case "$command" in *'"trust"'*'/lab/trust"'*) ;; *) exit 9 ;; esac
echo '{"event":"trusted"}'; cat >/dev/null`)
	link := filepath.Join(t.TempDir(), "link.ipynb")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	o.Inplace = true
	result, err := Notebook(t.Context(), link, o)
	if err != nil || result.Notebook != path {
		t.Errorf("written to %s, %v; want %s", result.Notebook, err, path)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v: no link any more", info, err)
	}
}
