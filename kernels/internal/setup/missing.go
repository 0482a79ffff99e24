package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// absence is the note that the plugin could not be fetched: without a network each try takes as long as pip does to
// give up, and every run would wait for it.
type absence struct {
	Wheel string    `json:"wheel"` // the digest of the archive that was asked for
	When  time.Time `json:"when"`
	Why   string    `json:"why"`
}

// missingNote is the file of the note.
func (in *Installer) missingNote() string { return filepath.Join(in.plugins(), "missing.json") }

// noteMissing keeps why the plugin could not be fetched. A note that cannot be written is one that is not there.
func (in *Installer) noteMissing(failures []error) {
	if len(failures) == 0 {
		return
	}
	note := absence{Wheel: plugin.Wheel, When: time.Now().UTC().Truncate(time.Second), Why: oneLine(errors.Join(failures...))}
	if content, err := json.Marshal(note); err == nil {
		_ = place.WriteFile(in.missingNote(), append(content, '\n'), 0o644)
	}
}

// missing returns why the plugin is not asked for again, "" = it is: `install` always asks, and so does whoever wants
// another plugin or the kernel that needs one.
func (in *Installer) missing() string {
	if in.Options.Retry || in.Options.PluginSHA256 != "" || in.Options.Kernel == KernelXLA {
		return ""
	}
	var note absence
	content, err := os.ReadFile(in.missingNote())
	if err != nil || json.Unmarshal(content, &note) != nil || note.Wheel != plugin.Wheel {
		return ""
	}
	return fmt.Sprintf("it could not be fetched at %s (%s); `%s` tries again", note.When.Format("2006-01-02 15:04 UTC"),
		note.Why, mendInstall)
}
