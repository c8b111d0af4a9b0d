package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"

	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/edge/web"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/httpkit"
	"tepat/internal/kit/i18n"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/lookups"
	"tepat/internal/service/payments"
	"tepat/internal/service/visits"
	"tepat/web/assets"
	"tepat/web/guide"
	"tepat/web/site"
	"tepat/web/ui"
)

// Sessions end after half an hour without a request, and after a working day in any case.
const (
	sessionIdle     = 30 * time.Minute
	sessionLifetime = 12 * time.Hour
	shutdownGrace   = 10 * time.Second
)

// frame is what is the same on every page.
func (b *house) frame(prefix string) ui.Site {
	say := b.catalogue.Printer(i18n.Indonesian)
	return ui.Site{
		Name: "Tepat", Place: b.Home.Name, HomeHref: "/", Training: b.Home.Training, Version: b.version, Links: site.FooterLinks(say, prefix),
	}
}

// officials builds the handler of the officials' site.
func (b *house) officials(ctx context.Context, secure bool, proxies httpkit.Proxies, demo func() []site.Demo) (http.Handler, error) {
	frame := b.frame("")
	ground := &httpkit.Web{Log: b.log, SignIn: "/masuk", Page: site.ErrorPages(frame, site.Contact{Office: b.Home.Name})}
	store, err := accounts.NewSessions(ctx, b.DB, b.Keys, b.Acts.Now)
	if err != nil {
		return nil, err
	}
	sessions := httpkit.NewSessions(store, ground, httpkit.SessionConfig{Idle: sessionIdle, Lifetime: sessionLifetime, Secure: secure, Now: b.Acts.Now})
	mux := httpkit.NewMux(ground)
	web.New(b.desk(demo), sessions, ground, frame).Register(mux)
	if b.Home.Training {
		guide.Register(mux, frame)
	}
	if err := b.common(mux, frame); err != nil {
		return nil, err
	}
	return httpkit.Front{Next: mux, Web: ground, Catalogue: b.catalogue, Proxies: proxies, Access: b.log, Cookies: true, HSTS: secure, Secure: secure}.Handler()
}

// common mounts assets and the plain pages every site has.
func (b *house) common(mux *httpkit.Mux, frame ui.Site) error {
	if err := mountAssets(mux); err != nil {
		return err
	}
	site.Register(mux, frame, site.Contact{Office: b.Home.Name}, b.state)
	return nil
}

func mountAssets(mux *httpkit.Mux) error {
	files, err := httpkit.Assets(assets.Files(), assets.Prefix)
	if err != nil {
		return fmt.Errorf("serve assets: %w", err)
	}
	mux.Mount(assets.Prefix, files)
	return nil
}

// desk gives the pages the services they call.
func (b *house) desk(demo func() []site.Demo) web.Services {
	return web.Services{
		Home: b.Home, Places: b.Places, Accounts: b.Accounts, Registry: b.Registry, Civil: b.Civil, Suggestions: b.Suggestions, Exchange: b.Exchange, Runs: b.Runs,
		Proposals: b.Proposals, Screening: b.Screening, Criteria: b.Criteria, Facts: b.ref.vocabulary, Signs: b.ref.signs,
		Insight: b.Insight, Counter: lookups.NewDesk(b.Acts, b.Registry, b.Programmes, b.Letters, b.Places), Own: b.ownRecord(), Looks: b.looks(), Programme: b.programmeName,
		Duplicates: b.Duplicates, Identity: b.Identity, Programmes: b.Programmes, Payments: b.Payments, Letters: b.Letters, Visits: visits.New(b.Acts, b.Keys, b.Registry, b.Places), Grievances: b.Grievances, Papers: b.Papers,
		Paid: func(ctx context.Context, tenant area.Tenant, family sqldb.ID) ([]payments.Payment, error) {
			return b.Payments.OfFamily(ctx, b.DB.Direct(), tenant, family)
		},
		Acts: b.Acts, Sealer: b.Sealer, Keys: b.Keys, Now: b.Acts.Now, Uploads: b.uploadDir(), UploadLimit: b.uploadLimit, Citizens: b.citizensAt, Demo: demo,
	}
}

// uploadDir is the folder of files sent through the browser.
func (b *house) uploadDir() string { return filepath.Join(b.DataDir, "uploads") }

// serve answers requests until the context ends.
func (b *house) serve(ctx context.Context, o cli.ServeOptions) error {
	secure := o.Certificate != "" || len(o.ACME) > 0
	for _, addr := range []string{o.Addr, o.PublicAddr} {
		if addr != "" && !secure && !httpkit.IsLoopback(addr) && len(o.Proxies) == 0 {
			return fail.Invalid("serve.plain_http", "addr", addr)
		}
	}
	proxies, err := httpkit.ParseProxies(o.Proxies)
	if err != nil {
		return err
	}
	b.uploadLimit, b.citizensAt = o.UploadLimit, citizensAt(o)
	responsive()
	handler, err := b.officials(ctx, secure, proxies, demoAccounts(o.Demo))
	if err != nil {
		return err
	}
	listener, err := b.listen(o, o.Addr)
	if err != nil {
		return err
	}
	prefix := publicPrefix
	if o.PublicAddr != "" {
		prefix = ""
	}
	citizens, err := b.citizens(ctx, prefix, secure, proxies)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if !o.NoJobs {
		if err := b.work(ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	defer b.keepAlike(ctx)()
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	if o.Ready != nil {
		o.Ready(scheme + listener.Addr().String())
	}
	if o.PublicAddr == "" {
		return httpkit.Serve(ctx, httpkit.NewServer(b.tellHealth(beside(citizens, handler)), b.log), listener, shutdownGrace)
	}
	outside, err := b.listen(o, o.PublicAddr)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return httpkit.Serve(ctx, httpkit.NewServer(b.tellHealth(handler), b.log), listener, shutdownGrace)
	})
	group.Go(func() error {
		return httpkit.Serve(ctx, httpkit.NewServer(b.tellHealth(citizens), b.log), outside, shutdownGrace)
	})
	return group.Wait()
}

// listen opens the address, with TLS by certificate files or by ACME.
func (b *house) listen(o cli.ServeOptions, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fail.Unavailable("serve.address", "addr", addr).Because(err)
	}
	switch {
	case o.Certificate != "":
		pair, err := httpkit.OpenCertificate(o.Certificate, o.Key, time.Now, b.log)
		if err != nil {
			return nil, errors.Join(fail.Invalid("serve.certificate").Because(err), l.Close())
		}
		return tls.NewListener(l, &tls.Config{GetCertificate: pair.Get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
	case len(o.ACME) > 0:
		manager := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(b.DataDir, "acme")), HostPolicy: autocert.HostWhitelist(o.ACME...)}
		return tls.NewListener(l, manager.TLSConfig()), nil
	default:
		return l, nil
	}
}

// demoAccounts lists the accounts of a training installation for its sign-in page.
func demoAccounts(list []cli.DemoLogin) func() []site.Demo {
	if len(list) == 0 {
		return nil
	}
	out := make([]site.Demo, len(list))
	for i, a := range list {
		out[i] = site.Demo{Role: a.Role, Username: a.Login, Password: a.Password}
	}
	return func() []site.Demo { return out }
}

// logger writes to standard error as JSON lines, ids and no names.
func logger(level slog.Level, to interface{ Write([]byte) (int, error) }) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}

// state asks the database whether the services can answer.
func (b *house) state(ctx context.Context, p i18n.Printer) site.StatusView {
	version, err := b.DB.SchemaVersion(ctx)
	chip := ui.Chip{Label: p.Text("serve.state.well"), Tone: ui.Good}
	if err != nil || version == 0 {
		chip = ui.Chip{Label: p.Text("serve.state.down"), Tone: ui.Bad}
	}
	return site.StatusView{AllWell: err == nil, Services: []site.ServiceState{
		{Name: p.Text("serve.state.registry"), Chip: chip}, {Name: p.Text("serve.state.check"), Chip: chip},
	}}
}
