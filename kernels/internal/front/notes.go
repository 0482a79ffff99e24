package front

import (
	"bytes"
	"regexp"
)

// notes matches what GoNB notes of its ordinary work: infos and warnings of its log, and the line by which it tries out
// how errors look in it. Whoever runs a notebook sees the kernel's standard error, and would take them for errors.
var notes = regexp.MustCompile(`^([IW]\d{4} \d\d:|E\d{4} .* Error message\s*$)`)

// unnoted returns a function that passes on a text but for such lines. What has no end yet waits for it, up to the size
// that a tail keeps. It is not for use by several goroutines at once.
func unnoted(to func(p []byte)) func(p []byte) {
	var rest []byte
	return func(p []byte) {
		rest = append(rest, p...)
		for len(rest) > 0 {
			end := bytes.IndexByte(rest, '\n') + 1
			if end == 0 {
				if len(rest) < kept {
					return
				}
				end = len(rest)
			}
			if !notes.Match(rest[:end]) {
				to(rest[:end])
			}
			rest = rest[end:]
		}
		rest = nil
	}
}
