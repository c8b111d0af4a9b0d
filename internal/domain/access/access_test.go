package access_test

import (
	"errors"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/kit/fail"
)

const (
	ambon   = area.Code(8171000000)
	village = area.Code(8171011001)
	asahan  = area.Code(1209000000)
)

func actor(grants ...access.Grant) access.Actor {
	return access.Actor{ID: [16]byte{1}, Grants: grants}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	operator := actor(access.Grant{Role: access.Operator, Area: village, Tenants: []area.Tenant{8171}})
	nation := actor(access.Grant{Role: access.Ministry, Area: area.Nation})
	for name, c := range map[string]struct {
		who    access.Actor
		p      access.Permission
		tenant area.Tenant
		at     area.Code
		want   error
	}{
		"an operator files in her village":             {operator, access.FileProposal, 8171, village, nil},
		"not in the next village":                      {operator, access.FileProposal, 8171, village + 1, fail.Forbidden("access.denied")},
		"not for the whole district":                   {operator, access.FileProposal, 8171, ambon, fail.Forbidden("access.denied")},
		"not what the role has not":                    {operator, access.VerifyProposal, 8171, village, fail.Forbidden("access.denied")},
		"not the same code stored in another district": {operator, access.FileProposal, 8172, village, fail.Forbidden("access.denied")},
		"the ministry determines anywhere":             {nation, access.Determine, 1209, asahan, nil},
		"nobody may do anything":                       {access.Actor{}, access.ReadRegistry, 8171, village, fail.Unauthorized("access.nobody")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.who.Allow(c.p, c.tenant, c.at)
			if (c.want == nil) != (err == nil) || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Allow = %v, want %v", err, c.want)
			}
		})
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	if s := (access.Scope{}); !s.Empty() || s.Contains(village) {
		t.Error("the zero scope sees something")
	}
	who := actor(
		access.Grant{Role: access.Operator, Area: village, Tenants: []area.Tenant{8171}},
		access.Grant{Role: access.Verifier, Area: asahan, Tenants: []area.Tenant{1209}},
	)
	if s := who.ScopeOf(access.FileProposal); !s.Contains(village) || s.Contains(asahan) || len(s.Tenants()) != 1 {
		t.Errorf("scope of filing = %+v", s)
	}
	both := who.ScopeOf(access.ReadRegistry)
	if !both.Contains(village) || !both.Contains(asahan+1) || both.Contains(village+1) {
		t.Errorf("scope of reading = %+v", both)
	}
	if s := both.Within(ambon); !s.Contains(village) || s.Contains(village+1) || s.Contains(asahan) {
		t.Errorf("scope within Ambon = %+v", s)
	}
	if s := who.ScopeOf(access.Determine); !s.Empty() {
		t.Errorf("scope without the permission = %+v", s)
	}
	nation := actor(access.Grant{Role: access.Ministry, Area: area.Nation}).ScopeOf(access.ReadRegistry)
	if !nation.Nation() || nation.Within(ambon).Nation() || !nation.Within(ambon).Contains(village) || nation.Within(ambon).Contains(asahan) {
		t.Error("the nation does not narrow")
	}
}

func TestEachRoleDoesSomethingAndNoneDoesAll(t *testing.T) {
	t.Parallel()
	for _, r := range access.Roles() {
		if n := len(r.Permissions()); n == 0 || n > 20 {
			t.Errorf("role %s has %d permissions", r, n)
		}
	}
	pairs := [][2]access.Permission{
		{access.RunScreening, access.ApproveScreening}, {access.RunEnrolment, access.ApproveEnrolment},
		{access.RunPayment, access.ApprovePayment}, {access.ManageUsers, access.ApproveUsers}, {access.RunImport, access.ApproveImport},
		{access.FileProposal, access.VerifyProposal}, {access.VerifyProposal, access.RatifyProposal},
	}
	for _, r := range access.Roles() {
		for _, p := range pairs {
			if r.Has(p[0]) && r.Has(p[1]) {
				t.Errorf("role %s may both %s and %s", r, p[0], p[1])
			}
		}
		if r.Has(access.Administer) && r.Has(access.ReadRegistry) {
			t.Errorf("role %s administers and reads people", r)
		}
	}
}

// TestFiguresAreClosedByTheHeadAlone: not by who makes the assessments the figures count, nor by who reads them.
func TestFiguresAreClosedByTheHeadAlone(t *testing.T) {
	t.Parallel()
	for _, r := range access.Roles() {
		if got, want := r.Has(access.CloseFigures), r == access.AgencyHead; got != want {
			t.Errorf("role %s closes figures: %v", r, got)
		}
	}
}

func TestTheCheckerIsAnotherPerson(t *testing.T) {
	t.Parallel()
	if err := access.OtherPerson([16]byte{1}, actor()); !errors.Is(err, fail.Forbidden("access.same_person")) {
		t.Errorf("err = %v", err)
	}
	if err := access.OtherPerson([16]byte{2}, actor()); err != nil {
		t.Errorf("err = %v", err)
	}
}
