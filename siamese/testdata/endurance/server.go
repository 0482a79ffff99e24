//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// token is that of the server, which nobody else reaches.
const token = "endurance-0123456789"

// held is what a server holds.
type held struct{ kilobytes, files, goroutines int }

// more reports whether h is more than first, beyond what comes and goes. A server that has just ended holds nothing.
func (h held) more(first held) bool {
	return h.kilobytes > first.kilobytes+first.kilobytes/4+32<<10 || h.files > first.files+4 ||
		h.goroutines > first.goroutines+8
}

// serve keeps a server running until ctx is done, asks it all the time, and compares the answers with its first ones.
func (l *lab) serve(ctx context.Context, begun time.Time) {
	var want []byte
	for ctx.Err() == nil {
		p, err := l.process(laneServer, l.work, "", l.serverArgs()...)
		if err != nil {
			l.fault("server: %v", err)
			return
		}
		stdout, err := p.cmd.StdoutPipe()
		if err == nil {
			err = l.begin(laneServer, p)
		}
		if err != nil {
			l.fault("server: %v", err)
			return
		}
		lived := make(chan struct{})
		go func() {
			defer close(lived)
			want = l.ask(ctx, p, stdout, want)
		}()
		<-lived // before Wait, which closes the pipe
		l.end(ctx, laneServer, p)
		if p.hit == 0 && ctx.Err() == nil {
			l.fault("the server ended with status %d, and nobody had killed it:\n%s", p.status, p.out.String())
			return
		}
	}
}

// serverArgs are those of the server.
func (l *lab) serverArgs() []string {
	args := []string{"index", "serve", "--port", "0", "model.safetensors", "gallery.index"}
	if l.backend != "" {
		args = append(args, "--backend", l.backend)
	}
	return args
}

var address = regexp.MustCompile(`http://[0-9.:]+`)

// ask asks a server until it does not answer or ctx is done, and returns what all answers have to be.
func (l *lab) ask(ctx context.Context, p *process, stdout io.Reader, want []byte) []byte {
	url := ""
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && url == "" {
		url = address.FindString(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // a full pipe would stop it
	if url == "" {
		return want // it was killed before it listened; else its end is a fault
	}
	body, err := json.Marshal(map[string]any{"ids": []string{l.query}, "k": 8})
	if err != nil {
		l.fault("%v", err)
		return want
	}
	var first held
	for asked := 0; ctx.Err() == nil; asked++ {
		answer, err := request(ctx, http.MethodPost, url+"/v1/search", body)
		switch {
		case err != nil && (ctx.Err() != nil || l.wasHit(p)):
			return want
		case err != nil:
			l.fault("server: %v", err)
			return want
		case want == nil:
			want = answer
		case !bytes.Equal(answer, want):
			l.fault("the server answers\n%s\nand did\n%s", answer, want)
			return want
		}
		l.count("answers of servers")
		// By then all has been used once, and from then on nothing is to grow.
		if asked == 200 {
			first = l.holds(ctx, p, url)
		} else if asked > 200 && asked%200 == 0 {
			if now := l.holds(ctx, p, url); now.more(first) {
				l.fault("leak: after %d requests the server holds %+v, after 200 it held %+v", asked, now, first)
				return want
			}
			l.count("looks at what a server holds")
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return want
}

// wasHit reports whether the plan has killed a process. A request can fail before its end is known, and a kill that is
// just being sent is waited for by the lock.
func (l *lab) wasHit(p *process) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return p.hit != 0
}

// request returns the body of an answer.
func request(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", answer.StatusCode, content)
	}
	return content, err
}

var goroutines = regexp.MustCompile(`(?m)^go_goroutines (\d+)$`)

// holds returns what a server holds now; nothing if it has just ended.
func (l *lab) holds(ctx context.Context, p *process, url string) (h held) {
	metrics, err := request(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return held{}
	}
	if found := goroutines.FindSubmatch(metrics); found != nil {
		h.goroutines, _ = strconv.Atoi(string(found[1])) // digits
	}
	folder := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	open, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		return held{}
	}
	h.files = len(open)
	status, err := os.ReadFile(folder + "status")
	if err != nil {
		return held{}
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); fields[0] == "VmRSS:" {
			h.kilobytes, _ = strconv.Atoi(fields[1]) // as the kernel writes it
		}
	}
	return h
}
