package milvus

import (
	"context"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// between is a server that passes requests on to another one, and can spoil them.
type between struct {
	address string
	// before sees the name of a request and what comes with it; an error is the answer.
	before func(name string, with metadata.MD) error
	// after sees the answer of the server and may change it; an error takes its place.
	after func(name string, answer []byte) ([]byte, error)
}

// raw are the bytes of a message.
type raw []byte

type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error)      { return *v.(*raw), nil }
func (rawCodec) Unmarshal(data []byte, v any) error { *v.(*raw) = append(raw{}, data...); return nil }
func (rawCodec) Name() string                       { return "raw" }

// start serves on a port of this machine until the end of the test.
func (b *between) start(t testing.TB, to string, options ...grpc.ServerOption) {
	t.Helper()
	conn, err := grpc.NewClient(to, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(1<<30)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = listener.Addr().String()
	server := grpc.NewServer(append(options, grpc.ForceServerCodec(rawCodec{}), grpc.MaxRecvMsgSize(1<<30),
		grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error { return b.pass(stream, conn) }))...)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-ended; _ = conn.Close() })
}

// pass passes a request on.
func (b *between) pass(stream grpc.ServerStream, conn *grpc.ClientConn) error {
	method, _ := grpc.MethodFromServerStream(stream)
	name := method[strings.LastIndex(method, "/")+1:]
	with, _ := metadata.FromIncomingContext(stream.Context())
	var in, out raw
	if err := stream.RecvMsg(&in); err != nil {
		return err
	}
	if b.before != nil {
		if err := b.before(name, with); err != nil {
			return err
		}
	}
	if err := conn.Invoke(context.WithoutCancel(stream.Context()), method, &in, &out); err != nil {
		return err
	}
	if b.after != nil {
		changed, err := b.after(name, out)
		if err != nil {
			return err
		}
		out = changed
	}
	return stream.SendMsg(&out)
}
