package web

import (
	"net/http"
	"net/url"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
)

// routePath gives the path of a pattern such as "GET /keluarga".
func routePath(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	return path
}

// section gives the first part of a path, which the navigation marks.
func section(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return "/" + first
}

func queryEscape(s string) string { return url.QueryEscape(s) }

func denied(p access.Permission) error {
	return fail.Forbidden("access.denied", "permission", string(p))
}

// rowID is the id of a row in a path: tenant and id, such as 8171-0192…. Ids say
// nothing about a person; a NIK never stands in an address.
func rowID(tenant area.Tenant, id sqldb.ID) string { return itoa(int64(tenant)) + "-" + id.String() }

// rowOf reads the id of the path; what is none is not found.
func rowOf(r *http.Request) (area.Tenant, sqldb.ID, error) { return parseRow(r.PathValue("id")) }

func parseRow(text string) (area.Tenant, sqldb.ID, error) {
	tenant, rest, ok := strings.Cut(text, "-")
	n, err := atoi(tenant)
	if !ok || err != nil || n < 0 || n > 99999 {
		return 0, sqldb.ID{}, fail.NotFound("request.not_found")
	}
	id, err := sqldb.ParseID(rest)
	if err != nil {
		return 0, sqldb.ID{}, fail.NotFound("request.not_found")
	}
	return area.Tenant(n), id, nil
}

// with gives the request's address with one value of the query changed; "" removes it.
func with(r *http.Request, pairs ...string) string {
	q := r.URL.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}
