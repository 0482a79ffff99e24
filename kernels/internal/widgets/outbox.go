package widgets

import (
	"encoding/json"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// maxWaiting is how many messages may wait for a program that does not read. Then its connection is closed.
const maxWaiting = 10_000

// outbox sends messages to a program in the order in which they were put in. A program that does not read keeps nobody
// waiting.
type outbox struct {
	conn *link.Conn

	mu      sync.Mutex
	waiting []link.Message
	sending int // of those that were taken out, how many are still to be sent
	closed  bool
	wake    chan struct{}
}

func newOutbox(conn *link.Conn) *outbox {
	o := &outbox{conn: conn, wake: make(chan struct{}, 1)}
	go o.run()
	return o
}

// put adds a message.
func (o *outbox) put(message link.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	if len(o.waiting)+o.sending >= maxWaiting {
		o.stop()
		_ = o.conn.Close() // the program's next call says that the kernel is gone
		return
	}
	o.waiting = append(o.waiting, message)
	o.signal()
}

// comm adds a message of a comm; data is JSON that was checked or made here.
func (o *outbox) comm(kind link.Kind, id string, data any, buffers [][]byte) {
	raw, err := json.Marshal(data)
	if err != nil {
		return // not reached: data is of decoded JSON and strings
	}
	message, err := link.New(kind, link.Comm{ID: id, Data: raw}, buffers...)
	if err == nil {
		o.put(message)
	}
}

// close ends the sending; what waits is dropped.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stop()
}

func (o *outbox) stop() {
	o.closed, o.waiting = true, nil
	o.signal()
}

// signal wakes the sender; one signal is enough for any number of messages.
func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) run() {
	for range o.wake {
		for {
			o.mu.Lock()
			waiting, closed := o.waiting, o.closed
			o.waiting, o.sending = nil, len(waiting)
			o.mu.Unlock()
			if closed {
				return
			}
			if len(waiting) == 0 {
				break
			}
			for _, message := range waiting {
				if o.conn.Send(message) != nil {
					o.close() // whoever reads the connection sees its end
					return
				}
				o.mu.Lock()
				o.sending--
				o.mu.Unlock()
			}
		}
	}
}
