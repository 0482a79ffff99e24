package wire

import (
	"encoding/json"
	"fmt"
)

// Server is a kernel's end: five sockets.
type Server struct {
	*Signer
	// Requests gets the messages on shell, control and stdin, in the order of each channel. Who does not read holds up
	// the clients.
	Requests chan Request

	sockets map[Channel]*socket
	done    chan struct{}
}

// Channel is one of the sockets on which messages are exchanged.
type Channel string

// The channels.
const (
	Shell   Channel = "shell"
	Control Channel = "control"
	Stdin   Channel = "stdin"
	IOPub   Channel = "iopub"

	heartbeat Channel = "heartbeat"
)

// Request is a message with the channel that it came by.
type Request struct {
	Channel Channel
	Message
}

// Listen opens the sockets of a connection file. Peers of other users are refused where the system tells whose they
// are; log gets who was refused, and messages that were, since they are malformed or have a wrong signature.
func Listen(c Connection, log func(format string, args ...any)) (*Server, error) {
	s := &Server{Signer: NewSigner(c.Key), Requests: make(chan Request), done: make(chan struct{}),
		sockets: map[Channel]*socket{}}
	if c.Transport == TCP && !knowsUsers() {
		log("other users of this machine can read what is printed: this system does not tell whose a connection is; " +
			"transport \"ipc\" keeps them out")
	}
	open := func(channel Channel, kind string, port int, received func(*socket, *peer, [][]byte)) error {
		socket, err := listen(kind, c.network(), c.address(port), log, received)
		if err != nil {
			s.Close()
			return fmt.Errorf("the channel %s: %w", channel, err)
		}
		s.sockets[channel] = socket
		return nil
	}
	for _, o := range []struct {
		channel Channel
		port    int
	}{{Shell, c.Shell}, {Control, c.Control}, {Stdin, c.Stdin}} {
		err := open(o.channel, router, o.port, func(_ *socket, from *peer, frames [][]byte) {
			m, err := s.Parse(append([][]byte{[]byte(from.z.identity)}, frames...))
			if err != nil {
				log("%s: a message was refused: %v", o.channel, err)
				return
			}
			select {
			case s.Requests <- Request{o.channel, m}:
			case <-s.done:
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if err := open(IOPub, pub, c.IOPub, (*socket).subscribe); err != nil {
		return nil, err
	}
	echo := func(_ *socket, from *peer, frames [][]byte) { from.send(frames) }
	if err := open(heartbeat, rep, c.Heartbeat, echo); err != nil {
		return nil, err
	}
	return s, nil
}

// Send sends a message to the client that its identities name.
func (s *Server) Send(channel Channel, m Message) error {
	frames, err := s.Frames(m)
	if err != nil {
		return err
	}
	if len(m.Identities) == 0 {
		return fmt.Errorf("message %s has no receiver", m.Header.Type)
	}
	s.sockets[channel].route(string(m.Identities[0]), frames[1:])
	return nil
}

// Reply answers a request on its channel with content and metadata, nil = none, as JSON.
func (s *Server) Reply(to Request, kind string, content, metadata any) error {
	m, err := s.New(kind, to.Head, content)
	if err != nil {
		return err
	}
	if metadata != nil {
		if m.Metadata, err = json.Marshal(metadata); err != nil {
			return fmt.Errorf("message %s: its metadata: %w", kind, err)
		}
	}
	m.Identities = to.Identities
	return s.Send(to.Channel, m)
}

// Publish sends a message to all clients. It waits for those that have too much to read already.
func (s *Server) Publish(m Message) error {
	m.Identities = [][]byte{[]byte(m.Header.Type)} // what clients may subscribe to
	frames, err := s.Frames(m)
	if err != nil {
		return err
	}
	s.sockets[IOPub].publish(frames)
	return nil
}

// Close closes the sockets, after what was sent has left or a second has passed.
func (s *Server) Close() {
	select {
	case <-s.done:
		return
	default:
		close(s.done)
	}
	for _, socket := range s.sockets {
		socket.close()
	}
}
