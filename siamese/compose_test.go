package siamese_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestCompose: what compose.yaml publishes is reached from this machine alone, images of others are pinned by a version,
// and only the lab starts where no profile is asked for.
func TestCompose(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docker/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Image, User              string
			Build                    struct{ Dockerfile string }
			Ports, Profiles, Volumes []string
			Privileged               bool
		}
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`^[\w.-]+\.\w+/[\w/-]+:(v\d+\.\d+\.\d+|RELEASE\.[\dTZ-]+)$`)
	ports := 0
	for name, s := range compose.Services {
		for _, port := range s.Ports {
			ports++
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s, which other machines can reach", name, port)
			}
		}
		if s.Privileged || s.User == "root" {
			t.Errorf("%s has rights that it does not need", name)
		}
		if own := s.Build.Dockerfile != ""; own == (len(s.Profiles) > 0) || !own && !version.MatchString(s.Image) {
			t.Errorf("%s: image %q, profiles %q", name, s.Image, s.Profiles)
		}
	}
	if len(compose.Services) < 2 || ports < 2 || strings.Contains(string(text), "network_mode") {
		t.Errorf("%d services with %d ports", len(compose.Services), ports)
	}
}

// TestDockerfiles: images run as an ordinary user and begin from pinned versions; both are made in the same way, and say
// how they are.
func TestDockerfiles(t *testing.T) {
	t.Parallel()
	from := regexp.MustCompile(`(?m)^FROM (\S+)`)
	for _, file := range []string{"Dockerfile", "Dockerfile.cuda"} {
		content, err := os.ReadFile("../docker/" + file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		for _, found := range from.FindAllStringSubmatch(text, -1) {
			switch found[1] {
			case "base", "go", "docker.io/library/debian:bookworm-slim", "docker.io/library/golang:${GO_VERSION}-bookworm":
			default:
				t.Errorf("%s begins from %s", file, found[1])
			}
		}
		if !regexp.MustCompile(`(?m)^ARG GO_VERSION=1\.\d+\.\d+$`).MatchString(text) {
			t.Errorf("%s has no version of Go", file)
		}
		last := text[strings.LastIndex(text, "\nFROM "):]
		for _, want := range []string{"HEALTHCHECK", "EXPOSE 8888", "VOLUME ", `CMD ["kernels", "lab", "--ip"`} {
			if !strings.Contains(last, want) {
				t.Errorf("the image of %s has no %s", file, want)
			}
		}
		if user := strings.LastIndex(text, "\nUSER "); user < 0 || !strings.HasPrefix(text[user:], "\nUSER lab\n") {
			t.Errorf("%s does not run as the user lab", file)
		}
	}
}
