package worker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// arguments are those of an operation, as a call has them in JSON. Their JSON is a part of the key, so that a default
// which is spelt out is another key than one that is left out: at worst something is computed twice.
type arguments interface {
	// inputs are the keys of the values that the operation is given.
	inputs() []string
	// files are the paths that it reads.
	files() []string
	// run computes.
	run(ctx context.Context, t *task) (*made, error)
}

// made is what an operation computed.
type made struct {
	name  string                    // for people
	text  string                    // what the value says of itself
	facts any                       // of its handle, as JSON
	write func(folder string) error // its files; nil = none
	// object is the value in memory; nil = it is read from its files when it is wanted.
	object object
	// partial says that it is not the whole: it is answered with the error and kept under a key of its own.
	partial bool
}

// operation is a kind of call.
type operation struct {
	kind string // of its values
	args func() arguments
	// backend says that the result depends on the backend: who computes is a part of the key.
	backend bool
	// durable says that its values took long to compute: they are on the disk before the call is answered.
	durable bool
}

// decodeArgs fills args from the JSON of a call. A field that it does not know comes from a client of other code.
func decodeArgs(op string, body json.RawMessage, args any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(args); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the arguments cannot be read (%w): the program was built from other code than the "+
			"session's worker: run the cell again", op, err)
	}
	return nil
}

// dispatch answers a call.
func (w *Worker) dispatch(ctx context.Context, c *client, m wire.Message, r *running) (wire.Message, error) {
	if special, ok := specials[m.Op]; ok {
		var answer wire.Message
		err := guarded(func() (err error) {
			answer, err = special(ctx, w, c, m.Body)
			return err
		})
		return answer, err
	}
	op, ok := operations[m.Op]
	if !ok {
		return wire.Message{}, fmt.Errorf("the session has no call %q: the program was built from other code than the "+
			"session's worker: run the cell again", m.Op)
	}
	args := op.args()
	if err := decodeArgs(m.Op, m.Body, args); err != nil {
		return wire.Message{}, err
	}
	value, err := w.value(ctx, m.Op, args, c.cell, r, func(body any) { c.event(m.Call, body) })
	if value == nil {
		return wire.Message{Told: readsOf(args)}, err
	}
	body, marshalErr := json.Marshal(value.Value)
	return wire.Message{Body: body, Told: value.told}, errors.Join(err, marshalErr)
}

// keyOf returns the key of a call, with the canonical JSON of its arguments.
func (w *Worker) keyOf(name string, args arguments) (string, json.RawMessage, error) {
	op := operations[name]
	text, err := json.Marshal(args)
	if err != nil {
		return "", nil, err
	}
	machine := ""
	if op.backend {
		if _, err := w.openBackend(); err != nil {
			return "", nil, err
		}
		machine = w.machine
	}
	var files []string
	for _, path := range args.files() {
		sum, err := w.hashes.Of(path)
		if err != nil {
			return "", nil, err
		}
		files = append(files, sum)
	}
	all, err := json.Marshal(struct {
		Op, Code, Machine string
		Args              json.RawMessage
		Files             []string
	}{name, w.code, machine, text, files})
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:]), text, nil
}

// lasting returns the [store.Record.Lasting] of a call.
func (w *Worker) lasting(name string, text json.RawMessage, args arguments) string {
	all := []string{name}
	for _, path := range args.files() {
		sum, _ := w.hashes.Of(path) // known from the key
		all = append(all, sum)
	}
	asked := string(text)
	for _, key := range args.inputs() {
		if r, err := w.record(key); err == nil && r.Lasting != "" { // one that is gone is an error of the computation
			asked = strings.ReplaceAll(asked, key, r.Lasting)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(append(all, asked), "\x00")))
	return hex.EncodeToString(sum[:])
}
