package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
)

// prefixed writes whole lines behind a prefix, from several goroutines to one writer.
type prefixed struct {
	mu     *sync.Mutex
	out    io.Writer
	prefix string
	rest   []byte // a line without its end
}

// Write implements io.Writer.
func (p *prefixed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, text...)
	for {
		end := slices.Index(p.rest, '\n')
		if end < 0 {
			return len(text), nil
		}
		if _, err := fmt.Fprintf(p.out, "%s%s", p.prefix, p.rest[:end+1]); err != nil {
			return 0, err
		}
		p.rest = p.rest[end+1:]
	}
}

// end writes what is left of a line that nobody ended.
func (p *prefixed) end() {
	p.mu.Lock()
	rest := len(p.rest) > 0
	p.mu.Unlock()
	if rest {
		_, _ = p.Write([]byte{'\n'})
	}
}
