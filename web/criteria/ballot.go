package criteria

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// ballotForm is many criteria to be rated at once, with what was typed.
type ballotForm struct {
	criterion.ToFill
	Slug, City, Request string
	At                  int    // number of the meeting; 0: all criteria
	Cursor              string // of this page
	Typed               map[int]string
	Problems            ui.Problems
}

// readBallot is the ballot that an address asks for.
func (h handlers) readBallot(r *http.Request) (ballotForm, error) {
	v, q := here(r), r.URL.Query()
	f := ballotForm{Slug: v.Seat.Slug, Request: uuid.NewString(), Cursor: form.Clean(q.Get("after"), 30)}
	if v.Community != nil {
		f.City = v.Community.Name(locale.Of(r.Context()))
	}
	if at := q.Get("meeting"); at != "" {
		var err error
		if f.At, err = meetingOf(at); err != nil {
			return f, err
		}
	}
	var err error
	f.ToFill, err = h.Criteria.ToFill(r.Context(), v.Seat, f.At, f.Cursor)
	return f, err
}

// meetingOf is the meeting that a query names, by its number or as "M-3".
func meetingOf(text string) (int, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "M-"), 10, 32)
	if err != nil || n < 1 {
		return 0, fault.NotFound
	}
	return int(n), nil
}

func (h handlers) ballot(w http.ResponseWriter, r *http.Request) error {
	f, err := h.readBallot(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) rateMany(w http.ResponseWriter, r *http.Request) error {
	f, err := h.readBallot(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f.Request = in.Request().String()
	votes := f.read(in)
	if err = in.Err(); err == nil {
		err = h.Criteria.RateMany(r.Context(), here(r).Seat, criterion.Ballot{Votes: votes, Lang: locale.Of(r.Context()), Request: in.Request()})
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err).Rename("value", "ballot")
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, f.address(""), "importance.notice.saved")
}

// read takes the lines of a ballot in which something else is chosen than the page showed, so that a page that was open for long overwrites nothing.
func (f *ballotForm) read(in form.Values) []criterion.Vote {
	var votes []criterion.Vote
	f.Typed = map[int]string{}
	for name := range in.Values {
		digits, of := strings.CutPrefix(name, criterion.VoteField(0)[:len("rate-")])
		n, err := strconv.ParseInt(digits, 10, 32)
		if !of || err != nil || n < 1 || strconv.FormatInt(n, 10) != digits {
			continue
		}
		said := in.Text(name)
		f.Typed[int(n)] = said
		if said != "" && said != in.Text(hadField(int(n))) {
			votes = append(votes, criterion.Vote{Number: int(n), Value: onScale(said)})
		}
	}
	sortVotes(votes)
	return votes
}

// hadField carries what the page of a ballot showed for a criterion.
func hadField(number int) string { return "had-" + strconv.Itoa(number) }

// value of a line: as typed, or as it stands.
func (f ballotForm) value(t criterion.ToRate) string {
	if said, typed := f.Typed[t.Number]; typed {
		return said
	}
	return had(t)
}

func had(t criterion.ToRate) string {
	if t.Mine == 0 {
		return ""
	}
	return strconv.Itoa(t.Mine)
}

// address of the ballot, from the cursor on.
func (f ballotForm) address(after string) string {
	at := ""
	if f.At != 0 {
		at = strconv.Itoa(f.At)
	}
	return link.With(link.RateCriteria(f.Slug), "meeting", at, "after", after)
}

func (f ballotForm) kicker(ctx context.Context) string {
	if f.Meeting == nil {
		return f.City
	}
	return locale.T(ctx, "importance.raised-at", "code", "M-"+strconv.Itoa(f.Meeting.Number), "title", f.Meeting.Title)
}

func sortVotes(votes []criterion.Vote) {
	slices.SortFunc(votes, func(a, b criterion.Vote) int { return a.Number - b.Number })
}
