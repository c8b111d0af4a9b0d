package httpkit_test

import (
	"crypto/tls"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/kit/httpkit"
)

func TestClientBehindProxies(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		trusted []string
		remote  string
		forward []string
		want    string
	}{
		{"nobody is trusted", nil, "203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7"},
		{"remote is not a proxy", []string{"10.0.0.0/8"}, "203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7"},
		{"one proxy", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"client forged a longer chain", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"two header lines", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4", "198.51.100.1"}, "198.51.100.1"},
		{"only proxies", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no header", []string{"10.0.0.0/8"}, "10.0.0.1:1", nil, "10.0.0.1"},
		{"rubbish ends the walk", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"empty element", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4, "}, "10.0.0.1"},
		{"with port", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6 with port", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"[2001:db8::5]:4711"}, "2001:db8::5"},
		{"IPv6", []string{"::1"}, "[::1]:1", []string{"2001:db8::5"}, "2001:db8::5"},
		{"IPv4 in IPv6 is the same address", []string{"127.0.0.1"}, "[::ffff:127.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"zone is dropped", []string{"fe80::/10"}, "[fe80::1%eth0]:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a chain without end", []string{"10.0.0.0/8"}, "10.0.0.1:1", []string{"1.2.3.4" + strings.Repeat(", 10.0.0.2", 500)}, "10.0.0.2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			proxies, err := httpkit.ParseProxies(c.trusted)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			r.Header["X-Forwarded-For"] = c.forward
			if got := proxies.Client(r); got.String() != c.want {
				t.Errorf("client is %s, want %s", got, c.want)
			}
		})
	}
}

func TestSchemeBehindProxies(t *testing.T) {
	t.Parallel()
	proxies, err := httpkit.ParseProxies([]string{"10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, remote, proto string
		tls, want           bool
	}{
		{"the proxy speaks TLS outside", "10.0.0.1:1", "https", false, true},
		{"the proxy does not", "10.0.0.1:1", "http", true, false},
		{"anyone else is not asked", "203.0.113.7:1", "https", false, false},
		{"TLS by ourselves", "203.0.113.7:1", "", true, true},
	}
	for _, c := range cases {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if _, got := proxies.Resolve(r); got != c.want {
			t.Errorf("%s: secure is %v", c.name, got)
		}
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"0.0.0.0/0", "::/0", "proxy.local", "10.0.0.0/33", ""} {
		if _, err := httpkit.ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Whatever a client writes into the header, the address seen is the one the nearest trusted
// proxy saw, never one of the client's choosing.
func TestClientCannotChooseHerAddress(t *testing.T) {
	t.Parallel()
	proxies, err := httpkit.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		forged := rapid.StringOf(rapid.RuneFrom([]rune("0123456789.:,[] a"))).Draw(t, "forged")
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header["X-Forwarded-For"] = []string{forged + ", 198.51.100.1"}
		if got := proxies.Client(r).String(); got != "198.51.100.1" {
			t.Fatalf("client is %s", got)
		}
	})
}

func TestBucketFoldsIPv6(t *testing.T) {
	t.Parallel()
	a, b := netip.MustParseAddr("2001:db8:1:2::1"), netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if httpkit.Bucket(a) != httpkit.Bucket(b) {
		t.Error("two addresses of one line are two buckets")
	}
	if v4 := netip.MustParseAddr("198.51.100.1"); httpkit.Bucket(v4) != v4 {
		t.Error("an IPv4 address was changed")
	}
}

func FuzzForwardedFor(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "[::1]:2, x", ",,,", "::ffff:1.2.3.4", strings.Repeat("9", 100)} {
		f.Add(s)
	}
	proxies, err := httpkit.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header["X-Forwarded-For"] = []string{header}
		if got := proxies.Client(r); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("%q gives %v", header, got)
		}
	})
}
