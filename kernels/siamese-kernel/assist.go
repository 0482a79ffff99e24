package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/front"
)

// helpDeadline bounds completion, below what the kernel itself waits: what is known without gopls still comes then.
const helpDeadline = 4 * time.Second

// helper is the kernel's [front.Assistant].
type helper struct{ *assist.Assistant }

// newHelper starts one. gopls is a program, "" or one that is not installed: then only what needs none is completed.
// repo is the checkout, dir a folder to write to.
func newHelper(ctx context.Context, gopls, repo, dir string) helper {
	if _, err := exec.LookPath(gopls); err != nil {
		gopls = ""
	}
	return helper{assist.Start(ctx, assist.Options{Gopls: gopls, Repo: repo, Folder: filepath.Join(dir, "assist"),
		Deadline: helpDeadline})}
}

// Executed implements [front.Assistant].
func (h helper) Executed(code string, compiled bool) {
	if compiled {
		h.Assistant.Executed(code)
	} else {
		h.Tried(code)
	}
}

// Complete implements [front.Assistant].
func (h helper) Complete(ctx context.Context, code string, cursor int) (front.Completion, error) {
	c, err := h.Assistant.Complete(ctx, code, cursor)
	return front.Completion{Matches: c.Matches, Start: c.Start, End: c.End, Metadata: c.Metadata()}, err
}

// Inspect implements [front.Assistant].
func (h helper) Inspect(ctx context.Context, code string, cursor, detail int) (map[string]any, error) {
	return h.Assistant.Inspect(ctx, code, cursor, detail)
}

// IsComplete implements [front.Assistant].
func (helper) IsComplete(code string) (status, indent string) { return assist.IsComplete(code) }
