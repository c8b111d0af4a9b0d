package web

import (
	"strconv"
	"time"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
)

var errNotFound = fail.NotFound("request.not_found")

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func atoi(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// momentWords says an instant kept as microseconds; zero is never.
func momentWords(p i18n.Printer, micros int64, d *Desk) string {
	if micros == 0 {
		return p.Text("insight.never")
	}
	return p.MomentShort(time.UnixMicro(micros).In(d.Places.Tree().Zone(d.Home.Home()).Location()))
}
