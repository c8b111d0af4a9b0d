package public

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/i18n"
	view "tepat/web/public"
)

// wait answers 429 and says when to come back, on the page and in Retry-After.
func (s *Site) wait(w http.ResponseWriter, r *http.Request, now time.Time, path string, why error) error {
	until := until(why, now)
	w.Header().Set("Retry-After", strconv.Itoa(int(until.Sub(now)/time.Second)))
	sentence := i18n.Of(r).Error(why)
	name := "wait " + path + " " + strconv.FormatInt(until.Unix(), 10) + " " + sentence
	return s.keptPage(w, r, http.StatusTooManyRequests, name, func(p i18n.Printer) templ.Component {
		page := s.page(p, path, "public.wait.title")
		return view.Wait(page, view.WaitView{Sentence: sentence, Until: p.Text("public.wait.until", "at", p.Moment(s.moment(until))), Again: s.href(p, path), Contact: s.o.Contact})
	})
}

// until reads from a limit when it ends: the facts "seconds", or "hours" counted from the
// hour it is now. It gives a whole minute, as clocks on walls do.
func until(why error, now time.Time) time.Time {
	end := now
	if e, ok := fail.As(why); ok {
		for _, f := range e.Facts {
			n, _ := f.Value.(int)
			switch f.Key {
			case "seconds":
				end = now.Add(time.Duration(n) * time.Second)
			case "hours":
				end = now.Truncate(time.Hour).Add(time.Duration(n) * time.Hour)
			}
		}
	}
	return end.Add(time.Minute - time.Nanosecond).Truncate(time.Minute)
}
