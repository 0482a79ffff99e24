package milvus

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
)

// Config says which collection of which server, and how to reach it.
type Config struct {
	Address    string // host:port, or a URL; https means TLS
	Database   string // "" = the default one
	Collection string // letters, digits and _, not beginning with a digit

	Token    string // of an API key, or user:password; "" = none
	Username string // with Password, in place of Token
	Password string

	TLS bool   // encrypt; the server's certificate must be valid for the host
	CA  string // file of PEM certificates that are trusted in place of the system's; means TLS
	// Plaintext allows a secret to be sent without TLS to another host than this one.
	Plaintext bool

	Timeout time.Duration // of each try of a request; 0 means 10 s. Loading and flushing collections have 30 times as long
	Retries int           // tries after the first where a server cannot be reached or is busy; 0 means 6, negative none

	Index IndexConfig // of a collection that is created
}

// IndexConfig says how a server finds embeddings. The zero value is FLAT.
type IndexConfig struct {
	Kind           Kind `json:"kind"`
	Links          int  `json:"links,omitempty"`           // of HNSW (M of the paper), from 4 to 256; 0 means 16
	EfConstruction int  `json:"ef_construction,omitempty"` // of HNSW; 0 means 200
}

// Kind is a kind of index.
type Kind string

// The kinds of index.
const (
	Flat Kind = "flat" // compares all: exact answers
	HNSW Kind = "hnsw" // a graph: answers with a certificate
)

const (
	defaultTimeout = 10 * time.Second
	defaultRetries = 6
	slow           = 30 // times a timeout, for what works on all items
	maxEf          = 1 << 15
)

var collectionName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,254}$`)

// Validate returns every fault at once, or nil.
func (c Config) Validate() error {
	var faults []error
	wrong := func(name, format string, args ...any) {
		faults = append(faults, option.Errorf(name, format, args...))
	}
	if c.Address == "" {
		wrong("Address", "it is empty: give the server's host:port, such as localhost:19530")
	}
	if !collectionName.MatchString(c.Collection) {
		wrong("Collection", "%s: a name has up to 255 letters, digits and _, and begins with no digit",
			quote.Quoted(c.Collection))
	}
	if c.Token != "" && (c.Username != "" || c.Password != "") {
		wrong("Token", "a token and a user with a password are two ways: give one")
	}
	if (c.Username == "") != (c.Password == "") {
		wrong("Username", "a user and a password belong together: give both")
	}
	if c.secret() && !c.encrypted() && !c.Plaintext && !c.here() {
		wrong("TLS", "a secret would cross the network readable: use TLS, or allow Plaintext")
	}
	if c.Timeout < 0 {
		wrong("Timeout", "%v is negative", c.Timeout)
	}
	return errors.Join(append(faults, c.Index.Validate())...)
}

// Validate returns every fault at once, or nil.
func (c IndexConfig) Validate() error {
	var faults []error
	within := func(name string, n, least, most int) {
		if n != 0 && c.Kind != HNSW {
			faults = append(faults, option.Errorf(name, "it has no effect without a graph (%s)", HNSW))
		} else if n != 0 && (n < least || n > most) {
			faults = append(faults, option.Errorf(name, "%d: it must be from %d to %d, or 0 for the default", n, least, most))
		}
	}
	if c.Kind != "" && c.Kind != Flat && c.Kind != HNSW {
		faults = append(faults, option.Errorf("Kind", "%s is not known: choose %s or %s", quote.Quoted(string(c.Kind)), Flat,
			HNSW))
	}
	within("Links", c.Links, 4, 256)
	within("EfConstruction", c.EfConstruction, 8, maxEf)
	return errors.Join(faults...)
}

// withDefaults returns c with defaults for zeros.
func (c IndexConfig) withDefaults() IndexConfig {
	if c.Kind = cmp.Or(c.Kind, Flat); c.Kind == HNSW {
		c.Links, c.EfConstruction = cmp.Or(c.Links, 16), cmp.Or(c.EfConstruction, 200)
	}
	return c
}

func (c Config) secret() bool { return c.Token != "" || c.Password != "" }
func (c Config) encrypted() bool {
	return c.TLS || c.CA != "" || strings.HasPrefix(c.Address, "https://")
}

// here returns whether the address is of this machine.
func (c Config) here() bool {
	host := strings.TrimPrefix(c.Address, "http://")
	host, _, _ = strings.Cut(host, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// transport returns what encrypts; nil = nothing does.
func (c Config) transport() (credentials.TransportCredentials, error) {
	if !c.encrypted() {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, &option.Error{Option: "CA", Err: err}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, option.Errorf("CA", "%s has no certificate in PEM", quote.Text(c.CA))
		}
	}
	return credentials.NewTLS(config), nil
}
