package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

func TestDoctorOfNothing(t *testing.T) {
	in, _ := newInstaller(t)
	r := Doctor(t.Context(), in.Lab, Examination{})
	if r.Healthy() {
		t.Error("healthy where nothing is installed")
	}
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"MISSING  environment   no virtual environment", "MISSING  gonb ",
		"mend: go run ./kernels install --dir '", "backend: pure Go"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("lacks %q:\n%s", want, text.String())
		}
	}
	for _, item := range r.Items {
		if item.OK != (item.Mend == "") {
			t.Errorf("%s: ok %v, mend %q", item.Name, item.OK, item.Mend)
		}
	}
}

func TestDoctorWithoutPrograms(t *testing.T) {
	in, _ := newInstaller(t)
	t.Setenv("PATH", t.TempDir())
	r := Doctor(t.Context(), in.Lab, Examination{})
	states := map[string]Item{}
	for _, item := range r.Items {
		states[item.Name] = item
	}
	if item := states["go"]; item.OK || !strings.Contains(item.Mend, "Go 1.26") {
		t.Errorf("go: %+v", item)
	}
	if item := states["python3+venv"]; item.OK || !item.Needed ||
		!strings.Contains(item.Mend, "apt-get install python3 python3-venv") {
		t.Errorf("python: %+v", item)
	}
}

func TestReportJSON(t *testing.T) {
	r := Report{Items: []Item{{Name: "a", OK: true, State: "<fine>"}, {Name: "b", State: "lacking", Mend: "do"}},
		Backend: "pure Go"}
	if !r.Healthy() {
		t.Error("what is lacking is not needed, and yet it is unhealthy")
	}
	var buf bytes.Buffer
	if err := r.JSON(&buf); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Items   []Item
		Backend string
		Healthy bool
	}
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil || len(got.Items) != 2 || !got.Healthy ||
		got.Backend != "pure Go" {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := r.Text(failing{}); err == nil {
		t.Error("a failed write went unnoticed")
	}
}

// failing is a writer that fails.
type failing struct{}

// Write fails.
func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestCheckSpec(t *testing.T) {
	in, _ := newInstaller(t)
	_, err := checkSpec(in.Lab, in.Go, KernelGo, "")
	wantError(t, err, "not installed")
	if err := in.ensureKernels(plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "/another/path")
	if _, err := checkSpec(in.Lab, in.Go, KernelGo, ""); err != nil {
		t.Error(err)
	}
	other := in.Lab
	other.Repo = "/elsewhere" // it has kernels of its own
	_, err = checkSpec(other, in.Go, KernelGo, "")
	wantError(t, err, "not installed")
	env := in.Go
	env.GOCACHE = "/new/cache"
	_, err = checkSpec(in.Lab, env, KernelGo, "")
	wantError(t, err, "GOCACHE", "/new/cache")
	write(t, in.Lab.Kernels()+"/"+KernelGo+"/kernel.json", "{", 0o644)
	_, err = checkSpec(in.Lab, in.Go, KernelGo, "")
	wantError(t, err, "kernelspec siamese-go")
}
