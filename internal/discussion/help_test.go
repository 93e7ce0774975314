package discussion_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// circle is a community with people in it, at a moment that moves when told.
type circle struct {
	t     rapid.TB
	tx    pgx.Tx
	store discussion.Store
	id    community.ID
	now   time.Time
	last  int
}

func newCircle(t rapid.TB, tx pgx.Tx) *circle {
	t.Helper()
	d := &circle{t: t, tx: tx, now: noon}
	d.store = discussion.NewStore(tx, func() time.Time { return d.now })
	d.row(&d.id, `insert into community (slug, kind, lang, zone, stage_since, founded, created_at) values ($1, 'city', 'en', 'Europe/Zurich', now(), now(), now()) returning id`, "town-"+uuid.NewString()[:8])
	d.do(`insert into community_text (community_id, lang, name) values ($1, 'en', 'Town')`, d.id)
	return d
}

func (d *circle) do(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.tx.Exec(context.Background(), sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *circle) row(into any, sql string, args ...any) {
	d.t.Helper()
	if err := d.tx.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		d.t.Fatal(err)
	}
}

// seat of a new person; Elsewhere belongs to another community, Visitor to none.
func (d *circle) seat(standing community.Standing, as community.Perspective) community.Seat {
	d.t.Helper()
	d.last++
	seat := community.Seat{Community: d.id, Slug: "town", Standing: standing, Perspective: as, Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	if standing == community.Visitor {
		return seat
	}
	name := fmt.Sprintf("person-%d-%d", d.id, d.last)
	d.row(&seat.Account, `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, name)
	seat.Reach.Me = seat.Account
	if standing == community.Elsewhere {
		seat.Reach.Mine = []int64{-1}
		return seat
	}
	role := "member"
	seat.Number, seat.Reach.Mine = d.last, []int64{int64(d.id)}
	if standing == community.Coordinator {
		role, seat.Reach.Coordinated = "coordinator", []int64{int64(d.id)}
	}
	d.do(`insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since) values ($1, $2, $3, 'member', $4, $5, now(), now())`, d.id, seat.Account, d.last, role, as)
	return seat
}

func asking(title string) discussion.Asking {
	return discussion.Asking{Opening: discussion.Opening{Title: title, Body: "How do you keep a schoolyard cool?", Lang: locale.English, Audience: item.Public, Request: uuid.New()},
		Need: discussion.Need{Tried: "Sun sails"}}
}

func answer(body string) discussion.Answer {
	return discussion.Answer{Body: body, Lang: locale.English, Request: uuid.New()}
}

func TestWhatIsAskedIsJudgedWhole(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker := d.seat(community.Member, community.Stakeholder)
	a := discussion.Asking{Opening: discussion.Opening{Lang: "xx", Audience: item.Draft, Request: uuid.New()}, Need: discussion.Need{Tried: strings.Repeat("x", discussion.MaxTried+1), By: "3.5.2026", Addressed: "mayor"}}
	_, err := d.store.Ask(t.Context(), asker, a)
	fields := ""
	for _, p := range fault.Problems(err) {
		fields += p.Field + " "
	}
	if fields != "title body lang tried by addressed audience " {
		t.Errorf("got problems %q, %v", fields, err)
	}
	b := asking("by tonight")
	b.By, b.Zone = "4.5.2026", time.FixedZone("", 7200)
	made, err := d.store.Ask(t.Context(), asker, b)
	if err != nil {
		t.Fatalf("today is not in the past: %v", err)
	}
	if again, err := d.store.Ask(t.Context(), asker, b); err != nil || again.Number != made.Number || !again.Before {
		t.Errorf("the same form again: %+v, %v", again, err)
	}
	p, err := d.store.Plea(t.Context(), asker, made.Number)
	if err != nil || p.By.Format(time.DateOnly) != "2026-05-04" || p.Tried != "Sun sails" {
		t.Errorf("got %+v, %v", p, err)
	}
	c := asking("by when?")
	c.By = "soon"
	if _, err := d.store.Ask(t.Context(), asker, c); len(fault.Problems(err)) != 1 {
		t.Errorf("no day: got %v", err)
	}
	if _, err := d.store.Ask(t.Context(), d.seat(community.Elsewhere, ""), asking("no")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("asking from elsewhere: %v", err)
	}
}

func TestADayThatPassedMeanwhileDoesNotStandInTheWayOfAnEdit(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker := d.seat(community.Member, community.Stakeholder)
	a := asking("shade")
	a.By = "2026-05-04"
	made, err := d.store.Ask(t.Context(), asker, a)
	if err != nil {
		t.Fatal(err)
	}
	d.now = noon.AddDate(0, 0, 9)
	e := discussion.Edit{Revision: 1, Title: "More shade", Body: "words", Lang: locale.English, Audience: item.Public}
	n := discussion.Need{Tried: "Sun sails and pergolas", By: "4.5.2026", Addressed: community.Scientist}
	if err := d.store.ReviseHelp(t.Context(), asker, made.Number, e, n); err != nil {
		t.Fatal(err)
	}
	e.Revision, n.By = 2, "2026-05-05"
	if err := d.store.ReviseHelp(t.Context(), asker, made.Number, e, n); len(fault.Problems(err)) != 1 {
		t.Errorf("another day in the past: got %v", err)
	}
	if err := d.store.ReviseHelp(t.Context(), d.seat(community.Coordinator, community.Scientist), made.Number, e, n); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by somebody else: got %v", err)
	}
	var found bool
	d.row(&found, `select search @@ to_tsquery('public.k_en', 'pergolas') from item_search s join item i on i.id = s.item_id where i.community_id = $1`, d.id)
	if !found {
		t.Error("what was tried is not found by search")
	}
}

func TestOnlyAnswersOfOthersHelpAndAClosedRequestIsCorrectedKnowingly(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker, anna := d.seat(community.Member, community.Stakeholder), d.seat(community.ScientificMember, community.Scientist)
	made, err := d.store.Ask(t.Context(), asker, asking("shade"))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []community.Seat{asker, anna} {
		if _, err := d.store.Reply(t.Context(), who, made.Number, answer("words")); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.store.Close(t.Context(), asker, made.Number, discussion.Outcome{Ending: discussion.Worked}); len(fault.Problems(err)) != 1 {
		t.Errorf("worked, but what: got %v", err)
	}
	first := discussion.Outcome{Ending: discussion.Worked, Replies: []int{1, 2, 99}}
	if err := d.store.Close(t.Context(), asker, made.Number, first); err != nil {
		t.Fatal(err)
	}
	p, err := d.store.Plea(t.Context(), asker, made.Number)
	if err != nil || len(p.Helped) != 1 || p.Helped[0].Number != 2 || p.Helped[0].Author.Account != anna.Account {
		t.Errorf("helped: %+v, %v", p.Helped, err)
	}
	second := discussion.Outcome{Ending: discussion.Worked, Text: "The vine", Replies: []int{2}}
	if _, stale := fault.Stale(d.store.Close(t.Context(), asker, made.Number, second)); !stale {
		t.Error("another outcome went over the one that stands")
	}
	second.Closed = true
	if err := d.store.Close(t.Context(), asker, made.Number, second); err != nil {
		t.Fatal(err)
	}
	var told int
	d.row(&told, `select count(*)::int from activity where verb = 'help.close' and community_id = $1`, d.id)
	if told != 1 {
		t.Errorf("the end was told %d times", told)
	}
	var concerned []int64
	d.row(&concerned, `select concerned from activity where verb = 'help.close' and community_id = $1`, d.id)
	if len(concerned) != 1 || concerned[0] != int64(anna.Account) {
		t.Errorf("concerned: %v", concerned)
	}
}

func TestWhoAskedDiscreetlyRemovesTheQuestionThoughTheyAddedToIt(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker, other := d.seat(community.Member, community.Stakeholder), d.seat(community.Member, community.Scientist)
	a := asking("Shy")
	a.Discreet = true
	for name, c := range map[string]struct {
		by   community.Seat
		want string
	}{"added to by the asker": {asker, ""}, "answered": {other, "has-replies"}} {
		a.Request = uuid.New()
		made, err := d.store.Ask(t.Context(), asker, a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.store.Reply(t.Context(), c.by, made.Number, answer("more")); err != nil {
			t.Fatal(err)
		}
		got := ""
		err = d.store.Remove(t.Context(), asker, made.Number, 0)
		if problems := fault.Problems(err); len(problems) > 0 {
			got = problems[0].Key
		}
		if got != c.want || c.want == "" && err != nil {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
