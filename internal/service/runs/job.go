package runs

import (
	"tepat/internal/domain/area"
	"tepat/internal/kit/sqldb"
)

// Job works one chunk of a run in the background.
type Job struct {
	Tenant area.Tenant `json:"tenant"`
	Run    sqldb.ID    `json:"run"`
}

// Kind names the job for good.
func (Job) Kind() string { return "runs.step" }

// JobOf gives the job that works a run.
func JobOf(r Run) any { return Job{r.Tenant, r.ID} }
