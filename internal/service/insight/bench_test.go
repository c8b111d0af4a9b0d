package insight_test

import (
	"testing"
	"time"

	"tepat/internal/domain/area"
	"tepat/internal/domain/programme"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/insight"
	"tepat/internal/testkit"
)

// BenchmarkDistrict counts a district of a million persons, and reads its dashboard.
func BenchmarkDistrict(b *testing.B) {
	h := newHouse(b, testkit.SQLite(b))
	var villages []area.Code
	must(b, sqldb.Each(b.Context(), h.db.Direct(), `SELECT code FROM area WHERE kabkota = 8171 AND level = 4 ORDER BY code`, nil, func(r sqldb.Row) error {
		var code int64
		err := r.Scan(&code)
		villages = append(villages, area.Code(code))
		return err
	}))
	const families, persons, chunk = 300_000, 1_000_000, 20_000
	ids, blob := make([]sqldb.ID, families), make([]byte, 49)
	at := func(f int) area.Code { return villages[f*len(villages)/families] }
	for first := 0; first < families; first += chunk {
		h.put("family", []string{
			"kabkota", "id", "version", "recorded_at", "act_id", "state", "area_code", "village_id", "no_kk", "kk_hash", "registry_id", "household_id",
			"head_name", "address", "rt", "rw", "persons", "unmatched", "source", "source_date", "since", "decile", "decile_source", "decile_vintage",
		}, chunk, func(i int, v []any) {
			f := first + i
			ids[f] = sqldb.NewID()
			copy(v, []any{int64(8171), ids[f], int64(1), int64(1), ids[f], int64(1), int64(at(f)), int64(7), blob, sqldb.NewID(), "D1234567890", "H123456",
				"NAMA KEPALA KELUARGA", "JL UJI GANG 3 NO 12", "001", "002", int64(3), int64(0), "DTKS", "2024", "2020-01", int64(f % 11), int64(1), "2024-Q3"})
		})
	}
	for first := 0; first < persons; first += chunk {
		h.put("person", []string{
			"kabkota", "id", "version", "recorded_at", "act_id", "state", "family_id", "member_since", "area_code", "village_id", "nik", "nik_hash", "nik_state",
			"name", "name_norm", "sex", "birth_place", "birth_date", "mother_name", "relation", "match_status", "match_fields", "matched_at", "source", "source_date", "ended_reason",
		}, chunk, func(i int, v []any) {
			f := (first + i) * families / persons
			status := int64(15)
			if i%20 == 0 {
				status = int64(2 + i/20%11)
			}
			copy(v, []any{int64(8171), sqldb.NewID(), int64(1), int64(1), ids[f], int64(1), ids[f], "2020-01", int64(at(f)), int64(7), blob, sqldb.NewID(), int64(1),
				"NAMA ORANG UJI", "NAMA ORANG UJI", int64(2), "AMBON", "1980-05-06", blob, int64(3), status, int64(0), int64(0), "DTKS", "2024", ""})
		})
	}
	for _, id := range []programme.ID{"pkh", "sembako"} {
		places := make([]placed, 60_000)
		for i := range places {
			places[i] = placed{at(i * 5), ids[i*5], ids[i*5], int64(1 + i%2), 400_000}
		}
		h.list(id, "frozen", places...)
	}
	for b.Loop() {
		began := time.Now()
		h.exec(`DELETE FROM rollup WHERE kabkota = 8171`)
		h.refresh()
		b.ReportMetric(time.Since(began).Seconds(), "s/first")
		began = time.Now()
		h.refresh()
		b.ReportMetric(time.Since(began).Seconds(), "s/again")
		for name, code := range map[string]area.Code{"district": testkit.Ambon, "subdistrict": sirimau, "village": batuMerah} {
			const reads = 20
			began := time.Now()
			for range reads {
				if _, err := h.Dashboard(b.Context(), h.head, insight.View{Area: code}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000/reads, "ms/"+name)
		}
		began = time.Now()
		if _, err := h.Morning(b.Context(), h.head); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/morning")
	}
}
