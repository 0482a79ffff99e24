package setup

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proof"
)

// record is the file in which a Python package lists its files, with the size and SHA-256 of each.
const record = "RECORD"

// sitePackages returns the directory of an environment's packages.
func sitePackages(venv string) (string, error) {
	lib := filepath.Join(venv, "lib")
	entries, err := os.ReadDir(lib)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "python3") {
			return filepath.Join(lib, e.Name(), "site-packages"), nil
		}
	}
	return "", fmt.Errorf("%s holds no packages of Python 3", lib)
}

// packageRecords returns what the lists of all packages of an environment are now, by the name of their folder, such as
// "nbclient-0.10.2.dist-info".
func packageRecords(venv string) (map[string]proof.File, error) {
	site, err := sitePackages(venv)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(site)
	if err != nil {
		return nil, err
	}
	found := map[string]proof.File{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".dist-info") {
			continue
		}
		if found[e.Name()], err = proof.Of(filepath.Join(site, e.Name(), record)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// checkPackages compares the packages of an environment with what was installed, want, as packageRecords returned it.
// It returns an error for each damaged one, by the name of its folder: a file is missing or has another size or, where
// hashes is set, which takes a second or two, other bytes. Files that Python compiled are left out: it makes them anew.
func checkPackages(venv string, want map[string]proof.File, hashes bool) map[string]error {
	site, err := sitePackages(venv)
	bad := map[string]error{}
	for name, is := range want {
		if err != nil {
			bad[name] = err
			continue
		}
		if err := checkPackage(site, name, is, hashes); err != nil {
			bad[name] = err
		}
	}
	return bad
}

// checkPackage is checkPackages for one package. Of several damaged files the first is named.
func checkPackage(site, name string, want proof.File, hashes bool) error {
	list := filepath.Join(site, name, record)
	if err := want.Read(list); err != nil {
		return err
	}
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	// A line is a path relative to the folder of packages, sha256=DIGEST without "=" at its end, and a size in bytes.
	for lines := csv.NewReader(f); ; {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || len(line) != 3 {
			return fmt.Errorf("%s cannot be read: %v", list, err)
		}
		size, err := strconv.ParseInt(line[2], 10, 64)
		if err != nil { // the list itself, and compiled files
			continue
		}
		if err := checkListed(filepath.Join(site, line[0]), size, line[1], hashes); err != nil {
			return err
		}
	}
}

// checkListed looks at one file of a list.
func checkListed(path string, size int64, digest string, hashes bool) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: %w", path, proof.ErrDamaged)
	}
	if err != nil {
		return err
	}
	if info.Size() != size {
		return fmt.Errorf("%s has %d bytes, %d were installed: %w", path, info.Size(), size, proof.ErrDamaged)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(digest, "sha256="))
	if !hashes || err != nil || !strings.HasPrefix(digest, "sha256=") {
		return nil
	}
	return proof.File{Size: size, SHA256: hex.EncodeToString(raw)}.Read(path)
}
