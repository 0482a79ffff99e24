package assist

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// server is one run of gopls.
type server struct {
	*conn
	pid      int
	versions map[string]int    // of open files, by URI
	texts    map[string]string // what the server has of them
	stop     func()            // ends it, and returns when it has ended
	kill     func()            // has it end at once
}

// settings are gopls's own. Nothing is analysed and no error is told: the kernel's compiler does that, and analysis is
// what costs gopls its memory.
func settings() map[string]any {
	return map[string]any{
		"diagnosticsTrigger":             "Save", // which never happens
		"diagnosticsDelay":               "24h",
		"analyses":                       noAnalyses(),
		"codelenses":                     map[string]bool{},
		"annotations":                    map[string]bool{},
		"vulncheck":                      "Off",
		"hoverKind":                      "FullDocumentation",
		"linksInHover":                   false,
		"matcher":                        "CaseInsensitive",
		"completionBudget":               "250ms",
		"completeFunctionCalls":          false,
		"symbolScope":                    "workspace",
		"expandWorkspaceToModule":        false,
		"experimentalPostfixCompletions": false,
	}
}

// noAnalyses switches off gopls's analysers, those of vet and its own.
func noAnalyses() map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{"appends", "asmdecl", "assign", "atomic", "bools", "buildtag", "composites",
		"copylocks", "defers", "deprecated", "directive", "errorsas", "framepointer", "httpresponse", "ifaceassert",
		"loopclosure", "lostcancel", "nilfunc", "printf", "shift", "sigchanyzer", "slog", "stdmethods", "stdversion",
		"stringintconv", "structtag", "testinggoroutine", "tests", "timeformat", "unmarshal", "unreachable",
		"unsafeptr", "unusedresult", "modernize", "unusedfunc", "unusedparams", "unusedwrite", "nilness", "simplifyrange",
		"simplifyslice", "simplifycompositelit", "fillreturns", "nonewvars", "noresultvalues", "embed", "infertypeargs",
		"yield", "gofix", "inline", "hostport", "waitgroup"} {
		out[name] = false
	}
	return out
}

// run starts gopls in a folder and greets it. It dies with this process.
func run(ctx context.Context, program, folder string, env []string) (*server, error) {
	cmd := exec.Command(program, "serve")
	cmd.Dir = folder
	cmd.Env = env
	dieWithParent(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "gopls.log"))
	if err != nil {
		return nil, err
	}
	cmd.Stderr = log
	started, ended := make(chan error, 1), make(chan struct{})
	var s *server
	go func() {
		// The death of the parent is that of the thread that started the child.
		runtime.LockOSThread()
		defer close(ended)
		defer log.Close()
		err := cmd.Start()
		started <- err
		if err == nil {
			_, _ = cmd.Process.Wait() // how it ended does not matter: who asks it again starts another
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting gopls: %w", err)
	}
	s = &server{conn: newConn(in, out), pid: cmd.Process.Pid, versions: map[string]int{}, texts: map[string]string{}}
	s.kill = func() { _ = cmd.Process.Kill() } // it may have ended just now
	s.stop = func() {
		in.Close() // it ends by itself at the end of its input
		select {
		case <-ended:
		case <-time.After(200 * time.Millisecond): // it is loading packages
			s.kill()
			<-ended
		}
		out.Close()
	}
	if err := s.greet(ctx, folder); err != nil {
		s.stop()
		return nil, fmt.Errorf("greeting gopls: %w", err)
	}
	return s, nil
}

// greet is the handshake.
func (s *server) greet(ctx context.Context, folder string) error {
	params := map[string]any{
		"processId":             os.Getpid(),
		"rootUri":               uri(folder),
		"workspaceFolders":      []map[string]any{{"uri": uri(folder), "name": "cells"}},
		"initializationOptions": settings(),
		"capabilities": map[string]any{
			"textDocument": map[string]any{
				"hover":      map[string]any{"contentFormat": []string{"markdown"}},
				"completion": map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"plaintext"}}},
			},
		},
	}
	if err := s.call(ctx, "initialize", params, nil); err != nil {
		return err
	}
	return s.notify("initialized", map[string]any{})
}

// show tells the server a file's content, if it has another.
func (s *server) show(path, text string) error {
	u := uri(path)
	version, open := s.versions[u]
	if open && s.texts[u] == text {
		return nil
	}
	s.versions[u], s.texts[u] = version+1, text
	if !open {
		return s.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
			"uri": u, "languageId": "go", "version": version + 1, "text": text}})
	}
	return s.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": u, "version": version + 1},
		"contentChanges": []map[string]any{{"text": text}},
	})
}

// changed tells the server that files on the disk are others now.
func (s *server) changed(paths []string) error {
	var changes []map[string]any
	for _, path := range paths {
		kind := 2 // changed
		if _, err := os.Stat(path); err != nil {
			kind = 3 // deleted
		}
		changes = append(changes, map[string]any{"uri": uri(path), "type": kind})
	}
	return s.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": changes})
}

// at returns the parameters of a request about a place in a file.
func at(path string, p cells.Position) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": uri(path)},
		"position":     map[string]any{"line": p.Line, "character": p.Character},
	}
}
