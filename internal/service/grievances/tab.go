package grievances

import (
	"context"
	"slices"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/proposal"
)

// Tab is a part of the queue: the states in which the same has to be done. Its words are
// grievances.tab.<tab> of the catalogue.
type Tab string

// The tabs, in the order of the path.
const (
	TabNew       Tab = "new"       // nobody has it yet
	TabHandled   Tab = "handled"   // an officer has it
	TabAsked     Tab = "asked"     // its filer was asked for more
	TabEscalated Tab = "escalated" // late or not content: the level above decides
	TabDone      Tab = "done"      // answered or decided
)

// Tabs lists the tabs in order.
func Tabs() []Tab { return []Tab{TabNew, TabHandled, TabAsked, TabEscalated, TabDone} }

// States gives the states of a tab, of objections and complaints; none for a word that is no tab.
func (t Tab) States() []string {
	switch t {
	case TabNew:
		return []string{string(proposal.ObjectionFiled), string(grievance.Received)}
	case TabHandled: // ASSIGNED is a word of both
		return []string{string(proposal.ObjectionAssigned), string(proposal.ObjectionFieldCheck)}
	case TabAsked:
		return []string{string(grievance.AwaitInfo)}
	case TabEscalated: // ESCALATED too
		return []string{string(grievance.Escalated)}
	case TabDone:
		return []string{string(proposal.ObjectionUpheld), string(proposal.ObjectionDismissed), string(grievance.Answered), string(grievance.Closed)}
	}
	return nil
}

// TabOf gives the tab of a state.
func TabOf(state string) Tab {
	for _, t := range Tabs() {
		if slices.Contains(t.States(), state) {
			return t
		}
	}
	return TabDone
}

// Waiting counts what the actor's office owes something about, by tab, for the first page. It shows
// nobody's data and is not recorded. Error: access.denied.
func (s *Service) Waiting(ctx context.Context, who access.Actor) (map[Tab]Count, error) {
	permission := handling(who)
	scope := who.ScopeOf(permission)
	home, _ := who.Home()
	if scope.Empty() {
		return nil, who.Allow(permission, s.places.TenantOf(home), home)
	}
	counts, err := countsIn(ctx, s.acts.DB().Direct(), who, permission, scope, area.Nation, s.places.LocalDate(home, s.acts.Now()))
	if err != nil {
		return nil, err
	}
	out := map[Tab]Count{}
	for _, states := range counts {
		for state, c := range states {
			sum := out[TabOf(state)]
			out[TabOf(state)] = Count{sum.All + c.All, sum.Overdue + c.Overdue}
		}
	}
	return out, nil
}
