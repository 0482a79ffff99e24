package siamese_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestSteps: the table of what continuous integration does has the steps that it does.
func TestSteps(t *testing.T) {
	t.Parallel()
	steps := func(path, pattern string) (names []string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
		return names
	}
	run := steps("../.ci/run", `(?m)^step "?([a-z ]+)"?$`)
	table := steps("../.ci/README.md", `(?m)^\| ([a-z ]+) \|`)
	if len(run) < 10 || run[len(run)-1] != "end" || table[0] != "step" ||
		!slices.Equal(run[:len(run)-1], table[1:]) {
		t.Errorf("the steps of .ci/run\n%q\nare not those of the table in .ci/README.md\n%q", run, table)
	}
}

// TestInstallable: go install builds the command at a version, from outside of the module. It refuses modules that
// replace or exclude others.
func TestInstallable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?m)^\s*(replace|exclude)\b.*`).FindString(string(text)); found != "" {
		t.Errorf("go.mod has %q, with which go install refuses to build the command at a version", found)
	}
}

// TestWorkflow: the public workflow calls .ci/run and can do nothing but read, and only that of a tag calls .ci/release
// and can write; what others wrote in them is pinned by a commit, with its version beside it.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("workflows %q, %v", files, err)
	}
	pinned := regexp.MustCompile(`(?m)^ *- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, may := ".ci/run", "read"
		if filepath.Base(file) == "release.yml" {
			script, may = `.ci/release "$GITHUB_REF_NAME" dist`, "write"
		}
		var workflow struct {
			On struct {
				Push struct{ Branches, Tags []string }
			}
			Permissions map[string]string
			Jobs        map[string]struct {
				Permissions map[string]string
				Steps       []struct{ Uses, Run string }
			}
		}
		if err := yaml.Unmarshal(text, &workflow); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(workflow.Permissions) != 1 || workflow.Permissions["contents"] != may {
			t.Errorf("%s: permissions %v", file, workflow.Permissions)
		}
		if on := workflow.On.Push; (may == "write") != (len(on.Tags) > 0 && on.Branches == nil) {
			t.Errorf("%s is for %v", file, on)
		}
		uses, runs := 0, false
		for name, job := range workflow.Jobs {
			if job.Permissions != nil {
				t.Errorf("%s: job %s has permissions of its own", file, name)
			}
			for _, step := range job.Steps {
				runs = runs || step.Run == script
				if step.Uses != "" {
					uses++
				}
			}
		}
		if !runs {
			t.Errorf("%s does not call %s", file, script)
		}
		if n := len(pinned.FindAll(text, -1)); n != uses {
			t.Errorf("%s uses %d actions, of which %d are pinned by a commit", file, uses, n)
		}
	}
}

// TestVulnerabilities: where the data of vulnerabilities is not there the step says so, and fails only if a copy of it
// was named.
func TestVulnerabilities(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("bash", "../.ci/vulnerabilities")
	cmd.Env = append(os.Environ(), "GOVULNDB=file:///nowhere")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not run, since file:///nowhere cannot be reached") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestRaceList: the packages that are tested for races are there.
func TestRaceList(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.ci/race.txt")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"list"}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		args = append(args, strings.Fields(line)...)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil || len(args) < 8 {
		t.Errorf("%q: %v\n%s", args, err, out)
	}
}
