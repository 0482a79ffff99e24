// Package jupyterlab sets up JupyterLab as the lab wants it: time for completion, no calls home, times of cells, a
// starter notebook in the launcher, the kernels' logo, and receipts in what it saves. Everything lies in the lab's directory; what the user chooses
// in JupyterLab's settings wins.
package jupyterlab

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/go-siamese/lab/kernels/internal/place"
)

//go:embed files
var files embed.FS

// extension is the name of the lab's extension of JupyterLab: its folder, and what its script calls itself.
const extension = "siamese-lab"

// Logo is the file of a kernelspec that JupyterLab shows as the kernel's logo.
const Logo = "logo-svg.svg"

// ConfigPath is what JUPYTER_CONFIG_PATH must contain for the settings to be found.
func ConfigPath(lab place.Lab) string { return filepath.Join(lab.Checkout(), "etc", "jupyter") }

// Install writes the settings, the launcher's extension and the logos of the kernels that are there, and reports whether
// anything had changed. kernel is the program of the checkout's kernels.
func Install(lab place.Lab, kernel string) (wrote bool, err error) {
	ext := filepath.Join(lab.JupyterPath(), "labextensions", extension)
	static := filepath.Join(ext, "static")
	// Each file, and where it goes.
	to := map[string]string{
		"default_setting_overrides.json":     filepath.Join(ConfigPath(lab), "labconfig", "default_setting_overrides.json"),
		"labextension/package.json":          filepath.Join(ext, "package.json"),
		"labextension/static/remoteEntry.js": filepath.Join(static, "remoteEntry.js"),
		"logo.svg":                           filepath.Join(static, "logo.svg"),
		"starter.ipynb":                      filepath.Join(static, "starter.json"), // a type that servers know
	}
	for from, path := range to {
		w, err := write(from, path)
		if err != nil {
			return wrote, err
		}
		wrote = wrote || w
	}
	w, err := writeConfig(lab, kernel)
	if err != nil {
		return wrote, err
	}
	wrote = wrote || w
	kernels, err := os.ReadDir(lab.Kernels())
	if errors.Is(err, fs.ErrNotExist) {
		return wrote, nil
	}
	if err != nil {
		return wrote, err
	}
	for _, k := range kernels {
		w, err := write("logo.svg", filepath.Join(lab.Kernels(), k.Name(), Logo))
		if err != nil {
			return wrote, err
		}
		wrote = wrote || w
	}
	return wrote, nil
}

// serverConfig is the name of the server's settings, which are a program in Python.
const serverConfig = "jupyter_server_config.py"

// writeConfig writes the server's settings: it has the kernel's program, by its own path, find the receipts of a notebook
// that is saved.
func writeConfig(lab place.Lab, kernel string) (wrote bool, err error) {
	source, err := files.ReadFile(path.Join("files", serverConfig))
	if err != nil {
		return false, err
	}
	// A list of texts in JSON is one in Python.
	command, err := json.Marshal([]string{kernel, "-history", lab.History()})
	if err != nil {
		return false, err
	}
	content := bytes.Replace(source, []byte("@COMMAND@"), command, 1)
	return place.WriteIfOther(filepath.Join(ConfigPath(lab), serverConfig), content, 0o644)
}

// write puts one of the embedded files in its place, unless it is there as it is.
func write(from, to string) (wrote bool, err error) {
	want, err := files.ReadFile(path.Join("files", from))
	if err != nil {
		return false, err
	}
	return place.WriteIfOther(to, want, 0o644)
}
