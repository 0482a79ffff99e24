package milvus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/search"
)

var searchOptions = search.Options{K: 3}

// A configuration says all that is wrong with it, and a secret does not leave the machine readable.
func TestValidate(t *testing.T) {
	ok := Config{Address: "127.0.0.1:1", Collection: "a_1"}
	for want, change := range map[string]func(*Config){
		"Address":        func(c *Config) { c.Address = "" },
		"Collection":     func(c *Config) { c.Collection = "a b" },
		"Token":          func(c *Config) { c.Token, c.Username, c.Password = "t", "u", "p" },
		"Username":       func(c *Config) { c.Username = "u" },
		"TLS":            func(c *Config) { c.Address, c.Token = "example.org:19530", "t" },
		"Timeout":        func(c *Config) { c.Timeout = -1 },
		"Kind":           func(c *Config) { c.Index.Kind = "tree" },
		"Links":          func(c *Config) { c.Index.Links = 8 },
		"EfConstruction": func(c *Config) { c.Index = IndexConfig{HNSW, 16, 3} },
		"":               func(c *Config) { c.Index = IndexConfig{HNSW, 4, 8} },
	} {
		c := ok
		change(&c)
		got := option.Names(c.Validate())
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", want, c.Validate())
		}
	}
	for _, address := range []string{"localhost:1", "http://127.0.0.1:1/db", "[::1]:1", "https://example.org", "::1"} {
		if err := (Config{Address: address, Collection: "a", Token: "t"}).Validate(); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A secret goes with every request, a wrong one is told as such, and TLS is only with a server that is trusted. Milvus
// Lite has neither, so that a server before it does both.
func TestSecretsAndTLS(t *testing.T) {
	c := config(t, "secret")
	plain := c
	certificate, ca := authority(t)
	b := &between{before: func(_ string, with metadata.MD) error {
		want := base64.StdEncoding.EncodeToString([]byte("user:it's a secret"))
		if got := with.Get("authorization"); len(got) != 1 || got[0] != want {
			return status.Error(codes.Unauthenticated, "auth check failure")
		}
		return nil
	}}
	b.start(t, c.Address, grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	c.Address, c.CA, c.Username, c.Password = b.address, ca, "user", "it's a secret"
	x := create(t, 4, c)
	if _, err := x.Stats(t.Context()); err != nil {
		t.Error(err)
	}
	byToken := c
	byToken.Username, byToken.Password, byToken.Token = "", "", "user:it's a secret"
	y, err := Open(t.Context(), byToken)
	if err != nil {
		t.Fatal(err)
	}
	if err := y.Close(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Config){
		"does not take this user and secret": func(c *Config) { c.Password = "guess" },
		"certificate signed by unknown":      func(c *Config) { c.CA, c.TLS = "", true },
		"has no certificate":                 func(c *Config) { c.CA = "go.mod" },
		"the encryption does not fit":        func(c *Config) { c.Address = plain.Address },
		"in 2 tries: is the server running":  func(c *Config) { c.CA = "" }, // the server hangs up
	} {
		wrong := c
		wrong.Retries = 1
		change(&wrong)
		_, err := Open(t.Context(), wrong)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "it's") ||
			strings.Contains(err.Error(), "guess") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// authority returns a certificate of 127.0.0.1 and a file of the authority that signed it, itself.
func authority(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	path := filepath.Join(t.TempDir(), "ca.pem")
	err = errors.Join(err, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, path
}
