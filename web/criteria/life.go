package criteria

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// lifeForm is what the acts of a criterion's life offer, and what was typed into the one that was sent.
type lifeForm struct {
	criterion.Offers
	Act         string // that was sent
	On, Meeting string
	Reason      string
	Into        string
	Tie         tieForm
}

func (h handlers) mountLife(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		for act, do := range lifeActs {
			r.Post("/criteria/{criterion}/"+act, respond.Handle(h.live(act, do)))
		}
		r.Post("/criteria/{criterion}/relate", respond.Handle(h.relate))
		r.Post("/criteria/{criterion}/relations/{relation:[1-9][0-9]*}/remove", respond.Handle(h.unrelate))
	})
}

// offering adds to the page of a criterion what its reader may make of it.
func (h handlers) offering(r *http.Request, x shown) (shown, error) {
	var err error
	x.Acts.Offers, err = h.Criteria.Offers(r.Context(), here(r).Seat, x.ID)
	if x.Acts.On == "" {
		x.Acts.On = h.Now().In(here(r).Community.Location()).Format(time.DateOnly)
	}
	return x, err
}

// lifeAct does what a form of the life of a criterion asks.
type lifeAct func(criterion.Store, context.Context, community.Seat, int, lifeForm) error

var lifeActs = map[string]lifeAct{
	"agree":   stepped(criterion.Store.Agree),
	"park":    stepped(criterion.Store.Park),
	"decline": stepped(criterion.Store.Decline),
	"reopen":  stepped(criterion.Store.Reopen),
	"merge": func(s criterion.Store, ctx context.Context, seat community.Seat, number int, f lifeForm) error {
		return s.Merge(ctx, seat, number, codeTyped(f.Into))
	},
}

func stepped(do func(criterion.Store, context.Context, community.Seat, int, criterion.Step) error) lifeAct {
	return func(s criterion.Store, ctx context.Context, seat community.Seat, number int, f lifeForm) error {
		on := criterion.Step{Reason: f.Reason}
		if f.Act == "agree" {
			on.On, _ = time.Parse(time.DateOnly, f.On) // what is no day is none, which the store minds
			on.Meeting, _ = strconv.Atoi(f.Meeting)    // an empty choice is no meeting
		}
		return do(s, ctx, seat, number, on)
	}
}

// codeTyped is the number of the criterion that somebody typed as "C-9" or "9"; 0 when it is none.
func codeTyped(text string) int {
	n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimPrefix(strings.ToUpper(text), "C"), "-– "), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

func (h handlers) live(act string, do lifeAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		in, err := form.Read(w, r)
		if err != nil {
			return err
		}
		f := lifeForm{Act: act, On: in.Text(act + "-on"), Meeting: in.Text(act + "-meeting"), Reason: in.Text(act + "-reason"), Into: in.Text(act + "-into")}
		if f.Into == "" {
			f.Into = in.Text(act + "-alike")
		}
		if err = in.Err(); err == nil {
			err = do(h.Criteria, r.Context(), here(r).Seat, n, f)
		}
		return h.lived(w, r, n, f, err, act)
	}
}

// lived answers a form about the life or the relations of a criterion: its page again, with the problems beside the fields of that form.
func (h handlers) lived(w http.ResponseWriter, r *http.Request, n int, f lifeForm, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		x, failed := h.whole(r)
		if failed != nil {
			return failed
		}
		f.Offers = x.Acts.Offers
		if f.On == "" {
			f.On = x.Acts.On
		}
		x.Acts, x.Problems = f, ui.ProblemsOf(r.Context(), err)
		for _, field := range []string{"on", "meeting", "reason", "into", "relation", "other", "note"} {
			x.Problems.Rename(field, f.Act+"-"+field)
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(here(r).Seat.Slug, n), "criteria.life.notice."+notice)
}

// may reports whether the form of an act is offered: to who may, where the state leads there, or where it was sent.
func (x shown) may(seat community.Seat, act string) bool {
	to, permission := map[string]criterion.State{"agree": criterion.Agreed, "park": criterion.Parked, "decline": criterion.Declined, "merge": criterion.Merged, "reopen": criterion.Raised}[act], community.Judge
	if act == "merge" {
		permission = community.Word
	}
	return seat.Can(permission) && (x.State.May(to) || x.Acts.Act == act)
}

// held are the meetings in which a criterion may have been agreed.
func (f lifeForm) held(ctx context.Context) []ui.Option {
	all := []ui.Option{{Label: locale.T(ctx, "criteria.life.no-meeting")}}
	for _, m := range f.Meetings {
		all = append(all, ui.Option{Value: strconv.Itoa(m.Number), Label: locale.Day(ctx, m.Day) + " · " + m.Title})
	}
	return all
}

// alike are criteria into which this one may be merged.
func (f lifeForm) alike() []ui.Option {
	var all []ui.Option
	for _, a := range f.Alike {
		all = append(all, ui.Option{Value: code(a.Number), Label: code(a.Number) + " · " + a.Statement})
	}
	return all
}

// lastReason is the reason of the last step, where there is one.
func (x shown) lastReason() string {
	if len(x.Life) == 0 {
		return ""
	}
	return x.Life[len(x.Life)-1].Reason
}

// mayAny reports whether any form is offered.
func (x shown) mayAny(seat community.Seat) bool {
	for act := range lifeActs {
		if x.may(seat, act) {
			return true
		}
	}
	return false
}

// reasonOf is the reason that was typed into the form of an act.
func (f lifeForm) reasonOf(act string) string {
	if f.Act == act {
		return f.Reason
	}
	return ""
}

// typedInto is what was typed, unless it is one of the choices.
func (f lifeForm) typedInto() string {
	for _, a := range f.Alike {
		if f.Into == code(a.Number) {
			return ""
		}
	}
	return f.Into
}
