package setup

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
)

// completionTime bounds the warming of gopls: kernels work without.
const completionTime = 2 * time.Minute

// ensureCompletion has gopls look at what cells of a kernel use, so that completion is there a few seconds after the
// first kernel's start, not a quarter of a minute. gopls keeps that in the user's cache, for one build environment. A
// gopls that does not answer is said, not an error.
func (in *Installer) ensureCompletion(ctx context.Context, kernel string) error {
	mod, err := os.ReadFile(filepath.Join(in.Lab.Repo, "go.mod"))
	if err != nil {
		return err
	}
	f, _, err := programs(in.Lab, in.Go)
	if err != nil {
		return err
	}
	path := filepath.Join(in.Lab.Checkout(), ".completion-"+kernel+".json")
	sum := digest(in.Lab.Repo, string(mod), in.Go.GOVERSION, in.Go.GOMODCACHE,
		completionTools.tools[0].version(readText(in.Lab.ToolsMod())))
	if readMarker(path).Digest == sum && !in.Options.Recompile {
		in.said("completion", "already there: prepared for %s", kernel)
		return nil
	}
	env := os.Environ()
	for name, value := range newSpec(kernel, in.Lab, in.Go, f, "").Env {
		env = append(env, name+"="+value)
	}
	why := "" // it cannot be prepared
	err = in.timed("completion", "preparing it for "+kernel, func(*step) error {
		limited, cancel := context.WithTimeout(ctx, completionTime)
		defer cancel()
		failed := assist.Warm(limited, assist.Options{Gopls: filepath.Join(f.gopls, "gopls"), Repo: in.Lab.Repo,
			Temp: in.Lab.Dir, Env: env})
		if failed != nil {
			why = failed.Error()
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if why != "" {
		in.said("completion", "not prepared, the first one takes longer: %s", why)
		return nil
	}
	return writeMarker(path, marker{Digest: sum, Made: in.Go.GOVERSION})
}

// readText returns the text of a file, "" if it cannot be read.
func readText(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
