package assessments

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tepat/internal/domain/questionnaire"
	"tepat/internal/kit/sqldb"
)

// SetScoreChunk makes chunks small, so that a test can stop between two.
func SetScoreChunk(s *Service, n int) { s.chunk = n }

// Reborn gives the service as another process would make it.
func Reborn(s *Service) *Service {
	return &Service{acts: s.acts, reg: s.reg, forms: s.forms, keys: s.keys, model: s.model, workers: s.workers, chunk: s.chunk, places: s.places, duePage: s.duePage, dueMost: s.dueMost}
}

// SetDue makes acts and calls of ranking anew small, so that a test can stop between two.
func SetDue(s *Service, page, most int) { s.duePage, s.dueMost = page, most }

// ReadDocument reads a document of answers and writes them in order.
func ReadDocument(t *testing.T, document string) string {
	t.Helper()
	a := questionnaire.Answers{}
	if err := newKeys(questionnaire.Set{}).read(document, a); err != nil {
		return "error"
	}
	var out []string
	for key, v := range a {
		out = append(out, fmt.Sprintf("%s=%s", key, v.Text()))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Sampled tells whether a family is of the sample.
func Sampled(id sqldb.ID, official int64) bool { return sampled(id, official) }
