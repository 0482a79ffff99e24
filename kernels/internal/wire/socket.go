package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// socket is a listening socket of one kind with all its peers.
type socket struct {
	kind     string
	listener net.Listener
	log      func(format string, args ...any)
	received func(s *socket, from *peer, frames [][]byte) // called by the goroutine of each peer
	mu       sync.Mutex
	peers    []*peer // by their age: of two with one identity the newer counts
	closed   bool
}

// listen opens a socket. It accepts peers of this user only; log gets who is refused, and peers that speak no ZMTP.
func listen(kind, network, address string, log func(string, ...any),
	received func(*socket, *peer, [][]byte)) (*socket, error) {
	l, err := net.Listen(network, address)
	if err != nil && network == "unix" && errors.Is(err, syscall.EADDRINUSE) && stale(address) {
		if err = os.Remove(address); err == nil {
			l, err = net.Listen(network, address)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o600); err != nil {
			_ = l.Close()
			return nil, err
		}
	}
	s := &socket{kind: kind, listener: l, log: log, received: received}
	go s.accept()
	return s, nil
}

// stale reports whether a Unix socket was left by a process that is gone.
func stale(path string) bool {
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// accept takes peers until the socket is closed.
func (s *socket) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, say: it may pass
			s.log("%s: %v", s.kind, err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go s.serve(conn)
	}
}

// serve greets a peer and reads from it until it is gone.
func (s *socket) serve(conn net.Conn) {
	defer conn.Close()
	if err := ours(conn); err != nil {
		s.log("%s: refused %s: %v", s.kind, conn.RemoteAddr(), err)
		return
	}
	z, err := greet(conn, s.kind, "")
	if err != nil {
		s.log("%s: %v", s.kind, err)
		return
	}
	if z.identity == "" {
		z.identity = "\x00" + NewID() // ZeroMQ keeps names with a zero at the start for those that have none
	}
	p := newPeer(z)
	if !s.add(p) {
		p.close()
		return
	}
	defer s.remove(p)
	for {
		frames, err := z.read(p.pong)
		if err != nil {
			if errors.Is(err, errPeer) {
				s.log("%s: %v", s.kind, err)
			}
			return
		}
		s.received(s, p, frames)
	}
}

// add takes a peer in and reports whether the socket is open.
func (s *socket) add(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.peers = append(s.peers, p)
	return true
}

// remove forgets a peer that is gone.
func (s *socket) remove(p *peer) {
	p.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.peers {
		if s.peers[i] == p {
			s.peers = append(s.peers[:i:i], s.peers[i+1:]...)
			return
		}
	}
}

// route sends a message to the peer that its first frame names. One that is gone gets nothing, as with ZeroMQ.
func (s *socket) route(identity string, frames [][]byte) {
	var to *peer
	s.mu.Lock()
	for _, p := range s.peers {
		if p.z.identity == identity {
			to = p
		}
	}
	s.mu.Unlock()
	if to != nil {
		to.send(frames)
	}
}

// publish sends a message to those who have subscribed to its first frame.
func (s *socket) publish(frames [][]byte) {
	var to []*peer
	s.mu.Lock()
	for _, p := range s.peers {
		for topic := range p.topics {
			if strings.HasPrefix(string(frames[0]), topic) {
				to = append(to, p)
				break
			}
		}
	}
	s.mu.Unlock()
	for _, p := range to {
		if !p.send(frames) {
			s.log("%s: a subscriber is gone, or took nothing for %v", s.kind, stall)
		}
	}
}

// subscribe notes what a subscriber's message asks for.
func (s *socket) subscribe(p *peer, frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch topic := string(frames[0][1:]); frames[0][0] {
	case 0:
		delete(p.topics, topic)
	case 1:
		if len(p.topics) < 1000 {
			p.topics[topic] = true
		}
	}
}

// close ends the socket and its peers, after what is queued for them was sent, or a second has passed.
func (s *socket) close() {
	_ = s.listener.Close()
	s.mu.Lock()
	s.closed = true
	peers := append([]*peer{}, s.peers...)
	s.mu.Unlock()
	for _, p := range peers {
		p.drain(time.Second)
		p.close()
	}
}
