package front

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/kernels/internal/link"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// toyEnv makes the test's own program a toy that stands for GoNB, or for the session's worker.
const toyEnv = "SIAMESE_TOY"

func TestMain(m *testing.M) {
	switch os.Getenv(toyEnv) {
	case "gonb":
		toyGoNB(os.Args[len(os.Args)-1])
	case "worker":
		toyWorker()
	case "kernel":
		toyKernel()
	case "widget":
		toyWidget(os.Args[len(os.Args)-2], os.Args[len(os.Args)-1])
	default:
		// Tests wait for other processes most of the time.
		if err := flag.Set("test.parallel", "16"); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	os.Exit(0)
}

// toy is the command of a toy, whose kind the environment says.
func toy() []string { return []string{os.Args[0], "-test.run=^$"} }

// toyGoNB answers as GoNB does. A cell for it is made of lines such as "print text": see toyRun.
func toyGoNB(connection string) {
	if os.Getenv("SIAMESE_TOY_DEAD") != "" {
		fmt.Fprintln(os.Stderr, "panic: dead on arrival")
		os.Exit(3)
	}
	c, err := wire.ReadConnection(connection)
	if err != nil {
		panic(err)
	}
	s, err := wire.Listen(c, func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
	if err != nil {
		panic(err)
	}
	work := make(chan wire.Request, 100)
	var interrupted atomic.Bool
	go func() {
		for r := range work {
			publish := func(kind string, content any) {
				m, err := s.New(kind, r.Head, content)
				if err != nil {
					panic(err)
				}
				if err := s.Publish(m); err != nil {
					panic(err)
				}
			}
			publish("status", map[string]string{"execution_state": "busy"})
			if r.Header.Type == "kernel_info_request" {
				_ = s.Reply(r, "kernel_info_reply", map[string]string{"status": "ok"}, nil)
			} else {
				var ask executeRequest
				if err := json.Unmarshal(r.Content, &ask); err != nil {
					panic(err)
				}
				reply := executeReply{Status: "ok"}
				for line := range strings.Lines(ask.Code) {
					word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
					if word == "fail" {
						reply = executeReply{Status: "error", Name: rest, Value: "it " + rest, Traceback: []string{rest}}
						break
					}
					toyRun(s, r, word, rest, publish, &interrupted)
				}
				_ = s.Reply(r, "execute_reply", reply, nil)
			}
			publish("status", map[string]string{"execution_state": "idle"})
		}
	}()
	for r := range s.Requests {
		switch r.Header.Type {
		case "interrupt_request":
			interrupted.Store(true)
			_ = s.Reply(r, "interrupt_reply", map[string]string{"status": "ok"}, nil)
		case "input_reply":
			toyInput <- r
		default:
			work <- r
		}
	}
}

// toyInput has the answers to the questions of "prompt".
var toyInput = make(chan wire.Request, 1)

// exists reports whether a file is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// declared is how many variables a toy was told.
var declared int

// toyRun does what one line of a cell says.
func toyRun(s *wire.Server, r wire.Request, word, rest string, publish func(string, any), interrupted *atomic.Bool) {
	stream := func(name, text string) { publish("stream", map[string]string{"name": name, "text": text}) }
	switch word {
	case "print":
		stream("stdout", rest+"\n")
	case "printerr":
		stream("stderr", rest+"\n")
	case "status": // what GoNB says of a program
		stream("stderr", "exit status "+rest+"\n")
	case "show":
		publish("display_data", map[string]any{"data": map[string]string{"text/html": rest}, "metadata": struct{}{},
			"transient": struct{}{}})
	case "var": // of a real declaration, so that the kernel remembers it
		declared++
		if path, ok := strings.CutPrefix(rest, "trap = "); ok { // it ends a GoNB that is told it again
			if path, err := strconv.Unquote(path); err == nil && exists(path) {
				os.Exit(4)
			}
		}
	case "declared":
		stream("stdout", strconv.Itoa(declared)+"\n")
	case "pid":
		stream("stdout", strconv.Itoa(os.Getpid())+"\n")
	case "until": // a file is there
		for !exists(rest) {
			time.Sleep(time.Millisecond)
		}
	case "wait": // until GoNB's own interrupt
		for !interrupted.Swap(false) {
			time.Sleep(time.Millisecond)
		}
	case "child": // something that runs without a guard
		_ = exec.Command("sleep", rest).Run()
	case "prompt":
		m, _ := s.New("input_request", r.Head, map[string]any{"prompt": rest, "password": false})
		m.Identities = r.Identities
		_ = s.Send(wire.Stdin, m)
		answer := <-toyInput
		stream("stdout", string(answer.Content)+"\n")
	case "panic":
		fmt.Fprintln(os.Stderr, "panic: "+rest+"\n\ngoroutine 1 [running]:")
		os.Exit(2)
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}
	case "hang":
		select {}
	case "widget": // a program with a widget: see toyWidget
		cmd := exec.Command(os.Args[0], append([]string{"-test.run=^$"}, strings.Fields(rest)...)...)
		cmd.Env = append(os.Environ(), toyEnv+"=widget")
		out, err := cmd.CombinedOutput()
		if err != nil {
			out = append(out, err.Error()...)
		}
		stream("stdout", string(out))
	case "guard":
		toyGuard(strings.Fields(rest))
	}
}

// toyGuard speaks as the guard of a program does. The words are a kind ("program" or "build"), and what it does.
func toyGuard(words []string) {
	conn, err := link.Dial()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	call := func(kind link.Kind, body any) link.Message {
		m, _ := link.New(kind, body)
		m.Call = 1
		if err := conn.Send(m); err != nil {
			panic(err)
		}
		for {
			answer, err := conn.Receive()
			if err != nil {
				os.Exit(1)
			}
			if answer.Call == 1 {
				return answer
			}
		}
	}
	answer := call(link.KindStart, link.Start{What: words[0], Pid: os.Getpid()})
	if answer.Error != "" {
		return
	}
	var started link.Started
	_ = json.Unmarshal(answer.Body, &started)
	_ = os.Setenv(provenance.Env, started.Events) // as the guard does for its program
	end := link.End{}
	for _, word := range words[1:] {
		word, value, _ := strings.Cut(word, "=")
		switch word {
		case "print":
			call(link.KindOutput, link.Output{Name: "stdout", Text: value + "\n"})
		case "read":
			provenance.Read(value)
		case "wrote":
			provenance.Wrote(value)
		case "volatile":
			provenance.Volatile(value)
		case "seed":
			provenance.Note("seed", value)
		case "kept":
			provenance.Tell(provenance.Event{Kind: provenance.KeptValue, Text: value})
		case "write": // without telling
			_ = os.WriteFile(value, []byte("other"), 0o600)
		case "show":
			call(link.KindDisplay, link.Display{Data: map[string]any{"text/plain": value}, ID: "id", Update: value == "new"})
		case "clear":
			call(link.KindClear, link.Clear{Wait: true})
		case "ask":
			var v link.Value
			_ = json.Unmarshal(call(link.KindInput, link.Input{Prompt: value}).Body, &v)
			call(link.KindOutput, link.Output{Name: "stdout", Text: fmt.Sprintf("%q %v\n", v.Text, v.None)})
			end.Read = end.Read || v.None
		case "status":
			end.Status, _ = strconv.Atoi(value)
		case "save": // it ends when it is interrupted, after a while
			m, err := conn.Receive()
			if err != nil {
				os.Exit(1)
			}
			end.Stopped = true
			if m.Kind == link.KindKill {
				end.Signal, end.Status = "killed", -1
				break
			}
			d, _ := time.ParseDuration(value)
			time.Sleep(d)
		case "stubborn": // only a kill ends it
			for m, err := conn.Receive(); m.Kind != link.KindKill; m, err = conn.Receive() {
				if err != nil {
					os.Exit(1)
				}
			}
			end = link.End{Stopped: true, Signal: "killed", Status: -1}
		}
	}
	call(link.KindEnd, end)
}

// toyWorker is the session's worker: it answers what it is sent with its own process, and ends on "die".
func toyWorker() {
	l, err := net.FileListener(os.NewFile(3, "session"))
	if err != nil {
		panic(err)
	}
	if os.Getenv("SIAMESE_TOY_DEAD") != "" {
		os.Exit(3)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		b := make([]byte, 100)
		n, _ := conn.Read(b)
		fmt.Fprintf(conn, "%d %s", os.Getpid(), b[:n])
		conn.Close()
		if string(b[:n]) == "die" {
			os.Exit(3)
		}
	}
}

// toyKernel is a kernel in a process of its own, for tests that kill it.
func toyKernel() {
	o := Options{Connection: os.Getenv("SIAMESE_TOY_CONNECTION"), GoNB: toy(), Env: []string{toyEnv + "=gonb"},
		Worker: append([]string{"env", toyEnv + "=worker"}, toy()...)}
	if err := Run(context.Background(), o); err != nil {
		panic(err)
	}
}
