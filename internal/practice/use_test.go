package practice_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

// city is another community beside the town.
func (d *town) city(slug, visibility string) community.ID {
	d.t.Helper()
	var id community.ID
	if err := d.tx.QueryRow(context.Background(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'en', 'UTC', $2, now(), now(), now()) returning id`, slug, visibility).Scan(&id); err != nil {
		d.t.Fatal(err)
	}
	d.do(`insert into community_text (community_id, lang, name, summary, domain, agenda, domain_html, agenda_html) select $1, 'en', initcap($2), '', '', '', '', ''`, id, slug)
	return id
}

func (d *town) do(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.tx.Exec(context.Background(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func (d *town) text(sql string, args ...any) string {
	d.t.Helper()
	var s string
	if err := d.tx.QueryRow(context.Background(), sql, args...).Scan(&s); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return s
}

// belongs is the seat here of somebody who belongs to those communities.
func (d *town) belongs(standing community.Standing, to ...community.ID) community.Seat {
	d.t.Helper()
	seat := d.seat(standing)
	seat.Reach.Mine = []int64{}
	for _, id := range to {
		seat.Reach.Mine = append(seat.Reach.Mine, int64(id))
		d.do(`insert into membership (community_id, account_id, number, state, perspective, asked_at, since) values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', 'stakeholder', now(), now())`, id, seat.Account)
	}
	return seat
}

// shared is an entry of the town that everybody of the audience reads.
func (d *town) shared(seat community.Seat, form practice.Form, title string, audience item.Audience) int {
	d.t.Helper()
	d.now = d.now.Add(time.Minute)
	made, err := d.store.Begin(d.t.Context(), seat, practice.New{Request: uuid.New(), Text: practice.Text{Form: form, Title: title, Lang: locale.English, Audience: audience, Fields: practice.Fields{form.First(): "About " + title}}})
	if err != nil {
		d.t.Fatal(err)
	}
	return made.Number
}

func use(in community.ID, outcome string) practice.NewUse {
	return practice.NewUse{In: in, Outcome: outcome, Again: practice.UseAgain, Lang: locale.English, Request: uuid.New()}
}

// counts of entry 1 of the town.
func (d *town) counts() string {
	return d.text(`select reported || ' ' || uses || ' ' || cities from entry e join item i on i.id = e.item_id where i.number = 1 and i.community_id = $1`, d.id)
}

func TestSomebodyFromElsewhereSaysWhatCameOfAnEntryAndItsAuthorsHear(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there := d.city("heraklion", "public")
	author, mate, reader := d.belongs(community.Member, d.id), d.belongs(community.Member, d.id), d.belongs(community.Elsewhere, there)
	number := d.shared(author, practice.Method, "Vines on wires", item.Programme)
	d.do(`insert into entry_author (community_id, entry_id, account_id, position) select community_id, item_id, $1, 1 from entry`, mate.Account)
	day := d.now.AddDate(0, 0, -3)
	report := practice.NewUse{In: there, Place: "Harbour", On: &day, Outcome: "It **cooled** the yard.", Again: practice.UseChanged, Lang: locale.English, Request: uuid.New()}
	if err := d.store.ReportUse(t.Context(), reader, number, report); err != nil {
		t.Fatal(err)
	}
	if err := d.store.ReportUse(t.Context(), reader, number, report); err != nil { // a double click
		t.Fatal(err)
	}
	w, err := d.store.Read(t.Context(), author, number)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]practice.CityUse{{Slug: "heraklion", City: "Heraklion", Uses: 1, Changed: 1}}, w.Used.ByCity); diff != "" {
		t.Error(diff)
	}
	if len(w.Used.Newest) != 1 || !strings.Contains(w.Used.Newest[0].HTML, "<strong>cooled</strong>") || w.Used.Newest[0].Perspective != community.Stakeholder || w.Used.Newest[0].Mine || w.Uses != 1 || w.Cities != 1 {
		t.Errorf("got %+v", w.Used.Newest)
	}
	want := fmt.Sprintf("{%d,%d} {\"use\": 1}", author.Account, mate.Account)
	if got := d.text(`select string_agg(concat_ws(' ', array(select unnest(concerned) order by 1)::text, detail), '; ') from activity where verb = 'entry.use'`); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	if err := d.store.ReportUse(t.Context(), author, number, use(d.id, "We did.")); err != nil {
		t.Fatal(err)
	}
	page, err := d.store.Uses(t.Context(), reader, number, practice.UseFilter{})
	if err != nil || len(page.Rows) != 2 || !page.Rows[0].ByAuthor || page.Rows[1].ByAuthor || !page.Rows[1].Mine {
		t.Errorf("%+v, %v", page.Rows, err)
	}
	if got := d.counts(); got != "2 2 2" {
		t.Errorf("numbered, standing, cities: %s", got)
	}
}

func TestAReportIsJudged(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there, foreign := d.city("heraklion", "public"), d.city("london", "public")
	author, reader := d.belongs(community.Member, d.id), d.belongs(community.Elsewhere, there)
	number := d.shared(author, practice.Method, "Vines on wires", item.Public)
	tomorrow := d.now.AddDate(0, 0, 1)
	for want, u := range map[string]practice.NewUse{
		"used-outcome": use(there, ""),
		"used-in":      use(foreign, "x"),
		"used-on":      {In: there, On: &tomorrow, Outcome: "x", Again: practice.UseAgain, Lang: locale.English, Request: uuid.New()},
		"used-again":   {In: there, Outcome: "x", Again: "maybe", Lang: locale.English, Request: uuid.New()},
		"used-lang":    {In: there, Outcome: "x", Again: practice.UseNotAgain, Lang: "xx", Request: uuid.New()},
		"used-place":   {In: there, Place: strings.Repeat("x", 201), Outcome: "x", Again: practice.UseNotAgain, Lang: "el", Request: uuid.New()},
	} {
		if p := fault.Problems(d.store.ReportUse(t.Context(), reader, number, u)); len(p) != 1 || p[0].Field != want {
			t.Errorf("%s: got %v", want, p)
		}
	}
	if p := fault.Problems(d.store.ReportUse(t.Context(), reader, number, use(there, strings.Repeat("é", practice.MaxOutcome+1)))); len(p) != 1 {
		t.Errorf("too long: %v", p)
	}
	if err := d.store.ReportUse(t.Context(), d.seat(community.Visitor), number, use(there, "x")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a visitor: %v", err)
	}
	closed := d.shared(author, practice.Method, "For us", item.Community)
	if err := d.store.ReportUse(t.Context(), reader, closed, use(there, "x")); !errors.Is(err, fault.NotFound) {
		t.Errorf("one that the reporter cannot read: %v", err)
	}
	if err := d.store.ReportUse(t.Context(), author, d.note(author, "mine"), use(d.id, "x")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a draft: %v", err)
	}
	if got := d.counts(); got != "0 0 0" {
		t.Errorf("numbered, standing, cities: %s", got)
	}
}

func TestAReportIsChangedTakenAwayAndPutBackByWhomItIsFor(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there := d.city("heraklion", "public")
	author, reader, other := d.belongs(community.Member, d.id), d.belongs(community.Elsewhere, there), d.belongs(community.Elsewhere, there)
	boss := d.belongs(community.Coordinator, d.id)
	number := d.shared(author, practice.Method, "Vines on wires", item.Public)
	if err := d.store.ReportUse(t.Context(), reader, number, use(there, "It worked.")); err != nil {
		t.Fatal(err)
	}
	edit := practice.UseEdit{NewUse: use(there, "It worked, twice."), Revision: 1}
	for who, seat := range map[string]community.Seat{"author": author, "other": other, "coordinator": boss} {
		if err := d.store.ReviseUse(t.Context(), seat, number, 1, edit); !errors.Is(err, fault.Forbidden) {
			t.Errorf("changed by %s: %v", who, err)
		}
	}
	if err := d.store.ReviseUse(t.Context(), reader, number, 1, edit); err != nil {
		t.Fatal(err)
	}
	if _, stale := fault.Stale(d.store.ReviseUse(t.Context(), reader, number, 1, edit)); !stale {
		t.Error("an old form went over the newer words")
	}
	if err := d.store.RemoveUse(t.Context(), other, number, 1, "no"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("removed by another: %v", err)
	}
	if err := d.store.RemoveUse(t.Context(), reader, number, 1, ""); err != nil || d.counts() != "1 0 0" {
		t.Errorf("removed by the reporter: %v, %s", err, d.counts())
	}
	if page, err := d.store.Uses(t.Context(), other, number, practice.UseFilter{}); err != nil || len(page.Rows) != 0 {
		t.Errorf("others still see it: %v, %v", page.Rows, err)
	}
	if page, err := d.store.Uses(t.Context(), reader, number, practice.UseFilter{}); err != nil || len(page.Rows) != 1 || !page.Rows[0].MayUndo {
		t.Errorf("the reporter may take it back: %v, %v", page.Rows, err)
	}
	d.now = d.now.Add(9 * time.Minute)
	if err := d.store.RestoreUse(t.Context(), other, number, 1); !errors.Is(err, fault.Forbidden) {
		t.Errorf("restored by another: %v", err)
	}
	if err := d.store.RestoreUse(t.Context(), reader, number, 1); err != nil || d.counts() != "1 1 1" {
		t.Errorf("restored: %v, %s", err, d.counts())
	}
	if p := fault.Problems(d.store.RemoveUse(t.Context(), boss, number, 1, "")); len(p) != 1 || p[0].Field != "reason" {
		t.Errorf("removed without a reason: %v", p)
	}
	if err := d.store.RemoveUse(t.Context(), boss, number, 1, "An advertisement."); err != nil || d.counts() != "1 0 0" {
		t.Errorf("removed by a coordinator: %v, %s", err, d.counts())
	}
	if p := fault.Problems(d.store.RestoreUse(t.Context(), reader, number, 1)); len(p) != 1 {
		t.Errorf("the reporter puts back what a coordinator removed: %v", p)
	}
	want := fmt.Sprintf(`{%d} {"use": 1, "reason": "An advertisement."}`, reader.Account)
	if got := d.text(`select concat_ws(' ', concerned::text, detail) from activity where verb = 'entry.use-remove'`); got != want {
		t.Errorf("audit: %s", got)
	}
	if err := d.store.ReviseUse(t.Context(), reader, number, 1, practice.UseEdit{NewUse: edit.NewUse, Revision: 2}); !errors.Is(err, fault.Gone) {
		t.Errorf("changed while it is away: %v", err)
	}
	if err := d.store.RemoveUse(t.Context(), reader, number, 7, ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestReportsFromAPrivateCommunityDoNotBetrayIt(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	open, one, two := d.city("heraklion", "public"), d.city("hidden-one", "private"), d.city("hidden-two", "private")
	author := d.belongs(community.Member, d.id)
	number := d.shared(author, practice.Method, "Vines on wires", item.Programme)
	insider := d.belongs(community.Elsewhere, one)
	for _, r := range []struct {
		seat community.Seat
		in   community.ID
	}{{d.belongs(community.Elsewhere, open), open}, {insider, one}, {d.belongs(community.Elsewhere, two), two}} {
		if err := d.store.ReportUse(t.Context(), r.seat, number, use(r.in, "x")); err != nil {
			t.Fatal(err)
		}
	}
	w, err := d.store.Read(t.Context(), author, number)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]practice.CityUse{{Slug: "heraklion", City: "Heraklion", Uses: 1, Yes: 1}, {Uses: 2, Yes: 2}}, w.Used.ByCity); diff != "" {
		t.Error(diff)
	}
	if w.Cities != 2 || w.Uses != 3 {
		t.Errorf("counted %d uses in %d cities", w.Uses, w.Cities)
	}
	for _, u := range w.Used.Newest {
		if strings.Contains(u.Slug+u.City, "idden") || u.Slug == "" && u.Member != 0 {
			t.Errorf("betrayed: %+v", u)
		}
	}
	for city, want := range map[string]int{"hidden-one": 0, "nowhere": 0, practice.OtherCities: 2, "heraklion": 1} {
		if page, err := d.store.Uses(t.Context(), author, number, practice.UseFilter{City: city}); err != nil || len(page.Rows) != want {
			t.Errorf("%s: %d, %v", city, len(page.Rows), err)
		}
	}
	inside, err := d.store.Uses(t.Context(), insider, number, practice.UseFilter{City: "hidden-one"})
	if err != nil || len(inside.Rows) != 1 || inside.Rows[0].City != "Hidden-One" {
		t.Errorf("inside: %+v, %v", inside.Rows, err)
	}
}

func TestPagesOfReportsLeadToAndFro(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.belongs(community.Member, d.id)
	number := d.shared(author, practice.Method, "Vines on wires", item.Programme)
	for n := range 2*practice.PerUses + 3 {
		if err := d.store.ReportUse(t.Context(), author, number, use(d.id, fmt.Sprint("Time ", n+1))); err != nil {
			t.Fatal(err)
		}
	}
	var seen []int
	f := practice.UseFilter{}
	for range 4 {
		page, err := d.store.Uses(t.Context(), author, number, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Rows {
			seen = append(seen, u.N)
		}
		if page.Older == 0 {
			back, err := d.store.Uses(t.Context(), author, number, practice.UseFilter{After: page.Newer})
			if err != nil || len(back.Rows) != practice.PerUses || back.Rows[len(back.Rows)-1].N != page.Newer+1 {
				t.Errorf("back: %v, %v", back.Rows, err)
			}
			break
		}
		f.Before = page.Older
	}
	if len(seen) != 2*practice.PerUses+3 || seen[0] != len(seen) || seen[len(seen)-1] != 1 {
		t.Errorf("seen %v", seen)
	}
}
