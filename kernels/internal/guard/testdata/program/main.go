// Command program does what a cell's program may do: see the tests of the guard.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

func main() {
	switch os.Args[1] {
	case "alternate": // 1,000 numbered lines, by turns to both outputs
		for i := range 1000 {
			fmt.Fprintln([]*os.File{os.Stdout, os.Stderr}[i%2], i)
		}
	case "bursts": // the same in runs of one to five lines, a million steps of work apart
		spin := 0
		for i := range 1000 {
			fmt.Fprintln([]*os.File{os.Stdout, os.Stderr}[i*i/7%2], i)
			for range 10_000 {
				spin++
			}
		}
	case "much": // 100 MB
		line := append(bytes.Repeat([]byte("é"), 499), '\n')
		for range 100_100 {
			os.Stdout.Write(line)
		}
	case "panic":
		fmt.Println("before")
		fmt.Fprintln(os.Stderr, "warning")
		panic("boom")
	case "words": // what looks like last words and is none
		fmt.Fprintln(os.Stderr, "panic: only a word")
		time.Sleep(600 * time.Millisecond)
		fmt.Println("goes on")
	case "ask": // two questions
		in := bufio.NewScanner(os.Stdin)
		fmt.Print("line\nName: ")
		in.Scan()
		fmt.Printf("hello %s\nAge: ", in.Text())
		in.Scan()
		fmt.Printf("%s years\n", in.Text())
	case "show": // text around what is displayed
		conn, err := link.Dial()
		if err != nil {
			panic(err)
		}
		for i := range 50 {
			fmt.Print("text ", i)
			m, _ := link.New(link.KindDisplay, link.Display{Data: map[string]any{"text/plain": fmt.Sprint(i)}})
			m.Call = uint64(i + 1)
			if err := conn.Send(m); err != nil {
				panic(err)
			}
			if m, err := conn.Receive(); err != nil || m.Call != uint64(i+1) {
				panic(fmt.Sprint(m, err))
			}
		}
	case "last": // displays without waiting, and ends
		conn, err := link.Dial()
		if err != nil {
			panic(err)
		}
		m, _ := link.New(link.KindDisplay, link.Display{Data: map[string]any{"text/plain": "last"}})
		if err := conn.Send(m); err != nil {
			panic(err)
		}
	case "save": // takes its time when it is interrupted
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, os.Interrupt)
		fmt.Println("ready")
		<-stop
		time.Sleep(6 * time.Second)
		fmt.Println("saved")
	case "child": // leaves a process behind that holds the outputs
		child := exec.Command("sleep", "600")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Println(os.Getpid())
		if len(os.Args) > 2 {
			child.Wait()
		}
	}
}
