package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/kit/fail"
	"tepat/internal/service/civil"
)

// SimulateCivil serves the imported civil file as a civil registry elsewhere would: with a
// key, a mode, a quota and failures to order. It is for training and rehearsals.
type SimulateCivil struct {
	Addr      string        `default:"127.0.0.1:8090" help:"Address to answer at; on this machine only."`
	Key       string        `required:"" env:"TEPAT_SIMULATED_KEY" help:"Key an institution must show."`
	Mode      string        `default:"values" enum:"values,yes_no,found" help:"How much it tells: values, yes_no or found."`
	Quota     int64         `help:"NIKs a day; 0 is no limit."`
	Latency   time.Duration `help:"Wait before every reply."`
	FailEvery int64         `help:"Refuse every so many-th request with 503; 0 refuses none."`
}

// Help gives an example.
func (SimulateCivil) Help() string {
	return "Only a training installation has it. Example: tepat civil simulate --key latihan --mode yes_no --quota 10000"
}

// Run answers until it is interrupted.
func (s SimulateCivil) Run(c *Call) error {
	return c.open(func(h *House) error {
		if !h.Home.Training {
			return fail.Forbidden("civil.training_only")
		}
		host, _, err := net.SplitHostPort(s.Addr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fail.Invalid("civil.simulate_addr").On("addr")
		}
		listener, err := net.Listen("tcp", s.Addr)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		server := &http.Server{Handler: s.simulator(h), ReadHeaderTimeout: 5 * time.Second}
		go func() {
			<-c.Done()
			_ = server.Close() // ends Serve, which is waited for
		}()
		fmt.Fprintln(c.Stderr, c.say.Text("cli.civil.simulating", "url", "http://"+listener.Addr().String()))
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
}

func (s SimulateCivil) simulator(h *House) *civil.Simulator {
	mode, _ := civilmatch.ModeNamed(s.Mode) // the command takes no other
	return civil.NewSimulator(civil.SimulatorOptions{
		Source: civil.FileSource(h.DB, h.Keys, h.Registry), Agreements: []civil.Agreement{{Key: civil.Key(s.Key), Mode: mode, Quota: s.Quota}},
		Latency: s.Latency, Zone: h.Places.Tree().Zone(h.Home.Home()).Location(),
		Fault: func(n int64) (f civil.Fault) {
			if s.FailEvery > 0 && n%s.FailEvery == 0 {
				f.Status = http.StatusServiceUnavailable
			}
			return f
		},
	})
}
