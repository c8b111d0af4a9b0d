package httpkit

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed. The zero
// value believes nobody.
type Proxies struct{ trusted []netip.Prefix }

// ParseProxies reads addresses and networks such as "127.0.0.1" and "10.0.0.0/8".
func ParseProxies(list []string) (Proxies, error) {
	var p Proxies
	for _, text := range list {
		text = strings.TrimSpace(text)
		if addr, err := netip.ParseAddr(text); err == nil {
			addr = addr.Unmap()
			p.trusted = append(p.trusted, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return Proxies{}, fmt.Errorf("trusted proxy %q: %w", text, err)
		}
		if prefix.Bits() == 0 {
			return Proxies{}, fmt.Errorf("trusted proxy %q: would believe everyone", text)
		}
		p.trusted = append(p.trusted, prefix.Masked())
	}
	return p, nil
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p.trusted {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// Client gives the address a request really came from.
func (p Proxies) Client(r *http.Request) netip.Addr {
	client, _ := p.Resolve(r)
	return client
}

// maxHops is how many addresses of X-Forwarded-For are looked at; a longer chain is forged.
const maxHops = 16

// Resolve gives the client's address and whether she came over TLS.
//
// The chain is read from its end, the only part trusted machines wrote, up to the first
// address that is not theirs. An entry that is no address ends the walk: what stands before it
// was written by the client and is worth nothing.
func (p Proxies) Resolve(r *http.Request) (client netip.Addr, secure bool) {
	client = remoteAddr(r.RemoteAddr)
	secure = r.TLS != nil
	if len(p.trusted) == 0 || !p.trusts(client) {
		return client, secure
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		secure = proto == "https"
	}
	hops := 0
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for rest != "" && hops < maxHops {
			cut := strings.LastIndexByte(rest, ',')
			addr, ok := parseHop(rest[cut+1:])
			if !ok {
				return client, secure
			}
			client = addr
			if !p.trusts(addr) {
				return client, secure
			}
			rest = rest[:max(cut, 0)]
			hops++
		}
	}
	return client, secure
}

func remoteAddr(remote string) netip.Addr {
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(remote)
	return addr.Unmap().WithZone("")
}

// parseHop reads 203.0.113.7, 203.0.113.7:4711, 2001:db8::1 or [2001:db8::1]:4711.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 64 {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		host, _, splitErr := net.SplitHostPort(text)
		if splitErr != nil {
			return netip.Addr{}, false
		}
		if addr, err = netip.ParseAddr(host); err != nil {
			return netip.Addr{}, false
		}
	}
	return addr.Unmap().WithZone(""), true
}

// Bucket folds an address to what one household or one attacker holds: IPv4 as it is, IPv6 to
// its /64, so that a line with 2^64 addresses counts as one.
func Bucket(a netip.Addr) netip.Addr {
	if a.Is6() && !a.Is4In6() {
		if prefix, err := a.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return a
}
