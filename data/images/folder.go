package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
)

// File is a file of a folder that is taken for an image.
type File struct {
	// ID is the path below the folder, with slashes.
	ID string
	// Label is the name of the folder on the level LabelDepth, "" = there are no labels.
	Label string
	// Domain is the name of the folder on the level DomainDepth, "" = there are no domains.
	Domain string
	// Size is that of the file in bytes, and Modified when it was last written. Of a link they are those of its target.
	Size     int64
	Modified time.Time
}

// Folder is a folder of images as it was when it was listed. Its methods may be called from several goroutines, but not
// after Close.
type Folder struct {
	Path    string        // as the caller wrote it
	Files   []File        // the images, by ID
	Ignored []FileProblem // other files and folders, and why, in the order of the walk
	// Splits are the names of the folders that were passed over, see [FolderOptions.SplitFolders].
	Splits []string
	// root opens files below the folder only, so that no link in it can lead to other files of the machine.
	root *os.Root
}

// Close closes the folder; its images cannot be read afterwards.
func (f *Folder) Close() error { return f.root.Close() }

// ListFile returns one image as a folder of its own, so that it can be read as those of folders are. Its id is its
// name. It is an error when there is no such file. Close the result when done.
func ListFile(path string) (*Folder, error) {
	whole, err := filepath.EvalSymlinks(path) // a link may lead anywhere: the caller named it
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(whole)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	root, err := os.OpenRoot(filepath.Dir(whole))
	if err != nil {
		return nil, err
	}
	provenance.Data(path)
	file := File{ID: filepath.Base(whole), Size: info.Size(), Modified: info.ModTime()}
	return &Folder{Path: filepath.Dir(path), Files: []File{file}, root: root}, nil
}

// List returns the images in a folder and below it, sorted by their ids, without reading them: all files whose
// names end in one of png, jpg, jpeg, jpe, jfif, tif, tiff, bmp, gif, webp, pbm, pgm, ppm, pnm and pfm, and those that
// begin as such a file does. Pictures of a format that is known and not read, such as HEIC, are among them: reading one
// is an error. Everything else is in Ignored, with the reason: other files, names that begin with a dot, folders of
// systems such as __MACOSX, devices and pipes, links that lead out of the folder, and links to folders. Close the
// result when done.
//
// It is an error when opt is not valid, the folder or one below cannot be read, there is no image, the name of an image
// is not UTF-8, or an image does not lie deep enough to have a label or domain. Cancelling ctx stops with its error.
func List(ctx context.Context, folder string, opt FolderOptions) (f *Folder, err error) {
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("images of %s: %w", quote.Text(folder), err)
	}
	// A look first: opening a pipe would wait for a writer.
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	if err != nil {
		return nil, fmt.Errorf("images of %s: %w", quote.Text(folder), err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("images of %s: %w", quote.Text(folder), err)
	}
	f = &Folder{Path: folder, root: root}
	defer func() {
		if err != nil {
			root.Close()
			f = nil
		}
	}()
	// The walk does not follow links to folders, so it ends.
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || name == "." {
			return err
		}
		return f.add(name, entry)
	})
	if err != nil {
		return nil, fmt.Errorf("images of %s: %w", quote.Text(folder), err)
	}
	// Most likely the wrong folder, so the error shows what is there instead.
	if len(f.Files) == 0 {
		return nil, fmt.Errorf("images of %s: there is none, and %d other files or folders were ignored%s",
			quote.Text(folder),
			len(f.Ignored), examples(f.Ignored))
	}
	// The walk sorts the names of a folder; whole paths order otherwise: "a.png" is before "a/b.png".
	slices.SortFunc(f.Files, func(a, b File) int { return strings.Compare(a.ID, b.ID) })
	provenance.Data(folder) // as one: it may hold many thousands
	return f, f.name(opt)
}

// systemFolders are folders that archives, file servers and systems make within those of their users: what is in them
// looks like pictures of the data set, and is none, or one once more.
var systemFolders = []string{"__MACOSX", "@eaDir", "#recycle", "@Recycle", "@Recently-Snapshot", "$RECYCLE.BIN",
	"System Volume Information", "lost+found", "__pycache__"}

// add puts an entry of the folder into Files or Ignored; a folder is neither, unless it is ignored, when all below it
// is left out. It returns the errors of the file system, and [fs.SkipDir].
func (f *Folder) add(name string, entry fs.DirEntry) error {
	ignore := func(why string) error {
		f.Ignored = append(f.Ignored, FileProblem{name, errors.New(why)})
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if strings.HasPrefix(entry.Name(), ".") {
		return ignore("its name begins with a dot")
	}
	if slices.Contains(systemFolders, entry.Name()) {
		return ignore("a system keeps its own files in folders of that name, such as copies and thumbnails")
	}
	if entry.IsDir() {
		return nil
	}
	info, err := entry.Info()
	if err == nil && entry.Type()&fs.ModeSymlink != 0 {
		// The root follows links, but none that leads out of it.
		if info, err = f.root.Stat(name); err != nil {
			return ignore("it is a link that leads nowhere or out of the folder")
		}
		if info.IsDir() {
			return ignore("it is a link to a folder, which could lead in circles")
		}
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return ignore("it is not a regular file")
	}
	if !isImageName(name) {
		if err := f.beginsAsImage(name); err != nil {
			return ignore(err.Error())
		}
	}
	f.Files = append(f.Files, File{ID: name, Size: info.Size(), Modified: info.ModTime()})
	return nil
}

// isImageName reports whether a name ends like that of an image, in upper or lower case. Such a file counts as an image
// whatever it holds: if it cannot be decoded that is a problem to report, not a file to ignore.
func isImageName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pbm", ".pgm", ".ppm",
		".pnm",
		".pfm":
		return true
	}
	return false
}

// beginsAsImage returns nil for a file that begins as an image does, whatever its name. The error says what else it is,
// or why it cannot be opened: a file whose name promises no image may be unreadable without harm. A picture of a format
// that is not read is an image too, so that it is not left out unseen: reading it is an error.
func (f *Folder) beginsAsImage(name string) error {
	file, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	head := make([]byte, otherBytes)
	n, _ := file.ReadAt(head, 0) // a short file is no image
	head = head[:n]
	// IDX of bytes in three dimensions: somebody's MNIST, which deserves better than "not an image".
	if n >= 4 && head[0] == 0 && head[1] == 0 && head[2] == 0x08 && head[3] == 3 {
		return errors.New("it is an IDX file, of many images: use ReadIDXImages")
	}
	if Format(name, head) != "" {
		return nil
	}
	switch other := otherOf(name, head); {
	case other == nil:
		return errors.New("it is not an image of a known format")
	case !other.picture:
		return other.err()
	}
	return nil
}

// firstDepth returns the first level of folders that has a meaning, 0 = none has.
func firstDepth(opt FolderOptions) int {
	if opt.LabelDepth == 0 || opt.DomainDepth == 0 {
		return max(opt.LabelDepth, opt.DomainDepth)
	}
	return min(opt.LabelDepth, opt.DomainDepth)
}

// name gives every file its label and domain. Names that are not UTF-8 could not be written to a table and read again.
func (f *Folder) name(opt FolderOptions) error {
	paths := make([][]string, len(f.Files)) // folders of every file
	for i, file := range f.Files {
		folders := strings.Split(file.ID, "/")
		paths[i] = folders[:len(folders)-1]
	}
	if depth := firstDepth(opt); opt.SplitFolders && depth > 0 {
		levels, names, err := passSplits(paths, depth)
		if err != nil {
			return fmt.Errorf("images of %s: %w", f.Path, err)
		}
		if names != nil {
			f.Splits = unique(names) // levels may be called alike
		}
		if opt.LabelDepth > 0 {
			opt.LabelDepth += levels
		}
		if opt.DomainDepth > 0 {
			opt.DomainDepth += levels
		}
	}
	// All files are looked at, so that one error names every kind of problem.
	var shallow, garbled []string
	for i := range f.Files {
		file, folders := &f.Files[i], paths[i]
		if !utf8.ValidString(file.ID) {
			garbled = append(garbled, file.ID)
		}
		if max(opt.LabelDepth, opt.DomainDepth) > len(folders) {
			shallow = append(shallow, file.ID)
			continue
		}
		if opt.LabelDepth > 0 {
			file.Label = folders[opt.LabelDepth-1]
		}
		if opt.DomainDepth > 0 {
			file.Domain = folders[opt.DomainDepth-1]
		}
	}
	var errs []error
	if len(garbled) > 0 {
		errs = append(errs, fmt.Errorf("images of %s: names are not UTF-8: %s; rename them", quote.Text(f.Path),
			listing.Quoted(garbled)))
	}
	if len(shallow) > 0 {
		name, depth := "LabelDepth", opt.LabelDepth
		if opt.DomainDepth > depth {
			name, depth = "DomainDepth", opt.DomainDepth
		}
		errs = append(errs, fmt.Errorf("images of %s: %d of %d lie in no folder of level %d, which would name their "+
			"label or domain: %s; move them, or: %w", quote.Text(f.Path), len(shallow), len(f.Files), depth,
			listing.Quoted(shallow), option.Errorf(name, "%d is too deep", depth)))
	}
	return errors.Join(errs...)
}
