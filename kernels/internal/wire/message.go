package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version is the version of Jupyter's protocol that messages are of.
const Version = "5.4"

// Header is the header of a message.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one message of Jupyter's protocol. What is JSON stays as it came; nil stands for an empty object.
type Message struct {
	Identities [][]byte        // whom a reply goes to: the frames before the delimiter
	Header     Header          // its header, as far as it is understood
	Head       json.RawMessage // its header as it came, to be the parent of replies; nil in a new message
	Parent     json.RawMessage // the header of the message that it answers
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}

// ParentID returns the id of the message that this one answers, or "".
func (m Message) ParentID() string {
	var parent Header
	_ = json.Unmarshal(m.Parent, &parent) // checked to be an object when it was received
	return parent.ID
}

// delimiter stands between identities and the message proper.
const delimiter = "<IDS|MSG>"

// Errors of frames that are no message.
var (
	ErrFrames    = errors.New("the frames are no message of Jupyter's protocol")
	ErrSignature = errors.New("the signature of the message is wrong")
)

// Signer makes messages of one session and checks those of others.
type Signer struct {
	key     []byte
	session string
}

// NewSigner returns a signer with the key of a connection file, for a new session. "" = messages are not signed.
func NewSigner(key string) *Signer { return &Signer{key: []byte(key), session: NewID()} }

// NewID returns a random identifier, as those of messages and keys.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// New returns a message of a type, with content as JSON; nil = an empty object. It answers the message with the header
// parent; nil = none.
func (s *Signer) New(kind string, parent json.RawMessage, content any) (Message, error) {
	var raw json.RawMessage
	if content != nil {
		var err error
		if raw, err = json.Marshal(content); err != nil {
			return Message{}, fmt.Errorf("message %s: %w", kind, err)
		}
	}
	return Message{
		Header: Header{ID: NewID(), Session: s.session, Username: "kernel", Type: kind, Version: Version,
			Date: time.Now().UTC().Format(time.RFC3339Nano)},
		Parent: parent, Content: raw,
	}, nil
}

// sign returns the signature of the four parts; it is empty without a key.
func (s *Signer) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Frames returns a message as signed frames.
func (s *Signer) Frames(m Message) ([][]byte, error) {
	head := []byte(m.Head)
	if head == nil {
		var err error
		if head, err = json.Marshal(m.Header); err != nil {
			return nil, err
		}
	}
	parts := [][]byte{head, object(m.Parent), object(m.Metadata), object(m.Content)}
	frames := append(append([][]byte{}, m.Identities...), []byte(delimiter), s.sign(parts))
	return append(append(frames, parts...), m.Buffers...), nil
}

// object returns JSON, or an empty object where there is none.
func object(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// Parse reads a message from frames and checks its signature. The error matches [ErrFrames] or [ErrSignature]; nothing
// of a message with a wrong signature is looked at.
func (s *Signer) Parse(frames [][]byte) (Message, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], []byte(delimiter)) {
		at++
	}
	if len(frames)-at < 6 {
		return Message{}, fmt.Errorf("%w: %d frames, %d of them before the delimiter %s", ErrFrames, len(frames), at,
			delimiter)
	}
	parts := frames[at+2 : at+6]
	if len(s.key) > 0 && !hmac.Equal(frames[at+1], s.sign(parts)) {
		return Message{}, ErrSignature
	}
	m := Message{Identities: frames[:at:at], Head: parts[0], Parent: parts[1], Metadata: parts[2], Content: parts[3],
		Buffers: frames[at+6:]}
	for i, part := range parts {
		if text := bytes.TrimSpace(part); len(text) == 0 || text[0] != '{' || !json.Valid(text) {
			return Message{}, fmt.Errorf("%w: part %d of 4 is no JSON object", ErrFrames, i+1)
		}
	}
	if err := json.Unmarshal(m.Head, &m.Header); err != nil {
		return Message{}, fmt.Errorf("%w: its header: %w", ErrFrames, err)
	}
	if m.Header.Type == "" || m.Header.ID == "" {
		return Message{}, fmt.Errorf("%w: its header has no type or no id", ErrFrames)
	}
	return m, nil
}
