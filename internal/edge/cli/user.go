package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
)

// userView is an account as it is printed; it holds no secret.
type userView struct {
	ID        sqldb.ID    `json:"id"`
	Login     string      `json:"login"`
	Name      string      `json:"name"`
	State     string      `json:"state"`
	Locked    bool        `json:"locked,omitempty"`
	Temporary bool        `json:"temporary_password,omitempty"`
	Factor    bool        `json:"second_factor"`
	LastLogin any         `json:"last_login"`
	Roles     []roleView  `json:"roles"`
	Asked     []askedView `json:"asked,omitempty"`
}

type roleView struct {
	Role string `json:"role"`
	Area string `json:"area"`
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}

type askedView struct {
	Request sqldb.ID `json:"request"`
	Login   string   `json:"login"`
	roleView
}

func roleOf(g accounts.Grant) roleView {
	return roleView{string(g.Role), g.Area.Dotted(), g.From.Text(), g.To.Text()}
}

func userOf(a accounts.Account) userView {
	v := userView{ID: a.ID, Login: a.Login, Name: a.Name, State: string(a.State), Locked: !a.Locked.IsZero(), Temporary: a.Temporary, Factor: a.Factor, LastLogin: instant(a.LastLogin), Roles: []roleView{}}
	for _, g := range a.Grants {
		v.Roles = append(v.Roles, roleOf(g))
	}
	for _, r := range a.Requests {
		v.Asked = append(v.Asked, askedView{r.ID, a.Login, roleOf(r.Grant)})
	}
	return v
}

// roleLine says a role as people read it.
func (c *Call) roleLine(h *House, r roleView) string {
	at, err := area.Parse(r.Area)
	if err != nil {
		at = area.Nation
	}
	line := c.say.Text("role."+r.Role) + ", " + h.Places.Tree().Title(at)
	if r.To != "" {
		line += ", " + c.say.Text("cli.user.until", "day", c.say.DateTextShort(r.To))
	}
	return line
}

func (c *Call) userLines(h *House, w io.Writer, v userView) {
	state := "usersweb.state." + v.State
	switch {
	case v.State == string(accounts.Active) && v.Locked:
		state = "usersweb.state.locked"
	case v.State == string(accounts.Active) && v.Temporary:
		state = "usersweb.state.temporary"
	}
	fmt.Fprintf(w, "%-24s %-32s %s\n", v.Login, v.Name, c.say.Text(state))
	for _, r := range v.Roles {
		fmt.Fprintln(w, "    "+c.roleLine(h, r))
	}
	for _, a := range v.Asked {
		fmt.Fprintf(w, "    %s  %s\n", c.say.Text("cli.user.asked", "role", c.roleLine(h, a.roleView)), a.Request)
	}
}

// Users lists accounts.
type Users struct {
	Within string `placeholder:"CODE" help:"Only accounts with a role in this area."`
	State  string `enum:",active,suspended" default:"" help:"active or suspended."`
	Search string `placeholder:"TEXT" help:"Beginning of a user name or of a word of a name."`
	After  string `placeholder:"LOGIN" help:"Continue behind this user name."`
	Limit  int    `default:"100" help:"How many, 100 at most."`
}

// Help gives an example.
func (Users) Help() string { return "Example: tepat user list --as admin --search rahma" }

// Run lists them.
func (u Users) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		f := accounts.Filter{State: accounts.State(u.State), Search: u.Search, After: u.After, Limit: u.Limit}
		var err error
		if f.Within, err = within(u.Within); err != nil {
			return err
		}
		page, err := h.Accounts.List(c, who, f)
		if err != nil {
			return err
		}
		views := make([]userView, len(page.Accounts))
		for i, a := range page.Accounts {
			views[i] = userOf(a)
		}
		c.result(map[string]any{"users": views, "next": page.Next}, func(w io.Writer) {
			c.none(w, len(views))
			for _, v := range views {
				c.userLines(h, w, v)
			}
			if page.Next != "" {
				fmt.Fprintln(w, c.say.Text("cli.more", "flag", "--after "+page.Next))
			}
		})
		return nil
	})
}

// user names one account.
type user struct {
	Login string `arg:"" help:"User name."`
}

// find gives the account of a user name the actor may see. Error: account.unknown.
func (u user) find(c *Call, h *House, who access.Actor) (accounts.Account, error) {
	login := strings.ToLower(strings.TrimSpace(u.Login))
	page, err := h.Accounts.List(c, who, accounts.Filter{Search: login, Limit: 100})
	if err != nil {
		return accounts.Account{}, err
	}
	for _, a := range page.Accounts {
		if a.Login == login {
			return a, nil
		}
	}
	return accounts.Account{}, fail.NotFound("account.unknown")
}

// act does something to an account and prints how it stands afterwards.
func (u user) act(c *Call, f func(h *House, who access.Actor, a accounts.Account) error) error {
	return c.with(func(h *House, who access.Actor) error {
		a, err := u.find(c, h, who)
		if err != nil {
			return err
		}
		if err := f(h, who, a); err != nil {
			return err
		}
		if a, err = h.Accounts.One(c, who, a.ID); err != nil {
			return err
		}
		v := userOf(a)
		c.result(v, func(w io.Writer) { c.userLines(h, w, v) })
		return nil
	})
}

// ShowUser shows an account.
type ShowUser struct{ user }

// Help gives an example.
func (ShowUser) Help() string { return "Example: tepat user show rahma --as admin" }

// Run shows it.
func (u ShowUser) Run(c *Call) error {
	return u.act(c, func(*House, access.Actor, accounts.Account) error { return nil })
}

// role is a role with its area and days.
type role struct {
	Role string `required:"" help:"Role, such as verifier, operator or village_head."`
	Area string `placeholder:"CODE" help:"Area of the role; by default the installation's own."`
	From string `placeholder:"DATE" help:"First day; by default today."`
	To   string `placeholder:"DATE" help:"First day on which it no longer holds."`
}

func (r role) grant(h *House) (g accounts.Grant, err error) {
	g.Role, g.Area = access.Role(r.Role), h.Home.Home()
	if r.Area != "" {
		if g.Area, err = area.Parse(r.Area); err != nil {
			return g, err
		}
	}
	for _, one := range []struct {
		text string
		to   *period.Date
	}{{r.From, &g.From}, {r.To, &g.To}} {
		if one.text == "" {
			continue
		}
		if *one.to, err = h.day(one.text, g.Area); err != nil {
			return g, err
		}
	}
	return g, nil
}

// AddUser makes an account and asks for its first role.
type AddUser struct {
	user
	Name string `arg:"" help:"Full name."`
	role
}

// Help gives an example.
func (AddUser) Help() string {
	return "Example: tepat user add rahma \"Rahma Yuliani\" --role verifier --as admin. Exit code 4: the head grants the role with tepat user approve."
}

// Run makes it. The password is on standard output once, and nowhere else.
func (u AddUser) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		g, err := u.grant(h)
		if err != nil {
			return err
		}
		made, err := h.Accounts.Create(c, who, accounts.Creation{Login: u.Login, Name: u.Name, Grant: g})
		if err != nil {
			return err
		}
		c.code = ExitAwaiting
		c.result(map[string]any{"id": made.ID, "login": made.Login, "password": made.Password.Reveal(), "request": made.Request}, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.user.password", "login", made.Login, "password", made.Password.Reveal()))
			fmt.Fprintln(w, c.say.Text("cli.user.waits", "request", made.Request.String()))
		})
		return nil
	})
}

// AskRole asks for a role for an account.
type AskRole struct {
	user
	role
}

// Help gives an example.
func (AskRole) Help() string {
	return "Example: tepat user ask rahma --role payment_officer --as admin. Exit code 4: the head grants it with tepat user approve."
}

// Run asks.
func (u AskRole) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		g, err := u.grant(h)
		if err != nil {
			return err
		}
		a, err := u.find(c, h, who)
		if err != nil {
			return err
		}
		request, err := h.Accounts.Ask(c, who, a.ID, g)
		if err != nil {
			return err
		}
		c.code = ExitAwaiting
		c.result(map[string]any{"login": a.Login, "request": request}, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.user.waits", "request", request.String()))
		})
		return nil
	})
}

// RoleRequests lists the roles that wait for the actor's decision.
type RoleRequests struct{}

// Help gives an example.
func (RoleRequests) Help() string { return "Example: tepat user requests --as kadis" }

// Run lists them.
func (RoleRequests) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		list, err := h.Accounts.Awaiting(c, who, sqldb.ID{}, 100)
		if err != nil {
			return err
		}
		views := make([]askedView, len(list))
		for i, r := range list {
			views[i] = askedView{r.ID, r.Login, roleOf(r.Grant)}
		}
		c.result(map[string]any{"requests": views}, func(w io.Writer) {
			c.none(w, len(views))
			for i, v := range views {
				fmt.Fprintf(w, "%s  %-20s %-28s %s  %s\n", v.Request, v.Login, list[i].Name, c.roleLine(h, v.roleView), list[i].RequestedAt.Local().Format(time.DateOnly))
			}
		})
		return nil
	})
}

// request names a role that was asked for.
type request struct {
	Request string `arg:"" help:"Id of the request, which tepat user requests shows."`
}

func (r request) decide(c *Call, key string, f func(h *House, who access.Actor, id sqldb.ID) error) error {
	return c.with(func(h *House, who access.Actor) error {
		id, err := idOf(r.Request, "REQUEST")
		if err != nil {
			return err
		}
		if err := f(h, who, id); err != nil {
			return err
		}
		c.result(map[string]any{"request": id, "state": key}, func(w io.Writer) { fmt.Fprintln(w, c.say.Text("cli.user."+key)) })
		return nil
	})
}

// ApproveRole grants a role that was asked for.
type ApproveRole struct{ request }

// Help gives an example.
func (ApproveRole) Help() string {
	return "Example: tepat user approve 0192f0c4-… --as kadis. Whoever asked for it may not."
}

// Run grants.
func (r ApproveRole) Run(c *Call) error {
	return r.decide(c, "approved", func(h *House, who access.Actor, id sqldb.ID) error { return h.Accounts.Approve(c, who, id) })
}

// RefuseRole declines a role that was asked for.
type RefuseRole struct{ request }

// Help gives an example.
func (RefuseRole) Help() string { return "Example: tepat user refuse 0192f0c4-… --as kadis" }

// Run declines.
func (r RefuseRole) Run(c *Call) error {
	return r.decide(c, "refused", func(h *House, who access.Actor, id sqldb.ID) error { return h.Accounts.Refuse(c, who, id) })
}

// WithdrawRole takes back what one asked for oneself.
type WithdrawRole struct{ request }

// Help gives an example.
func (WithdrawRole) Help() string { return "Example: tepat user withdraw 0192f0c4-… --as admin" }

// Run takes it back.
func (r WithdrawRole) Run(c *Call) error {
	return r.decide(c, "withdrawn", func(h *House, who access.Actor, id sqldb.ID) error { return h.Accounts.Withdraw(c, who, id) })
}

// EndRole sets the day on which a role ends.
type EndRole struct {
	user
	Role string `required:"" help:"Role to end."`
	Area string `placeholder:"CODE" help:"Area of the role; by default the installation's own."`
	On   string `placeholder:"DATE" help:"First day on which it no longer holds; by default today."`
}

// Help gives an example.
func (EndRole) Help() string {
	return "Example: tepat user end rahma --role verifier --on 2025-01-01 --as admin"
}

// Run ends it.
func (u EndRole) Run(c *Call) error {
	return u.act(c, func(h *House, who access.Actor, a accounts.Account) error {
		g, err := role{Role: u.Role, Area: u.Area}.grant(h)
		if err != nil {
			return err
		}
		on, err := h.day(u.On, g.Area)
		if err != nil {
			return err
		}
		return h.Accounts.End(c, who, a.ID, g.Role, g.Area, on)
	})
}

// SuspendUser keeps an account from signing in, at once.
type SuspendUser struct{ user }

// Help gives an example.
func (SuspendUser) Help() string { return "Example: tepat user suspend rahma --as admin" }

// Run suspends.
func (u SuspendUser) Run(c *Call) error {
	return u.act(c, func(h *House, who access.Actor, a accounts.Account) error { return h.Accounts.Suspend(c, who, a.ID) })
}

// ResumeUser lifts a suspension.
type ResumeUser struct{ user }

// Help gives an example.
func (ResumeUser) Help() string {
	return "Example: tepat user resume rahma --as kadis. Whoever suspended the account may not."
}

// Run lifts it.
func (u ResumeUser) Run(c *Call) error {
	return u.act(c, func(h *House, who access.Actor, a accounts.Account) error { return h.Accounts.Resume(c, who, a.ID) })
}

// ResetUser gives an account a new temporary password.
type ResetUser struct{ user }

// Help gives an example.
func (ResetUser) Help() string {
	return "Example: tepat user reset rahma --as admin. An account that approves users is suspended until a second person resumes it."
}

// Run resets. The password is on standard output once, and nowhere else.
func (u ResetUser) Run(c *Call) error {
	return c.with(func(h *House, who access.Actor) error {
		a, err := u.find(c, h, who)
		if err != nil {
			return err
		}
		password, err := h.Accounts.ResetPassword(c, who, a.ID)
		if err != nil {
			return err
		}
		c.result(map[string]any{"login": a.Login, "password": password.Reveal()}, func(w io.Writer) {
			fmt.Fprintln(w, c.say.Text("cli.user.password", "login", a.Login, "password", password.Reveal()))
		})
		return nil
	})
}

// DropFactor takes the second factor off an account whose phone is lost.
type DropFactor struct{ user }

// Help gives an example.
func (DropFactor) Help() string {
	return "Example: tepat user drop-factor rahma --as kadis. Whoever may reset passwords may not also do this."
}

// Run takes it off.
func (u DropFactor) Run(c *Call) error {
	return u.act(c, func(h *House, who access.Actor, a accounts.Account) error { return h.Accounts.DropFactor(c, who, a.ID) })
}
