package device

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/plugin"
)

// pluginSymbol is the function that every plugin of XLA has.
const pluginSymbol = "GetPjrtApi"

// machines are the processors of ELF files by the names that Go has for them.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkPlugin returns why the file at an absolute path cannot be a plugin, in words for whoever named it; nil where
// that is for loading it to find out. The loader's own messages speak of its parts, and it logs them besides.
func checkPlugin(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name the file in it that ends in %s", quote.Text(path), libraryEnding())
	case runtime.GOOS != "linux":
		return nil
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file", quote.Text(path))
	}
	file, err := elf.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%s is not a shared library, or was cut off", quote.Text(path))
	}
	defer file.Close()
	if want, known := machines[runtime.GOARCH]; known && file.Machine != want {
		return fmt.Errorf("%s is for another kind of processor (%s, and this is %s)", quote.Text(path),
			strings.TrimPrefix(file.Machine.String(), "EM_"), runtime.GOARCH)
	}
	symbols, err := file.DynamicSymbols()
	if err == nil && !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == pluginSymbol }) {
		return fmt.Errorf("%s is a library, but no plugin of XLA", quote.Text(path))
	}
	return nil
}

// libraryEnding is what the names of shared libraries end in here.
func libraryEnding() string {
	if runtime.GOOS == "darwin" {
		return ".dylib"
	}
	return ".so"
}

// xlaOptionNames are the options that go-xla takes behind the plugin in a backend's name.
var xlaOptionNames = []string{"allocator", "memory_fraction", "preallocate", "shared_buffers", "tf32",
	"use_tfrt_gpu_client", "visible_devices"}

// checkOptions returns an error for options that go-xla does not know.
func checkOptions(options string) error {
	for option := range strings.SplitSeq(options, ",") {
		if name, _, _ := strings.Cut(option, "="); name != "" && !slices.Contains(xlaOptionNames, name) {
			return fmt.Errorf("option %s is not known: there are devices, %s", quote.Quoted(name),
				strings.Join(xlaOptionNames, ", "))
		}
	}
	return nil
}

// loadError is why a plugin was not loaded, in words for whoever named it.
type loadError struct {
	path string
	err  error // go-xla's
}

// dynamic finds what the system's loader said in an error of go-xla.
var dynamic = regexp.MustCompile(`dynamically load PJRT plugin from ("(?:[^"\\]|\\.)*")`)

// Error returns what is wrong with the plugin.
func (e *loadError) Error() string {
	text := e.err.Error()
	if found := dynamic.FindStringSubmatch(text); found != nil {
		if said, err := strconv.Unquote(found[1]); err == nil {
			return strings.TrimPrefix(said, e.path+": ")
		}
	}
	if !filepath.IsAbs(e.path) {
		return fmt.Sprintf("no plugin is called so in the folders of %s: name its file with the whole path",
			plugin.PathsEnv)
	}
	return strings.ReplaceAll(text, "PJRT", "plugin")
}

// Unwrap returns the error of go-xla.
func (e *loadError) Unwrap() error { return e.err }
