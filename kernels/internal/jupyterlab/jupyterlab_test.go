package jupyterlab_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/jupyterlab"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// TestInstall writes everything once, leaves it alone the second time, and puts back what was changed.
func TestInstall(t *testing.T) {
	lab := place.Lab{Dir: t.TempDir()}
	kernel := filepath.Join(lab.Kernels(), "siamese-go")
	if err := os.MkdirAll(kernel, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		if wrote, err := jupyterlab.Install(lab, "/bin/siamese-kernel"); err != nil || wrote != want {
			t.Fatalf("run %d: wrote %t, %v", i, wrote, err)
		}
	}
	logo := filepath.Join(kernel, jupyterlab.Logo)
	if err := os.WriteFile(logo, []byte("<svg"), 0o644); err != nil {
		t.Fatal(err)
	}
	if wrote, err := jupyterlab.Install(lab, "/bin/siamese-kernel"); err != nil || !wrote {
		t.Fatalf("after a change: wrote %t, %v", wrote, err)
	}
	svg, err := os.ReadFile(logo)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(svg, new(struct{ XMLName xml.Name })); err != nil {
		t.Errorf("the logo: %v", err)
	}

	// What JupyterLab reads is JSON, and names files that are there.
	extension := filepath.Join(lab.JupyterPath(), "labextensions", "siamese-lab")
	var manifest struct {
		Name       string
		JupyterLab struct {
			Build struct{ Load, Extension string } `json:"_build"`
		} `json:"jupyterlab"`
	}
	read(t, filepath.Join(extension, "package.json"), &manifest)
	if _, err := os.Stat(filepath.Join(extension, manifest.JupyterLab.Build.Load)); err != nil ||
		manifest.Name != filepath.Base(extension) {
		t.Errorf("%+v: %v", manifest, err)
	}
	settings := map[string]map[string]any{}
	read(t, filepath.Join(jupyterlab.ConfigPath(lab), "labconfig", "default_setting_overrides.json"), &settings)
	if got := settings["@jupyterlab/completer-extension:manager"]["providerTimeout"]; got != 10000.0 {
		t.Errorf("completion may take %v ms", got)
	}
	starter, err := notebook.Read(filepath.Join(extension, "static", "starter.json"))
	if err != nil {
		t.Fatal(err)
	}
	// Its parameters can be set as those of other notebooks.
	if _, err := starter.Inject([]notebook.Set{{Name: "Epochs", Value: "1"}}); err != nil {
		t.Error(err)
	}
}

// read reads a file of JSON.
func read(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
