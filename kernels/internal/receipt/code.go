package receipt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/siamese/version"
)

// Digest returns the SHA-256 of a text in hexadecimal.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// gitTime is how long git may take to say what a checkout is; without an answer the receipt names no commit.
const gitTime = 3 * time.Second

// Code returns what the lab's code in a checkout is: the digest of all that is compiled, and the commit where the
// checkout is a repository and git is installed. It fails if a file cannot be read.
func (f *Files) Code(ctx context.Context, repo string) (Lab, error) {
	lab := Lab{Version: version.Version}
	var err error
	for range 3 { // editors take a file away for a moment
		if lab.Code, err = f.sources(ctx, repo); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return Lab{}, fmt.Errorf("the lab's code: %w", err)
	}
	lab.Commit, lab.Changed = commit(ctx, repo)
	return lab, nil
}

// Code is [Files.Code] once.
func Code(repo string) (Lab, error) { return NewFiles("").Code(context.Background(), repo) }

// GoSum returns the digest of a checkout's go.sum.
func GoSum(repo string) (string, error) {
	content, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return "", err
	}
	return Digest(content), nil
}

// sources returns the digest of all that is compiled of a checkout.
func (f *Files) sources(ctx context.Context, repo string) (string, error) {
	sums, err := f.compiled(ctx, repo)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(sums)) {
		name, err := filepath.Rel(repo, path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %q\n", sums[path], filepath.ToSlash(name))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// compiled returns the digests of the checkout's go.mod, of its Go files but tests, of what is compiled beside them, and
// of the files that they embed, by their paths. Folders that the go command passes over are left out, and other modules.
func (f *Files) compiled(ctx context.Context, repo string) (map[string]string, error) {
	paths := map[string]bool{filepath.Join(repo, "go.mod"): true} // whether it may name files that it embeds
	err := filepath.WalkDir(repo, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != repo:
			_, other := os.Stat(filepath.Join(path, "go.mod"))
			if name := d.Name(); strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" ||
				other == nil {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && strings.HasSuffix(d.Name(), ".go") && !strings.HasSuffix(d.Name(), "_test.go"):
			paths[path] = true
		case d.Type().IsRegular() && slices.Contains(place.SourceEndings, filepath.Ext(d.Name())):
			paths[path] = false
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for todo := slices.Collect(maps.Keys(paths)); len(todo) > 0; todo = todo[1:] {
		path := todo[0]
		if sums[path] != "" {
			continue
		}
		file, err := f.Hash(ctx, path)
		if err != nil {
			return nil, err
		}
		sums[path] = file.SHA
		if paths[path] {
			files, err := f.embedded(path, file.SHA)
			if err != nil {
				return nil, err
			}
			todo = append(todo, files...)
		}
	}
	return sums, nil
}

// commit returns the commit of a repository, and whether its code has changes that were not committed; "" = it is not
// known. Notebooks that were executed since do not count.
func commit(ctx context.Context, repo string) (id string, changed bool) {
	if _, err := os.Stat(filepath.Join(repo, ".git")); err != nil { // what it lies in is another repository
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", "--no-optional-locks", "-C", repo, "status", "--porcelain=v2", "--branch",
		"--untracked-files=normal", "--", "*.go", "go.mod", "go.sum")
	for _, ending := range place.SourceEndings {
		cmd.Args = append(cmd.Args, "*"+ending)
	}
	// A hook of git's tells it about another index, or another repository.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	out, err := cmd.Output()
	if err != nil {
		return "", false
	}
	for line := range bytes.Lines(out) {
		text := strings.TrimSpace(string(line))
		if oid, ok := strings.CutPrefix(text, "# branch.oid "); ok {
			id = oid
		} else if text != "" && !strings.HasPrefix(text, "#") {
			changed = true
		}
	}
	if strings.HasPrefix(id, "(") { // "(initial)": there is no commit yet
		id = ""
	}
	return id, changed && id != ""
}
