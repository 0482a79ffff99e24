package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Client is a front end's end: it asks a kernel.
type Client struct {
	*Signer
	// Messages gets what the kernel sends, in the order of each channel. It is closed when the kernel is gone.
	Messages chan Request

	peers  map[Channel]*peer
	done   chan struct{}
	ending sync.Once
	beat   *zmtp
	beats  sync.Mutex
}

// retry is how often it is tried whether a kernel listens already.
const retry = 5 * time.Millisecond

// Dial connects to the kernel of a connection file, and waits for it as long as ctx lasts.
func Dial(ctx context.Context, c Connection) (*Client, error) {
	s := &Client{Signer: NewSigner(c.Key), Messages: make(chan Request), peers: map[Channel]*peer{},
		done: make(chan struct{})}
	var reading sync.WaitGroup
	for _, o := range []struct {
		channel Channel
		kind    string
		port    int
	}{{IOPub, sub, c.IOPub}, {Shell, dealer, c.Shell}, {Control, dealer, c.Control}, {Stdin, dealer, c.Stdin},
		{heartbeat, req, c.Heartbeat}} {
		z, err := dial(ctx, c, o.port, o.kind, s.session)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("the channel %s: %w", o.channel, err)
		}
		if o.channel == heartbeat {
			s.beat = z
			continue
		}
		p := newPeer(z)
		s.peers[o.channel] = p
		if o.channel == IOPub {
			p.send([][]byte{{1}}) // every topic
		}
		reading.Go(func() { s.read(o.channel, p) })
	}
	go func() {
		reading.Wait()
		close(s.Messages)
	}()
	return s, nil
}

// dial connects to one socket.
func dial(ctx context.Context, c Connection, port int, kind, identity string) (*zmtp, error) {
	for {
		var d net.Dialer
		conn, err := d.DialContext(ctx, c.network(), c.address(port))
		if err == nil {
			var z *zmtp
			if z, err = greet(conn, kind, identity); err == nil {
				return z, nil
			}
			_ = conn.Close()
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(retry):
		}
	}
}

// read passes on what comes by a channel; the end of one is the end of all. Frames that are no message are dropped.
func (s *Client) read(channel Channel, p *peer) {
	defer s.Close()
	for {
		frames, err := p.z.read(p.pong)
		if err != nil {
			return
		}
		m, err := s.Parse(frames)
		if err != nil {
			continue
		}
		select {
		case s.Messages <- Request{channel, m}:
		case <-s.done:
			return
		}
	}
}

// ErrGone is the error of sending to a kernel that is gone.
var ErrGone = errors.New("the kernel is gone")

// Send sends a message.
func (s *Client) Send(channel Channel, m Message) error {
	m.Identities = nil
	frames, err := s.Frames(m)
	if err != nil {
		return err
	}
	if !s.peers[channel].send(frames) {
		return ErrGone
	}
	return nil
}

// Beat reports whether the kernel's heartbeat answers within a time.
func (s *Client) Beat(limit time.Duration) bool {
	s.beats.Lock()
	defer s.beats.Unlock()
	if err := s.beat.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return false
	}
	asked := [][]byte{{}, []byte(NewID())}
	s.beat.write(asked)
	if err := s.beat.w.Flush(); err != nil {
		return false
	}
	for { // the answer to an earlier question may have come late
		frames, err := s.beat.read(func([]byte) {})
		if err != nil || bytes.Equal(frames[len(frames)-1], asked[1]) {
			return err == nil
		}
	}
}

// Close ends all connections.
func (s *Client) Close() {
	s.ending.Do(func() {
		close(s.done)
		for _, p := range s.peers {
			p.close()
		}
		if s.beat != nil {
			_ = s.beat.conn.Close()
		}
	})
}
