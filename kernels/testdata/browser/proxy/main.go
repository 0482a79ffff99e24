// Command proxy stands before JupyterLab as a company's or a hub's server does: https, with a certificate of its own
// making, and nothing outside of one base path.
//
// It prints the address at which it listens.
//
//	go run ./kernels/testdata/browser/proxy 127.0.0.1:0 http://127.0.0.1:8888 /hub/user/ann/
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

// serve serves until it fails. args are the address to listen at, the server behind, and the base path.
func serve(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("it takes an address, a URL and a path, not %q", args)
	}
	behind, err := url.Parse(args[1])
	if err != nil {
		return err
	}
	cert, err := certificate()
	if err != nil {
		return err
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(behind)
		r.Out.Host = r.In.Host // the server compares it with the page's origin
		r.SetXForwarded()
	}}
	mux := http.NewServeMux()
	mux.Handle(args[2], proxy)
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}}
	return server.ServeTLS(listener, "", "")
}

// certificate returns a certificate for a day, signed by itself.
func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
