package show

import (
	"os"
	"testing"
	"time"
)

// TestWaitRead: a writer knows when its text was read, and does not wait for ever for a reader that does not.
func TestWaitRead(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	if unread(writer) {
		t.Error("an empty pipe has something to read")
	}
	if _, err := writer.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if !unread(writer) {
		t.Error("a text is lost")
	}
	old := patience
	defer func() { patience = old }()
	patience = time.Hour
	done := make(chan struct{})
	go func() {
		waitRead(writer)
		close(done)
	}()
	select {
	case <-done:
		t.Error("it did not wait")
	case <-time.After(20 * time.Millisecond):
	}
	if _, err := reader.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("it waits for a text that was read")
	}
	if _, err := writer.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	patience = time.Millisecond
	waitRead(writer) // gives up
}
