package insight

import (
	"strconv"
	"strings"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/payment"
	"tepat/internal/domain/programme"
	"tepat/internal/domain/proposal"
)

// The metrics of rollup, each a number of one area. Those of a kind share a name before their last dot.
const (
	metricFamilies       = "families"        // active, with members
	metricPersons        = "persons"         // active
	metricVillages       = "villages"        //
	metricAsleep         = "asleep"          // villages whose operators did nothing for long
	metricActivity       = "last_activity"   // of a village's operators, microseconds since 1970, UTC
	metricRefreshed      = "refreshed"       // of a district: when its figures were counted, microseconds since 1970
	metricOverdue        = "overdue"         // open proposals past their day
	metricOpen           = "open_proposals"  //
	metricDuplicates     = "open_duplicates" // pairs nobody has decided
	metricRepairs        = "open_repairs"    // payments that failed and nobody has dealt with
	metricRecipients     = "recipients"      // different persons in whose name something is given
	metricHelpedFamilies = "helped_families" // different families somebody of whom is enrolled

	prefixMatch    = "match."          // persons by civilmatch.Status
	prefixDecile   = "decile."         // families by decile, 0 unranked
	prefixPersons  = "decile_persons." // persons by the decile of their family
	prefixProposal = "proposal."       // by proposal.State
	prefixAge      = "age."            // open proposals by days since they were filed
	prefixFinding  = "finding."        // by state
	prefixPlace    = "place."          // programme and state: places on the list in force
	prefixPlaceSum = "place_amount."   // programme and state: rupiah of a stage
	prefixPay      = "pay."            // programme and standing: rows of its latest stage
	prefixPaySum   = "pay_amount."     // programme and standing: rupiah
)

// Ages are the buckets of open proposals by days since they were filed.
func Ages() []string { return []string{"0_7", "8_14", "15_30", "over_30"} }

// The standings of a payment row in figures: its final state, or where it is before it has one. Each row has one.
const (
	payOpen     = "open"     // on its way
	payCredited = "credited" // in the account, not used yet
)

// payStandings lists the standings in the order of a chart, the good end first.
func payStandings() []string {
	out := []string{}
	for _, s := range payment.Finals() {
		out = append(out, strings.ToLower(string(s)))
	}
	return append(out, payCredited, payOpen)
}

// placeStates are the states of a place on a list as programmes stores them, with their words.
var placeStates = [...]string{1: "enrolled", 2: "waiting", 3: "suspended"}

// numbers are the metrics of one area.
type numbers map[string]int64

// matched, notMatching and unasked split the persons by what the civil registry says of them.
func (n numbers) matched() int64 { return n[prefixMatch+civilmatch.Matched.Code()] }

func (n numbers) notMatching() (sum int64) { return n.ofGroup(civilmatch.NotMatching) }

func (n numbers) unasked() int64 { return n.ofGroup(civilmatch.Unknown) }

func (n numbers) ofGroup(g civilmatch.Group) (sum int64) {
	for _, s := range civilmatch.Statuses() {
		if s.Group() == g {
			sum += n[prefixMatch+s.Code()]
		}
	}
	return sum
}

// decile gives the families of a decile, 0 for those without one.
func (n numbers) decile(d int) int64 { return n[prefixDecile+strconv.Itoa(d)] }

func (n numbers) ranked() (sum int64) {
	for d := 1; d <= 10; d++ {
		sum += n.decile(d)
	}
	return sum
}

// poor gives the families of deciles 1 to 4.
func (n numbers) poor() (sum int64) {
	for d := 1; d <= 4; d++ {
		sum += n.decile(d)
	}
	return sum
}

// nonRecipients are the persons in whose name nothing is given.
func (n numbers) nonRecipients() int64 { return max(n[metricPersons]-n[metricRecipients], 0) }

func (n numbers) place(id programme.ID, state string) int64 {
	return n[prefixPlace+string(id)+"."+state]
}

func (n numbers) pay(id programme.ID, standing string) int64 {
	return n[prefixPay+string(id)+"."+standing]
}

// sum adds up the metrics that begin with a prefix.
func (n numbers) sum(prefix string) (total int64) {
	for metric, v := range n {
		if strings.HasPrefix(metric, prefix) {
			total += v
		}
	}
	return total
}

// put adds a number of an area within; the latest activity is no sum.
func (n numbers) put(metric string, v int64) {
	if metric == metricActivity {
		n[metric] = max(n[metric], v)
	} else {
		n[metric] += v
	}
}

// programmes gives the programmes the numbers speak of, from the names of the metrics.
func (n numbers) programmes(prefix string) (out []programme.ID) {
	seen := map[string]bool{}
	for metric := range n {
		rest, ok := strings.CutPrefix(metric, prefix)
		id, _, dotted := strings.Cut(rest, ".")
		if ok && dotted && !seen[id] {
			seen[id] = true
			out = append(out, programme.ID(id))
		}
	}
	return out
}

// openStates are the states of proposals on which somebody still has to act.
func openStates() (out []string) {
	for _, s := range proposal.States() {
		if s.Open() {
			out = append(out, string(s))
		}
	}
	return out
}
