package civil

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tepat/internal/domain/civilmatch"
	"tepat/internal/domain/person"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/registry"
)

// Source gives the full answer for a NIK, whatever a mode allows.
type Source func(ctx context.Context, nik person.NIK) (civilmatch.Answer, error)

// RowsSource answers from rows in memory.
func RowsSource(rows []CivilRow) Source {
	held := make(map[person.NIK]civilmatch.Answer, len(rows))
	for i := range rows {
		r := &rows[i]
		held[r.NIK] = civilmatch.Answer{Outcome: civilmatch.Found, Mode: civilmatch.FullValues, State: r.Status, Civil: civilmatch.CivilRecord{
			KK: r.KK, Name: person.Name(r.Name), Sex: r.Sex, BirthDate: r.BirthDate, BirthPlace: r.BirthPlace, MotherName: person.Name(r.MotherName), Village: r.Area,
		}}
	}
	return func(_ context.Context, nik person.NIK) (civilmatch.Answer, error) {
		if a, ok := held[nik]; ok {
			return a, nil
		}
		return civilmatch.Answer{Outcome: civilmatch.NotFound, Mode: civilmatch.FullValues}, nil
	}
}

// FileSource answers from the imported civil file of a database.
func FileSource(db *sqldb.DB, keys *seal.Keyring, reg *registry.Service) Source {
	file := NewFile(keys, civilmatch.FullValues)
	return func(ctx context.Context, nik person.NIK) (civilmatch.Answer, error) {
		answers, err := file.Ask(ctx, db.Direct(), []Question{{Hash: reg.NIKHash(nik), Record: civilmatch.Record{NIK: nik}}})
		if err != nil {
			return civilmatch.Answer{}, err
		}
		return answers[0], nil
	}
}

// Agreement is what an institution may ask of the simulator.
type Agreement struct {
	Key   Key
	Mode  civilmatch.Mode
	Quota int64 // NIKs a day; 0 is no limit
}

// Fault is a failure the simulator is told to make. The zero Fault is none.
type Fault struct {
	Status  int  // refuse with this HTTP status
	Hang    bool // say nothing until the caller gives up
	Garbage bool // answer what is no JSON
	Cut     bool // break off in the middle of the answer
	Drop    int  // leave out so many answers at the end
}

// SimulatorOptions make a simulator.
type SimulatorOptions struct {
	Source     Source
	Agreements []Agreement
	Latency    time.Duration // before every reply
	// Fault gives the failure of the n-th request, from 1; nil makes none.
	Fault func(n int64) Fault

	// Zone, Now and Wait as in HTTPOptions.
	Zone *time.Location
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
}

// Simulator is a civil registry for demonstrations and tests: an http.Handler that speaks
// the protocol of HTTP, from synthetic rows, with quota, latency and failures to order.
type Simulator struct {
	o        SimulatorOptions
	mu       sync.Mutex
	requests int64
	day      string
	used     map[Key]int64
}

// NewSimulator makes a simulator.
func NewSimulator(o SimulatorOptions) *Simulator {
	d := HTTPOptions{Zone: o.Zone, Now: o.Now, Wait: o.Wait}.withDefaults()
	o.Zone, o.Now, o.Wait = d.Zone, d.Now, d.Wait
	return &Simulator{o: o, used: map[Key]int64{}}
}

// maxQuestions bounds a request to the simulator.
const maxQuestions = 1000

// ServeHTTP answers one batch.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.begin()
	if s.o.Latency > 0 && s.o.Wait(r.Context(), s.o.Latency) != nil {
		return
	}
	if fault.Hang {
		<-r.Context().Done()
		return
	}
	if fault.Status != 0 {
		refuse(w, fault.Status, "fault")
		return
	}
	agreement, ok := s.agreement(r.Header.Get(keyHeader))
	if !ok {
		refuse(w, http.StatusUnauthorized, "key")
		return
	}
	var request wireRequest
	body := http.MaxBytesReader(w, r.Body, maxQuestions<<10)
	if err := json.NewDecoder(body).Decode(&request); r.Method != http.MethodPost || err != nil || len(request.Questions) > maxQuestions {
		refuse(w, http.StatusBadRequest, "request")
		return
	}
	if left := s.take(agreement, int64(len(request.Questions))); left > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64(left/time.Second)+1, 10))
		refuse(w, http.StatusTooManyRequests, "quota")
		return
	}
	reply, err := s.reply(r.Context(), request, agreement.Mode)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "source")
		return
	}
	send(w, reply, fault)
}

// begin counts a request and gives its fault.
func (s *Simulator) begin() Fault {
	s.mu.Lock()
	s.requests++
	n := s.requests
	s.mu.Unlock()
	if s.o.Fault == nil {
		return Fault{}
	}
	return s.o.Fault(n)
}

// Requests gives how many requests came in.
func (s *Simulator) Requests() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Simulator) agreement(key string) (Agreement, bool) {
	for _, a := range s.o.Agreements {
		if subtle.ConstantTimeCompare([]byte(a.Key), []byte(key)) == 1 {
			return a, true
		}
	}
	return Agreement{}, false
}

// take counts n NIKs against the day's quota; what does not fit is refused as a whole, with
// the time left until the next day.
func (s *Simulator) take(a Agreement, n int64) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now().In(s.o.Zone)
	if day := now.Format(time.DateOnly); day != s.day {
		s.day = day
		clear(s.used)
	}
	if a.Quota > 0 && s.used[a.Key]+n > a.Quota {
		tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, s.o.Zone)
		return tomorrow.Sub(now)
	}
	s.used[a.Key] += n
	return 0
}

func (s *Simulator) reply(ctx context.Context, request wireRequest, mode civilmatch.Mode) (wireReply, error) {
	reply := wireReply{Answers: make([]wireAnswer, 0, len(request.Questions))}
	for i := range request.Questions {
		q := &request.Questions[i]
		record, err := q.record()
		if err != nil {
			reply.Answers = append(reply.Answers, wireAnswer{Ref: q.Ref, Outcome: "failed"})
			continue
		}
		full, err := s.o.Source(ctx, record.NIK)
		if err != nil {
			return reply, err
		}
		answer := narrowed(full, mode, &record)
		reply.Answers = append(reply.Answers, newWireAnswer(q.Ref, &answer))
	}
	return reply, nil
}

func send(w http.ResponseWriter, reply wireReply, fault Fault) {
	reply.Answers = reply.Answers[:max(0, len(reply.Answers)-fault.Drop)]
	data, err := json.Marshal(reply)
	switch {
	case err != nil:
		refuse(w, http.StatusInternalServerError, "reply")
		return
	case fault.Garbage:
		data = []byte("<html>gateway</html>")
	case fault.Cut:
		data = data[:len(data)/2]
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // a caller that went away needs no answer
}

func refuse(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(wireError{word})
}
