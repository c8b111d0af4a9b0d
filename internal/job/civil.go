package job

import (
	"context"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/queue"
	"tepat/internal/service/civil"
	"tepat/internal/service/runs"
)

// CheckAgain asks a civil registry elsewhere about one person, in the name of the officer whose act called for it. It tries again
// while nobody answers, and gives up where she or the person is no longer who she was: the next match asks about everybody.
func CheckAgain(service *civil.Service, actors runs.Actors) queue.Part {
	return queue.Work(func(ctx context.Context, j civil.CheckAgain) error {
		who, err := actors(ctx, j.Actor)
		if err == nil {
			_, err = service.Recheck(ctx, who, j.Tenant, j.Person)
		}
		switch fail.KindOf(err) {
		case fail.KindForbidden, fail.KindNotFound, fail.KindUnauthorized:
			return queue.GiveUp(err)
		}
		if fail.CodeOf(err) == "registry.not_active" {
			return queue.GiveUp(err)
		}
		return err
	})
}
