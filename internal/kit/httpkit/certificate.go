package httpkit

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateEvery is how often the files of a certificate are looked at for a newer one.
const certificateEvery = time.Minute

// Certificate is a TLS certificate in files, taken anew when they change: who renews it (a certificate lives some ninety days)
// has to restart nothing. Get one from OpenCertificate; it may be used by several goroutines.
type Certificate struct {
	file, key string
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamps [2]time.Time
	looked time.Time
}

// OpenCertificate reads a certificate and its key, both PEM. It fails when they cannot be read or do not belong together.
func OpenCertificate(file, key string, now func() time.Time, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{file: file, key: key, now: now, log: log, looked: now()}
	stamps, err := c.changed()
	if err != nil {
		return nil, err
	}
	return c, c.load(stamps)
}

// Get is GetCertificate of a tls.Config. A renewal that cannot be used, for instance because only one of the two files is
// there yet, is logged and tried again; meanwhile the earlier certificate goes on.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= certificateEvery {
		c.looked = now
		stamps, err := c.changed()
		if err == nil && stamps != c.stamps {
			err = c.load(stamps)
		}
		if err != nil {
			c.log.Error("certificate not renewed", "err", err)
		}
	}
	return c.pair, nil
}

func (c *Certificate) changed() (stamps [2]time.Time, err error) {
	for i, path := range []string{c.file, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return stamps, fmt.Errorf("look at certificate: %w", err)
		}
		stamps[i] = info.ModTime()
	}
	return stamps, nil
}

func (c *Certificate) load(stamps [2]time.Time) error {
	pair, err := tls.LoadX509KeyPair(c.file, c.key)
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	c.pair, c.stamps = &pair, stamps
	return nil
}
