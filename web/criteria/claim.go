package criteria

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// claimShown is the page of a claim, with the answer as typed.
type claimShown struct {
	criterion.Claim
	On       criterion.Criterion
	Slug     string
	Seat     community.Seat
	Answer   string
	Reason   string // of the answer
	Again    string // reason for putting it once more
	Written  string // language of the reason
	Problems ui.Problems
}

func (h handlers) readClaim(r *http.Request) (claimShown, error) {
	n, err := number(r)
	if err != nil {
		return claimShown{}, err
	}
	k, err := numberOf(r, "claim")
	if err != nil {
		return claimShown{}, err
	}
	x := claimShown{Slug: here(r).Seat.Slug, Seat: here(r).Seat, Written: string(locale.Of(r.Context()))}
	x.On, x.Claim, err = h.Criteria.ReadClaim(r.Context(), here(r).Seat, n, k)
	if x.Own != criterion.Silent {
		x.Answer, x.Reason = string(x.Own), x.OwnReason
	}
	for _, v := range x.Standing() {
		if v.Account != 0 && v.Account == x.Seat.Account && v.Reason != "" {
			x.Written = string(v.Lang)
		}
	}
	return x, err
}

func (h handlers) claim(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	h.Marks.Read(here(r).Account.ID, x.On.ID, x.Number, here(r).Now)
	return respond.OK(w, r, x.page())
}

func (x claimShown) at(act string) string {
	return link.Claim(x.Slug, x.On.Number, x.Number) + "/" + act
}

// answerClaim takes the answer of somebody who asked, or the community's where none of them is left.
func (h handlers) answerClaim(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.Answer, x.Reason, x.Written = in.Text("answer"), in.Body("reason"), in.Text("lang")
	edition, _ := strconv.Atoi(in.Text("edition")) // an old one is refused
	a := criterion.Answer{Verdict: criterion.Verdict(x.Answer), Reason: x.Reason, Lang: locale.Lang(x.Written), Edition: edition}
	answer, notice := h.Criteria.Answer, "claims.notice.answered"
	if in.Chosen("for", "community") {
		answer, notice = h.Criteria.AnswerForCommunity, "claims.notice.recorded"
	}
	if err = in.Err(); err == nil {
		err = answer(r.Context(), x.Seat, x.On.Number, x.Number, a)
	}
	return x.done(w, r, err, notice)
}

func (h handlers) withdrawClaimPage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	if !x.Mine {
		if err := x.Seat.Must(community.Judge); err != nil {
			return err
		}
	}
	if x.State != criterion.ClaimOpen {
		return respond.SeeOther(w, r, link.Claim(x.Slug, x.On.Number, x.Number))
	}
	return respond.OK(w, r, x.withdrawPage())
}

func (h handlers) withdrawClaim(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	return x.done(w, r, h.Criteria.WithdrawClaim(r.Context(), x.Seat, x.On.Number, x.Number), "claims.notice.withdrawn")
}

func (h handlers) reopenClaim(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.Again = in.Body("again")
	if err = in.Err(); err == nil {
		err = h.Criteria.ReopenClaim(r.Context(), x.Seat, x.On.Number, x.Number, x.Again)
	}
	x.Problems = ui.ProblemsOf(r.Context(), err).Rename("reason", "again")
	return x.done(w, r, err, "claims.notice.reopened")
}

// done leads back to the claim, or shows what is wrong on its page.
func (x claimShown) done(w http.ResponseWriter, r *http.Request, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		if !x.Problems.Any() {
			x.Problems = ui.ProblemsOf(r.Context(), err)
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Claim(x.Slug, x.On.Number, x.Number), notice)
}

// quantity is a number with its unit.
func quantity(ctx context.Context, x float64, unit string) string {
	text := locale.Decimal(ctx, x)
	if unit != "" {
		text += "\u00a0" + unit
	}
	return text
}

// measured says what was measured, held against the target: "measured 90 m: at most 100 m asked: within". Empty where nothing was.
func measured(ctx context.Context, k criterion.Claim, t criterion.Target) string {
	if k.Measured == nil {
		return ""
	}
	value := quantity(ctx, *k.Measured, k.Unit)
	if !t.Numeric() {
		return locale.T(ctx, "claims.measured", "value", value)
	}
	met, comparable, err := criterion.Compare(t, *k.Measured, k.Unit)
	key := "claims.beyond"
	switch {
	case err != nil || !comparable: // the target may have changed since
		key = "claims.apart"
	case met:
		key = "claims.within"
	}
	return locale.T(ctx, key, "value", value, "asked", askedFor(ctx, t))
}

// askedFor is the target in words: "at most 100 m".
func askedFor(ctx context.Context, t criterion.Target) string {
	if t.Comparator == criterion.Between {
		return locale.T(ctx, "claims.asked.between", "from", locale.Decimal(ctx, t.Value), "value", quantity(ctx, t.To, t.Unit))
	}
	return locale.T(ctx, "claims.asked."+string(t.Comparator), "value", quantity(ctx, t.Value, t.Unit))
}

type verdictOut struct {
	Edition      int       `json:"edition"`
	Answer       string    `json:"answer"`
	Reason       string    `json:"reason,omitempty"`
	Lang         string    `json:"lang"`
	Name         string    `json:"name,omitempty"`
	Perspective  string    `json:"perspective,omitempty"`
	Organisation string    `json:"organisation,omitempty"`
	Community    bool      `json:"community,omitempty"`
	At           time.Time `json:"at"`
}

type claimOut struct {
	Community string       `json:"community"`
	Criterion int          `json:"criterion"`
	Statement string       `json:"statement"`
	Number    int          `json:"number"`
	Release   string       `json:"release"`
	Product   string       `json:"product,omitempty"`
	Extent    string       `json:"extent"`
	By        string       `json:"by"`
	At        time.Time    `json:"at"`
	Lang      locale.Lang  `json:"lang"`
	Evidence  string       `json:"evidence_html"`
	Limits    string       `json:"limits_html,omitempty"`
	Measured  *float64     `json:"measured,omitempty"`
	Unit      string       `json:"unit,omitempty"`
	Met       *bool        `json:"within_target,omitempty"`
	State     string       `json:"state"`
	Edition   int          `json:"edition"`
	AnswerBy  time.Time    `json:"answer_by"`
	SettledAt *time.Time   `json:"settled_at,omitempty"`
	Verdicts  []verdictOut `json:"verdicts"`
	Page      string       `json:"page"`
}

func (h handlers) claimAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readClaim(r)
	if err != nil {
		return err
	}
	out := claimOut{x.Slug, x.On.Number, x.On.Statement, x.Number, x.Title, x.Release.Product, string(x.Extent), ui.NameOf(r.Context(), x.Author), x.At, x.Claim.Lang, x.Evidence, x.Limits, x.Measured, x.Unit, nil,
		string(x.State), x.Edition, x.AnswerBy, x.SettledAt, []verdictOut{}, link.Claim(x.Slug, x.On.Number, x.Number)}
	if x.Measured != nil {
		if met, comparable, err := criterion.Compare(x.On.Target, *x.Measured, x.Unit); comparable && err == nil {
			out.Met = &met
		}
	}
	for _, v := range x.Verdicts {
		out.Verdicts = append(out.Verdicts, verdictOut{v.Edition, string(v.Answer), v.Reason, string(v.Lang), locale.Name(r.Context(), v.Name), string(v.Perspective), v.Organisation, v.Community, v.At})
	}
	return listing.JSON(w, out)
}
