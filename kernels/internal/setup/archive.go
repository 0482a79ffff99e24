package setup

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// openWheel hands the one wanted entry of a wheel (a zip archive) to write. No other entry is looked into, and no name
// in the archive decides where anything is written. limit is the largest size of the entry in bytes. The archive's
// checksum has been compared before, so these are a second line of defence; with the user's own checksum they are the
// only one for what the archive holds.
func openWheel(archive string, limit int64, write func(io.Reader) error) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("the wheel is damaged: %w", err)
	}
	defer z.Close()
	// An archive may hold a name twice, and readers differ in which they take: such a one is refused.
	var entry *zip.File
	for _, f := range z.File {
		if f.Name != wheelEntry {
			continue
		}
		if entry != nil {
			return fmt.Errorf("the wheel holds %s twice", wheelEntry)
		}
		entry = f
	}
	switch {
	case entry == nil:
		return fmt.Errorf("the wheel does not hold %s", wheelEntry)
	case !entry.Mode().IsRegular():
		return fmt.Errorf("the wheel's %s is not a plain file", wheelEntry)
	// What the archive says of the size is checked early, and what it really has in unpack.
	case entry.UncompressedSize64 > uint64(limit):
		return fmt.Errorf("the wheel's %s has %d bytes, more than %d", wheelEntry, entry.UncompressedSize64, limit)
	}
	r, err := entry.Open()
	if err != nil {
		return fmt.Errorf("the wheel is damaged: %w", err)
	}
	defer r.Close()
	return unpack(r, limit, write)
}

// openTarGz hands the library of the official release's archive to write. See openWheel for what it guards against.
func openTarGz(archive string, limit int64, write func(io.Reader) error) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("the archive is damaged: %w", err)
	}
	defer gz.Close()
	// Entries before the library are read over, which the limit keeps from being endless.
	for t := tar.NewReader(io.LimitReader(gz, limit+slack)); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return errors.New("the archive does not hold a plugin")
		}
		if err != nil {
			return fmt.Errorf("the archive is damaged: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !officialEntry.MatchString(h.Name) {
			continue
		}
		if h.Size > limit {
			return fmt.Errorf("the archive's %s has %d bytes, more than %d", h.Name, h.Size, limit)
		}
		return unpack(t, limit, write)
	}
}

// unpack hands a stream of at most limit bytes to write, whatever size its archive declared: a small archive may unpack
// to one that fills the disk.
func unpack(r io.Reader, limit int64, write func(io.Reader) error) error {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	if err := write(limited); err != nil {
		return fmt.Errorf("unpacking the plugin: %w", err)
	}
	// One byte more than limit was there to be read.
	if limited.N <= 0 {
		return fmt.Errorf("the plugin has more than %d bytes", limit)
	}
	return nil
}

// slack is how much may stand around the library in an archive, in bytes; without a limit reading to the library could
// take for ever.
const slack = 64 << 20
