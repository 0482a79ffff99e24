package setup

import (
	"errors"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// tool is a program of the kernel, pinned in tools.mod: its name, the package of its main, and the module with its
// version, which is "" for one of the lab's own.
type tool struct{ name, pkg, module string }

// toolset is what is built together into a directory of its own, and has one marker.
type toolset struct {
	name string
	// needed = notebooks do not run without it.
	needed bool
	// prefix begins the name of the directory, which ends in the digest of what the tools are made from: tools of other
	// checkouts, pins and versions of Go lie beside each other, and none takes another's away.
	prefix string
	tools  []tool
}

var (
	// kernelTools are what a kernel runs: the lab's own, GoNB behind it, goimports, with which GoNB adds imports to
	// cells, the guard of cells' programs, and what starts the session's worker.
	kernelTools = toolset{"tools", true, "bin-", []tool{
		{"gonb", "github.com/janpfeifer/gonb", "github.com/janpfeifer/gonb"},
		{"goimports", "golang.org/x/tools/cmd/goimports", "golang.org/x/tools"},
		{"siamese-kernel", place.ModulePath + "/kernels/siamese-kernel", ""},
		{"guard", place.ModulePath + "/kernels/internal/guard", ""},
		{"siamese-session-launch", place.ModulePath + "/siamese/cmd/siamese-session-launch", ""},
	}}
	// completionTools complete code in JupyterLab. A run without a browser does without them: they take as long to
	// compile as the others.
	completionTools = toolset{"completion", false, "gopls-", []tool{
		{"gopls", "golang.org/x/tools/gopls", "golang.org/x/tools/gopls"},
	}}
)

// OwnSources are the checkout's folders that the lab's own tools are made from: they are built anew when one changes.
var OwnSources = []string{"data/openfile", "data/provenance", "data/quote", "kernels/cell",
	"kernels/internal/assist", "kernels/internal/cells", "kernels/internal/front", "kernels/internal/guard",
	"kernels/internal/link", "kernels/internal/notebook", "kernels/internal/place", "kernels/internal/problem",
	"kernels/internal/proof", "kernels/internal/quick", "kernels/internal/receipt", "kernels/internal/widgets",
	"kernels/internal/wire", "kernels/plugin", "kernels/siamese-kernel", "siamese/cmd/siamese-session-launch",
	"siamese/session/internal/code", "siamese/session/internal/wire", "siamese/session/launch", "siamese/version"}

// toolsets returns what the options want, in the order of building.
func (in *Installer) toolsets() []toolset {
	if in.Options.Gopls {
		return []toolset{kernelTools, completionTools}
	}
	return []toolset{kernelTools}
}

// dir returns the directory that the set is installed to, for the checkout as it is now and a version of Go.
func (s toolset) dir(lab place.Lab, goVersion string) (string, error) {
	sum, _, err := s.digest(lab, goVersion)
	return s.folder(lab, sum), err
}

// folder is dir for a digest.
func (s toolset) folder(lab place.Lab, sum string) string {
	return filepath.Join(lab.Dir, s.prefix+sum[:min(len(sum), 12)])
}

// toolsMarker is the file in a directory of tools that says that they are complete, and what each has to be.
const toolsMarker = ".tools.json"

// check returns nil if every tool of the set is there as it was built, from the checkout's pins and by this Go version;
// else an error for each that is not, by its name. It starts none of them.
func (s toolset) check(lab place.Lab, goVersion string) map[string]error {
	bad := map[string]error{}
	sum, _, err := s.digest(lab, goVersion)
	dir := s.folder(lab, sum)
	made := readMarker(filepath.Join(dir, toolsMarker))
	for _, t := range s.tools {
		is, known := made.Files[t.name]
		switch path := filepath.Join(dir, t.name); {
		case err != nil:
			bad[t.name] = err
		case made.Digest != sum && !executable(path):
			bad[t.name] = fmt.Errorf("%s is not installed for this checkout and Go", t.name)
		case made.Digest != sum || !known:
			bad[t.name] = errors.New("it was left half made")
		default:
			if err := is.Check(path); err != nil {
				bad[t.name] = err
			} else if !executable(path) {
				bad[t.name] = fmt.Errorf("%s may not be executed", path)
			}
		}
	}
	return bad
}

// version returns the tool's version as pinned in mod, the text of tools.mod, or "unknown"; "" for one of the lab's
// own.
func (t tool) version(mod string) string {
	if t.module == "" {
		return ""
	}
	// A line of a require block, or a require of one line.
	for line := range strings.Lines(mod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == t.module {
			return fields[1]
		}
	}
	return "unknown"
}

// digest returns the digest of everything the tools of the set are made from (tools.mod, tools.sum, the version of Go,
// and the sources of the lab's own if there are any among them), and the text of tools.mod.
func (s toolset) digest(lab place.Lab, goVersion string) (sum, mod string, err error) {
	modText, err := os.ReadFile(lab.ToolsMod())
	if err != nil {
		return "", "", fmt.Errorf("pins of the kernel's tools: %w", err)
	}
	sumText, err := os.ReadFile(strings.TrimSuffix(lab.ToolsMod(), ".mod") + ".sum")
	if err != nil {
		return "", "", fmt.Errorf("checksums of the kernel's tools: %w", err)
	}
	parts := []string{string(modText), string(sumText), goVersion}
	sources := OwnSources
	if !slices.ContainsFunc(s.tools, func(t tool) bool { return t.module == "" }) {
		sources = nil
	}
	for _, dir := range sources {
		// Not Glob: the checkout's path may have what means something in a pattern.
		files, err := os.ReadDir(filepath.Join(lab.Repo, dir))
		if err != nil && !os.IsNotExist(err) { // the go command will say what is missing
			return "", "", fmt.Errorf("sources of the kernel's tools: %w", err)
		}
		for _, file := range files {
			if filepath.Ext(file.Name()) != ".go" || strings.HasSuffix(file.Name(), "_test.go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(lab.Repo, dir, file.Name()))
			if err != nil {
				return "", "", fmt.Errorf("sources of the kernel's tools: %w", err)
			}
			parts = append(parts, string(text))
		}
	}
	return digest(parts...), string(modText), nil
}

// goLanguage returns the version of Go's language that the checkout's go.mod asks for, such as "go1.26", or "".
func goLanguage(lab place.Lab) string {
	text, err := os.ReadFile(filepath.Join(lab.Repo, "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return version.Lang("go" + strings.TrimSpace(v))
		}
	}
	return ""
}
