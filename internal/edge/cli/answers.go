package cli

import (
	"fmt"
	"io"
	"slices"

	"tepat/internal/service/exchange"
	"tepat/internal/service/runs"
)

// refusalsShown is how many rows that were not taken a command tells.
const refusalsShown = 1000

// answersView is a run of answers with each row that was not taken, and why.
type answersView struct {
	runView
	Refused []exchange.Reject `json:"refused"`
}

// printTaken prints what a file of the ministry's answers or of the bank's results did. Rows that could not be read are in the
// rejects file, rows that could not be taken are told here: which proposal or payment they mean is known only when they are.
func (c *Call) printTaken(h *House, r runs.Run, rejects string) error {
	refused, err := h.Exchange.Refusals(c, r, refusalsShown)
	if err != nil {
		return err
	}
	slices.SortFunc(refused, func(a, b exchange.Reject) int { return a.Line - b.Line })
	v := answersView{runView: viewOf(h, r), Refused: slices.Clip(append([]exchange.Reject{}, refused...))}
	v.Rejects = written(rejects)
	if v.Rejected {
		c.code = ExitRejected
	}
	lines := v.lines(c)
	c.result(v, func(w io.Writer) {
		lines(w)
		for _, one := range refused {
			fmt.Fprintf(w, "%6d  %s\n", one.Line, one.Reason)
		}
	})
	return nil
}
