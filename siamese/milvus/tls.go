package milvus

import (
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// badHandshake returns whether the two ends do not agree on encryption. gRPC gives the reason as text alone.
func badHandshake(err error) bool {
	text := err.Error()
	return status.Code(err) == codes.Unavailable &&
		(strings.Contains(text, "handshake failed: tls:") || strings.Contains(text, "handshake failed: x509:"))
}
