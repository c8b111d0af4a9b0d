package httpkit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var certified = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// certify writes a certificate of a serial number and its key, changed at a time.
func certify(t *testing.T, file, key string, serial int64, at time.Time) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: certified.AddDate(-1, 0, 0), NotAfter: certified.AddDate(50, 0, 0), DNSNames: []string{"dinsos.example"}}
	public, err := x509.CreateCertificate(rand.Reader, made, made, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{file: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARenewedCertificateIsTakenWithoutARestart asks a real listener what it shows, hour by hour.
func TestARenewedCertificateIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	file, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certify(t, file, key, 1, certified)
	now := certified
	var log bytes.Buffer
	c, err := OpenCertificate(file, key, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() int64 { return shownSerial(t, c) }
	if got := shown(); got != 1 {
		t.Errorf("at first: %d", got)
	}
	certify(t, file, key, 2, certified.Add(time.Hour))
	if got := shown(); got != 1 {
		t.Errorf("files are looked at again within a second: %d", got)
	}
	now = now.Add(certificateEvery)
	if got := shown(); got != 2 {
		t.Errorf("renewed: %d", got)
	}
	if err := os.WriteFile(file, []byte("half of a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certificateEvery)
	if got := shown(); got != 2 || !strings.Contains(log.String(), "certificate not renewed") {
		t.Errorf("half a file: %d, log %q", got, log.String())
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certificateEvery)
	if got := shown(); got != 2 {
		t.Errorf("no file: %d", got)
	}
	certify(t, file, key, 3, certified.Add(2*time.Hour))
	now = now.Add(certificateEvery)
	if got := shown(); got != 3 {
		t.Errorf("whole again: %d", got)
	}
}

// shownSerial shakes hands over a real connection.
func shownSerial(t *testing.T, c *Certificate) int64 {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	go func() {
		conn, err := tls.NewListener(plain, &tls.Config{GetCertificate: c.Get}).Accept()
		if err == nil {
			io.Copy(io.Discard, conn) // until the client goes
			conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", plain.Addr().String(), &tls.Config{InsecureSkipVerify: true}) // a certificate made here
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestACertificateThatCannotBeUsedIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, key, other := filepath.Join(dir, "a.pem"), filepath.Join(dir, "b.pem"), filepath.Join(dir, "c.pem")
	certify(t, file, key, 1, certified)
	certify(t, filepath.Join(dir, "d.pem"), other, 1, certified)
	for name, pair := range map[string][2]string{"no file": {filepath.Join(dir, "none.pem"), key}, "another's key": {file, other}, "the key for both": {key, key}} {
		if _, err := OpenCertificate(pair[0], pair[1], time.Now, slog.Default()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
