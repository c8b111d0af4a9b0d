package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tepat/internal/edge/cli"
)

// certified makes a certificate for this machine and writes it with its key.
func certified(t *testing.T) (file, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"dinsos.example"}, IsCA: true, BasicConstraintsValid: true,
	}
	public, err := x509.CreateCertificate(rand.Reader, made, made, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, key, trust = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public})
	trust.AppendCertsFromPEM(text)
	for path, content := range map[string][]byte{file: text, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, key, trust
}

// newInstalled is an installation of an office with nobody in it, made by the command.
func newInstalled(t *testing.T) place {
	t.Helper()
	dir := t.TempDir()
	p := place{db: filepath.Join(dir, "data", "tepat.db"), keys: filepath.Join(dir, "keys")}
	tepat(t, 0, "install", "--name", "Dinas Sosial Kota Ambon", "--area", "81.71", "--admin", "rahma=Rahma Contoh", "--head", "yusuf=Yusuf Contoh", "--db", p.db, "--keys", p.keys)
	return p
}

func asked(t *testing.T, client *http.Client, url string) (*http.Response, string) {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// TestAnOfficeServesOverTLS starts the program with certificate files as an office does.
func TestAnOfficeServesOverTLS(t *testing.T) {
	t.Parallel()
	p := newInstalled(t)
	file, key, trust := certified(t)
	served := p.serve(t, "--certificate", file, "--key", key)
	if !strings.HasPrefix(served.url, "https://") {
		t.Fatalf("served at %s", served.url)
	}
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: trust, ServerName: "dinsos.example"}}}
	page, body := asked(t, client, served.url+"/masuk")
	if page.StatusCode != http.StatusOK || page.ProtoMajor != 2 || page.Header.Get("Strict-Transport-Security") == "" || !strings.Contains(body, "Dinas Sosial Kota Ambon") {
		t.Errorf("sign-in: %s %s, %v", page.Status, page.Proto, page.Header)
	}
	for _, one := range page.Cookies() {
		if !one.Secure || !one.HttpOnly {
			t.Errorf("cookie %s over TLS: %+v", one.Name, one)
		}
	}
	if health, body := asked(t, client, served.url+healthPath); health.StatusCode != http.StatusOK || body != "baik\n" || len(health.Cookies()) > 0 {
		t.Errorf("health: %s %q", health.Status, body)
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, ServerName: "dinsos.example", MaxVersion: tls.VersionTLS11}}}
	if _, err := old.Get(served.url + healthPath); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	served.stop(t)
}

// TestWhatMayBeReachedFromElsewhereIsNotServedInTheClear asks for each address that is refused.
func TestWhatMayBeReachedFromElsewhereIsNotServedInTheClear(t *testing.T) {
	t.Parallel()
	p := newInstalled(t)
	file, key, _ := certified(t)
	other, _, _ := certified(t)
	for _, c := range []struct {
		code  string
		flags []string
	}{
		{"serve.plain_http", []string{"--addr", "0.0.0.0:0"}},
		{"serve.plain_http", []string{"--addr", ":0"}},
		{"serve.plain_http", []string{"--addr", "127.0.0.1:0", "--public-addr", "0.0.0.0:0"}},
		{"serve.certificate", []string{"--addr", "127.0.0.1:0", "--certificate", other, "--key", key}},
		{"serve.certificate", []string{"--addr", "127.0.0.1:0", "--certificate", key, "--key", file}},
	} {
		if no := tepat(t, cli.ExitUsage, p.args(append([]string{"serve"}, c.flags...)...)...); no["error"] != c.code {
			t.Errorf("%v: %v", c.flags, no)
		}
	}
}

func TestHealthSaysWhetherTheDatabaseAnswers(t *testing.T) {
	t.Parallel()
	times, wrong := 0, error(nil)
	h := &health{ask: func(context.Context) error { times++; return wrong }}
	for _, c := range []struct {
		method string
		err    error
		later  bool
		status int
		body   string
	}{
		{http.MethodGet, nil, true, http.StatusOK, "baik\n"},
		{http.MethodGet, errors.New("gone"), false, http.StatusOK, "baik\n"}, // asked again within the second
		{http.MethodGet, errors.New("gone"), true, http.StatusServiceUnavailable, "terganggu\n"},
		{http.MethodHead, errors.New("gone"), true, http.StatusServiceUnavailable, ""},
		{http.MethodGet, nil, true, http.StatusOK, "baik\n"},
	} {
		if wrong = c.err; c.later {
			h.at = time.Time{}
		}
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest(c.method, healthPath, nil))
		if got.Code != c.status || got.Body.String() != c.body {
			t.Errorf("%+v: %d %q", c, got.Code, got.Body)
		}
	}
	if times != 4 {
		t.Errorf("the database was asked %d times", times)
	}
}
