package front

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/wire"
	"github.com/go-siamese/lab/siamese/version"
)

// helpTime is how long a completion or an explanation may take: front ends have lost interest by then.
const helpTime = 10 * time.Second

// serve deals with requests until the kernel ends.
func (k *kernel) serve() {
	for {
		select {
		case <-k.ctx.Done():
			return
		case <-k.o.Interrupts:
			go k.interrupt()
		case r := <-k.server.Requests:
			if k.dispatch(r) {
				return
			}
		}
	}
}

// dispatch deals with one request, and reports whether the kernel is to end.
func (k *kernel) dispatch(r wire.Request) (end bool) {
	switch kind := r.Header.Type; {
	case r.Channel == wire.Stdin:
		if kind == "input_reply" {
			k.answered(r)
		}
	case kind == "execute_request":
		if k.work.add(r) {
			k.abort(r)
		}
	case kind == "complete_request" || kind == "inspect_request":
		go k.around(r, func() { k.help(r) })
	case kind == "interrupt_request":
		k.around(r, func() {
			go k.interrupt()
			k.reply(r, "interrupt_reply", map[string]string{"status": "ok"})
		})
	case kind == "shutdown_request":
		var content struct {
			Restart bool `json:"restart"`
		}
		_ = json.Unmarshal(r.Content, &content) // without it the kernel ends all the same
		k.around(r, func() {
			reply := map[string]any{"status": "ok", "restart": content.Restart}
			k.reply(r, "shutdown_reply", reply)
			_ = k.publish(r.Head, "shutdown_reply", reply, nil, nil)
		})
		return true
	case strings.HasPrefix(kind, "comm_") && !strings.HasSuffix(kind, "_request"):
		k.around(r, func() { k.comm(r) })
	case strings.HasSuffix(kind, "_request"):
		k.around(r, func() { k.simple(r) })
	default:
		k.o.Log("a message of type %q came by %s", kind, r.Channel)
	}
	return false
}

// around deals with a request between the states busy and idle. A fault of the kernel's own is an error of the request.
func (k *kernel) around(r wire.Request, do func()) {
	k.status(r.Head, "busy")
	defer k.idle(r.Head)
	defer func() {
		if fault := recover(); fault != nil {
			k.o.Log("%s: %v\n%s", r.Header.Type, fault, debug.Stack())
			k.fail(r, "KernelError", fmt.Sprint(fault))
		}
	}()
	do()
}

// reply sends the reply to a request.
func (k *kernel) reply(r wire.Request, kind string, content any) {
	k.replyWith(r, kind, content, nil)
}

// replyWith is reply with metadata, nil = none.
func (k *kernel) replyWith(r wire.Request, kind string, content, metadata any) {
	if err := k.server.Reply(r, kind, content, metadata); err != nil {
		k.o.Log("%s: %v", kind, err)
	}
}

// fail answers a request with an error.
func (k *kernel) fail(r wire.Request, name, value string) {
	kind, isRequest := strings.CutSuffix(r.Header.Type, "_request")
	if !isRequest {
		return
	}
	k.reply(r, kind+"_reply", map[string]any{"status": "error", "ename": name, "evalue": value,
		"traceback": []string{}})
}

// simple answers the requests that take no time.
func (k *kernel) simple(r wire.Request) {
	var content struct {
		Code   string `json:"code"`
		Target string `json:"target_name"`
	}
	if err := json.Unmarshal(r.Content, &content); err != nil {
		k.fail(r, "BadRequest", "the request cannot be read: "+err.Error())
		return
	}
	switch r.Header.Type {
	case "kernel_info_request":
		k.reply(r, "kernel_info_reply", info(k.o.Language))
	case "is_complete_request":
		status, indent := assist.IsComplete(content.Code)
		reply := map[string]string{"status": status}
		if status == "incomplete" {
			reply["indent"] = indent
		}
		k.reply(r, "is_complete_reply", reply)
	case "history_request":
		var ask historyRequest
		if err := json.Unmarshal(r.Content, &ask); err != nil {
			k.fail(r, "BadRequest", "the request cannot be read: "+err.Error())
			return
		}
		k.reply(r, "history_reply", map[string]any{"status": "ok", "history": k.history.find(ask)})
	case "comm_info_request":
		comms := map[string]any{}
		if k.widgets != nil {
			comms = k.widgets.Info(content.Target)
		}
		k.reply(r, "comm_info_reply", map[string]any{"status": "ok", "comms": comms})
	default:
		k.fail(r, "NotSupported", fmt.Sprintf("this kernel has no %s", r.Header.Type))
	}
}

// info is the content of a kernel_info_reply. language is the version of Go's language: that of the compiler differs
// between machines, and would change notebooks that are only looked at.
func info(language string) map[string]any {
	link := func(text, url string) map[string]string { return map[string]string{"text": text, "url": url} }
	return map[string]any{
		"status": "ok", "protocol_version": wire.Version, "implementation": "siamese",
		"implementation_version": version.Version,
		"banner":                 "Siamese Lab " + version.Version + ": Go by GoNB",
		"debugger":               false,
		"supported_features":     []string{},
		"language_info": map[string]string{"name": "go", "version": language, "mimetype": "text/x-go",
			"file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": ""},
		"help_links": []map[string]string{
			link("Siamese Lab", "https://github.com/go-siamese/lab"),
			link("GoNB: magics and cells", "https://github.com/janpfeifer/gonb#readme"),
			link("Go: a tour", "https://go.dev/tour/"),
			link("Go: the standard library", "https://pkg.go.dev/std"),
		},
	}
}

// help answers complete_request and inspect_request, within a time, whatever the assistant does.
func (k *kernel) help(r wire.Request) {
	var ask struct {
		Code   string `json:"code"`
		Cursor int    `json:"cursor_pos"`
		Detail int    `json:"detail_level"`
	}
	if err := json.Unmarshal(r.Content, &ask); err != nil {
		k.fail(r, "BadRequest", "the request cannot be read: "+err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, helpTime)
	defer cancel()
	answer := make(chan map[string]any, 1)
	kind := strings.TrimSuffix(r.Header.Type, "_request") + "_reply"
	go func() {
		if kind == "complete_reply" {
			answer <- k.complete(ctx, ask.Code, ask.Cursor)
		} else {
			answer <- k.inspect(ctx, ask.Code, ask.Cursor, ask.Detail)
		}
	}()
	select {
	case content := <-answer:
		k.reply(r, kind, content)
	case <-ctx.Done():
		k.fail(r, "Timeout", fmt.Sprintf("there was no answer within %v", helpTime))
	}
}

// complete returns the content of a complete_reply.
func (k *kernel) complete(ctx context.Context, code string, cursor int) map[string]any {
	c := assist.Completion{Start: cursor, End: cursor}
	if k.assist != nil {
		found, err := k.assist.Complete(ctx, code, cursor)
		if err != nil {
			k.o.Log("complete: %v", err)
		} else {
			c = found
		}
	}
	if c.Matches == nil {
		c.Matches = []string{}
	}
	return map[string]any{"status": "ok", "matches": c.Matches, "cursor_start": c.Start, "cursor_end": c.End,
		"metadata": c.Metadata()}
}

// inspect returns the content of an inspect_reply.
func (k *kernel) inspect(ctx context.Context, code string, cursor, detail int) map[string]any {
	data := assist.Bundle{}
	if k.assist != nil {
		found, err := k.assist.Inspect(ctx, code, cursor, detail)
		if err != nil {
			k.o.Log("inspect: %v", err)
		} else if found != nil {
			data = found
		}
	}
	return map[string]any{"status": "ok", "found": len(data) > 0, "data": data, "metadata": struct{}{}}
}

// comm passes on a message of a widget. A comm that nobody takes is closed, as the protocol wants it.
func (k *kernel) comm(r wire.Request) {
	if k.widgets != nil {
		if err := k.widgets.FromFront(r.Head, r.Header.Type, r.Content, r.Metadata, r.Buffers); err != nil {
			k.o.Log("%s: %v", r.Header.Type, err)
		}
		return
	}
	var content struct {
		ID string `json:"comm_id"`
	}
	if err := json.Unmarshal(r.Content, &content); err == nil && r.Header.Type == "comm_open" {
		_ = k.publish(r.Head, "comm_close", map[string]any{"comm_id": content.ID, "data": struct{}{}}, nil, nil)
	}
}
