package app

import (
	"testing"

	"tepat/internal/edge/cli"
)

func TestPapersNameTheAddressOfCitizens(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		addr, public, host, want string
	}{
		"beside the officials' site":           {"", "", "tepat.ambon.go.id", "tepat.ambon.go.id/publik"},
		"beside it, under a name of their own": {"", "cek.ambon.go.id", "10.0.0.5:8080", "cek.ambon.go.id/publik"},
		"a listener with a name":               {"127.0.0.1:8081", "cek.ambon.go.id", "tepat.ambon.go.id", "cek.ambon.go.id"},
		"a port of this machine":               {":8443", "", "tepat.ambon.go.id:8080", "tepat.ambon.go.id:8443"},
		"every address of this machine":        {"0.0.0.0:443", "", "tepat.ambon.go.id", "tepat.ambon.go.id"},
		"the loopback":                         {"127.0.0.1:8081", "", "127.0.0.1:8080", "127.0.0.1:8081"},
		"an address":                           {"192.0.2.7:8443", "", "tepat.ambon.go.id", "192.0.2.7:8443"},
		"a name that is listened on":           {"cek.ambon.go.id:443", "", "tepat.ambon.go.id", "cek.ambon.go.id"},
	} {
		o := cli.ServeOptions{PublicAddr: tt.addr, PublicName: tt.public}
		if got := citizensAt(o)(tt.host); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
