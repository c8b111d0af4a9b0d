package app

import (
	"net"
	"net/netip"

	"tepat/internal/edge/cli"
)

// citizensAt tells, from the host under which an officer reached the site, where citizens reach theirs, without scheme: what
// stands on papers. Beside the officials' site it is a folder of it; on a listener of its own the name it was given, else the
// address it listens on, with the officials' host where that says only a port of this machine.
func citizensAt(o cli.ServeOptions) func(host string) string {
	own, port, err := net.SplitHostPort(o.PublicAddr)
	switch {
	case o.PublicName != "":
		return func(string) string { return o.PublicName + besideOf(o) }
	case o.PublicAddr == "" || err != nil:
		return func(host string) string { return host + publicPrefix }
	}
	ip, err := netip.ParseAddr(own)
	named := own != "" && own != "localhost" && (err != nil || !ip.IsUnspecified() && !ip.IsLoopback())
	return func(host string) string {
		name := own
		if !named {
			name = host
			if h, _, err := net.SplitHostPort(host); err == nil {
				name = h
			}
		}
		if port == "443" || port == "80" {
			return name
		}
		return net.JoinHostPort(name, port)
	}
}

// besideOf is where citizens' pages begin on their host.
func besideOf(o cli.ServeOptions) string {
	if o.PublicAddr == "" {
		return publicPrefix
	}
	return ""
}
