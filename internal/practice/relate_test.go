package practice_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/practice"
)

// in is a seat as its person has it in another community.
func (d *town) in(seat community.Seat, id community.ID, slug string, standing community.Standing) community.Seat {
	seat.Community, seat.Slug, seat.Standing = id, slug, standing
	return seat
}

func field(err error) string {
	var all []string
	for _, p := range fault.Problems(err) {
		all = append(all, p.Field+" "+p.Key)
	}
	if len(all) == 0 && err != nil {
		return err.Error()
	}
	return strings.Join(all, ", ")
}

// ties of an entry as a seat reads them.
func (d *town) ties(seat community.Seat, number int) string {
	d.t.Helper()
	w, err := d.store.Read(d.t.Context(), seat, number)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, t := range w.Ties {
		all = append(all, fmt.Sprintf("%s %v %s E-%d %s%s", t.Relation, t.Back, t.City, t.Number, t.Title, map[bool]string{true: " *"}[t.MayPart]))
	}
	return strings.Join(all, "; ")
}

func TestAProblemListsTheWaysOfAddressingItAcrossCities(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	d.do(`insert into community_text (community_id, lang, name, domain_html, agenda_html) values ($1, 'en', 'Town', '', '')`, d.id)
	there := d.city("heraklion", "public")
	author := d.belongs(community.Member, d.id)
	cretan := d.belongs(community.Member, there)
	atHome := d.in(cretan, there, "heraklion", community.Member)
	abroad := d.in(cretan, d.id, "town", community.Elsewhere)
	problem := d.shared(author, practice.Problem, "Maps disagree", item.Public)
	method := d.shared(author, practice.Method, "Same height", item.Public)
	theirs := d.shared(atHome, practice.Case, "Market street", item.Programme)
	for other, way := range map[string]practice.Way{"E-2": practice.WayAddressedBy, "Heraklion E-1": practice.WayAddressedBy} {
		if err := d.store.Relate(t.Context(), author, problem, practice.NewTie{Way: way, Other: other, Note: "At night."}); err != nil {
			t.Errorf("%s: %s", other, field(err))
		}
	}
	// A member of the other end's community relates it from there, too.
	if err := d.store.Relate(t.Context(), abroad, method, practice.NewTie{Way: practice.WayUsedBy, Other: "https://koinon.test/c/heraklion/repertoire/1-market-street?x#uses"}); err != nil {
		t.Error(field(err))
	}
	if got, want := d.ties(d.belongs(community.Member, d.id), problem), "addresses true Town E-2 Same height; addresses true Heraklion E-1 Market street"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := d.ties(atHome, theirs), "uses false Town E-2 Same height *; addresses false Town E-1 Maps disagree *"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := d.text(`select string_agg(concat_ws(' ', detail->>'relation', (concerned)::text), '; ' order by id) from activity where verb = 'entry.relate' and concerned <> '{}' and actor_id = $1`, cretan.Account); got != fmt.Sprintf("uses {%d}", author.Account) {
		t.Errorf("told %s", got)
	}
}

func TestARelationIsJudged(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there, london := d.city("heraklion", "public"), d.city("london", "public")
	author := d.belongs(community.Member, d.id)
	mate := d.belongs(community.Member, d.id)
	cretan := d.belongs(community.Elsewhere, there)
	atLondon := d.in(d.belongs(community.Member, london), london, "london", community.Member)
	problem := d.shared(author, practice.Problem, "Maps disagree", item.Public)
	method := d.shared(author, practice.Method, "Same height", item.Public)
	tool := d.shared(author, practice.Tool, "A sketch", item.Public)
	d.shared(author, practice.Method, "For us", item.Community) // 4
	draft := d.note(mate, "mine")
	gone := d.shared(author, practice.Tool, "Gone", item.Public)
	d.do(`update item set removed_at = now(), withdrawn_at = now() where number = $1 and community_id = $2`, gone, d.id)
	d.shared(atLondon, practice.Tool, "In London", item.Public)
	d.shared(atLondon, practice.Tool, "London only", item.Community)
	for name, c := range map[string]struct {
		seat   community.Seat
		number int
		tie    practice.NewTie
		want   string
	}{
		"no way":               {author, problem, practice.NewTie{Other: "E-2"}, "tie-way choose"},
		"no other":             {author, problem, practice.NewTie{Way: practice.WayRelated}, "tie-other entry-which"},
		"words":                {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "the sketch"}, "tie-other entry-which"},
		"a number of nobody":   {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "E-99"}, "tie-other entry-none"},
		"a draft of another":   {author, problem, practice.NewTie{Way: practice.WayRelated, Other: fmt.Sprint("E-", draft)}, "tie-other entry-none"},
		"a removed one":        {author, problem, practice.NewTie{Way: practice.WayRelated, Other: fmt.Sprint("E-", gone)}, "tie-other entry-none"},
		"one for others":       {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "/c/london/repertoire/2"}, "tie-other entry-none"},
		"in no such city":      {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "/c/nowhere/repertoire/2"}, "tie-other entry-none"},
		"itself":               {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "E-1"}, "tie-other entry-itself"},
		"senseless":            {author, problem, practice.NewTie{Way: practice.WayUses, Other: "E-2"}, "tie-way entry-senseless"},
		"a problem as a way":   {author, method, practice.NewTie{Way: practice.WayAddresses, Other: "E-3"}, "tie-way entry-senseless"},
		"neither is theirs":    {cretan, problem, practice.NewTie{Way: practice.WayAddressedBy, Other: "E-2"}, "tie-other entry-yours"},
		"too long a note":      {author, problem, practice.NewTie{Way: practice.WayRelated, Other: "E-2", Note: strings.Repeat("x", 2001)}, "tie-note too-long"},
		"adapted without why":  {author, method, practice.NewTie{Way: practice.WayAdapted, Other: "E-4"}, "tie-note required"},
		"adapted by others":    {mate, method, practice.NewTie{Way: practice.WayAdapted, Other: "E-4", Note: "x"}, "tie-way entry-adapter"},
		"adapted of two kinds": {author, method, practice.NewTie{Way: practice.WayAdapted, Other: "E-3", Note: "x"}, "tie-way entry-senseless"},
	} {
		if got := field(d.store.Relate(t.Context(), c.seat, c.number, c.tie)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if err := d.store.Relate(t.Context(), d.seat(community.Visitor), problem, practice.NewTie{Way: practice.WayRelated, Other: "E-2"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a visitor: %v", err)
	}
	for range 2 { // given twice it stands once
		if err := d.store.Relate(t.Context(), author, tool, practice.NewTie{Way: practice.WayRelated, Other: "E-2"}); err != nil {
			t.Fatal(err)
		}
		if err := d.store.Relate(t.Context(), mate, method, practice.NewTie{Way: practice.WayRelated, Other: "E-3"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := field(d.store.Relate(t.Context(), author, method, practice.NewTie{Way: practice.WayUses, Other: "E-3"})); got != "tie-other entry-related" {
		t.Errorf("a second relation: %s", got)
	}
	if got := d.text(`select count(*)::text from item_link where relation in ('uses', 'addresses', 'related', 'adapted')`); got != "1" {
		t.Errorf("%s relations stand", got)
	}
}

func TestARelationIsTakenBackByWhomItConcerns(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there := d.city("heraklion", "public")
	author, maker, mate := d.belongs(community.Member, d.id), d.belongs(community.Member, d.id), d.belongs(community.Member, d.id)
	boss := d.belongs(community.Coordinator, d.id)
	boss.Reach.Coordinated = []int64{int64(d.id)}
	cretan := d.in(d.belongs(community.Member, there), there, "heraklion", community.Member)
	d.shared(author, practice.Problem, "Maps disagree", item.Public)
	d.shared(cretan, practice.Method, "Same height", item.Public)
	hidden := d.shared(author, practice.Method, "For us", item.Community)
	link := func() (id int64) {
		d.t.Helper()
		if err := d.store.Relate(t.Context(), maker, 1, practice.NewTie{Way: practice.WayAddressedBy, Other: "/c/heraklion/repertoire/1"}); err != nil {
			t.Fatal(field(err))
		}
		if err := d.tx.QueryRow(t.Context(), `select max(id) from item_link where relation = 'addresses'`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	one := link()
	if err := d.store.Unrelate(t.Context(), mate, 1, one); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by somebody else: %v", err)
	}
	if err := d.store.Unrelate(t.Context(), author, hidden, one); !errors.Is(err, fault.NotFound) {
		t.Errorf("of another entry: %v", err)
	}
	for who, seat := range map[string]community.Seat{"maker": maker, "author": author, "coordinator": boss} {
		if err := d.store.Unrelate(t.Context(), seat, 1, link()); err != nil {
			t.Errorf("by the %s: %v", who, err)
		}
	}
	if err := d.store.Unrelate(t.Context(), cretan, 1, link()); err != nil {
		t.Errorf("by the author of the other: %v", err)
	}
	if err := d.store.Relate(t.Context(), author, 1, practice.NewTie{Way: practice.WayAddressedBy, Other: fmt.Sprint("E-", hidden)}); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := d.tx.QueryRow(t.Context(), `select max(id) from item_link`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	outside := d.in(cretan, d.id, "town", community.Elsewhere)
	if got := d.ties(outside, 1); got != "" {
		t.Errorf("an entry for others is shown: %s", got)
	}
	if err := d.store.Unrelate(t.Context(), outside, 1, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("of what one cannot see: %v", err)
	}
}

func TestAnEntryIsAdaptedInAnotherCity(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there := d.city("heraklion", "public")
	author := d.belongs(community.Member, d.id)
	cretan := d.belongs(community.Elsewhere, there)
	atHome := d.in(cretan, there, "heraklion", community.Member)
	number := d.shared(author, practice.Method, "Vines on wires", item.Programme)
	o, err := d.store.Original(t.Context(), cretan, number)
	if err != nil || o.Text.Fields["use"] != "About Vines on wires" {
		t.Fatalf("%+v, %v", o, err)
	}
	a := practice.Adaptation{In: there, Title: "Vines in salt wind", Fields: o.Fields, Request: uuid.New()}
	if _, _, err := d.store.Adapt(t.Context(), cretan, number, a); field(err) != "differs required" {
		t.Errorf("without saying what differs: %v", err)
	}
	a.Fields[practice.Differs] = "Salt wind."
	for in, want := range map[community.ID]string{d.id: "adapt-in choose", 999: "adapt-in choose", 0: "adapt-in choose"} {
		b := a
		b.In = in
		if _, _, err := d.store.Adapt(t.Context(), cretan, number, b); field(err) != want {
			t.Errorf("into %d: %v", in, err)
		}
	}
	slug, made, err := d.store.Adapt(t.Context(), cretan, number, a)
	again := a
	if err != nil || slug != "heraklion" {
		t.Fatal(slug, err)
	}
	if _, second, err := d.store.Adapt(t.Context(), cretan, number, again); err != nil || second.ID != made.ID {
		t.Errorf("a double click: %+v, %v", second, err)
	}
	if got := d.ties(author, number); got != "" {
		t.Errorf("a draft is shown at its original: %s", got)
	}
	if got := d.text(`select count(*)::text from activity where verb = 'entry.adapt'`); got != "0" {
		t.Error("the authors hear of a draft")
	}
	e, err := d.store.Written(t.Context(), atHome, made.Number)
	if err != nil {
		t.Fatal(err)
	}
	e.Audience, e.Fields[practice.Differs] = item.Public, "Salt wind, no rain."
	if err := d.store.Revise(t.Context(), atHome, made.Number, e); field(err) != "audience adapted-wider" {
		t.Errorf("wider than its original: %v", err)
	}
	e.Audience = item.Programme
	if err := d.store.Revise(t.Context(), atHome, made.Number, e); err != nil {
		t.Fatal(field(err))
	}
	e.Revision++
	if err := d.store.Revise(t.Context(), atHome, made.Number, e); err != nil {
		t.Fatal(field(err))
	}
	if got, want := d.text(`select string_agg(concat_ws(' ', i.number, v.concerned::text, v.detail->>'entry' = $1), '; ') from activity v join item i on i.id = v.item_id where v.verb = 'entry.adapt'`, fmt.Sprint(made.ID)), fmt.Sprintf("%d {%d} t", number, author.Account); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	w, err := d.store.Read(t.Context(), author, number)
	if err != nil || len(w.Ties) != 1 || w.Ties[0].Note != "Salt wind, no rain." || !w.Ties[0].Back || w.Ties[0].City != "Heraklion" {
		t.Errorf("%+v, %v", w.Ties, err)
	}
	if i := slices.IndexFunc(w.Trail, func(s item.Step) bool { return s.Relation == "adapted" && s.Onwards }); i < 0 {
		t.Errorf("not on the trail of its original: %+v", w.Trail)
	}
	back, err := d.store.Read(t.Context(), atHome, made.Number)
	if err != nil || len(back.Ties) != 1 || len(back.Ties[0].Authors) != 1 || back.Ties[0].MayPart || back.Trail[0].Onwards {
		t.Errorf("%+v, %v", back, err)
	}
	if err := d.store.Unrelate(t.Context(), atHome, made.Number, back.Ties[0].Link); !errors.Is(err, fault.Forbidden) {
		t.Errorf("the credit is cut off by the adapter: %v", err)
	}
}

func TestWhatIsForItsCommunityAloneIsNotCarriedAway(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	there := d.city("heraklion", "public")
	author := d.belongs(community.Member, d.id, there)
	both := d.belongs(community.Member, d.id, there)
	atHome := d.in(both, there, "heraklion", community.Member)
	closed := d.shared(author, practice.Method, "For us", item.Community)
	open := d.shared(author, practice.Method, "For all", item.Programme)
	draft := d.shared(author, practice.Method, "Not yet", item.Draft)
	adapt := func(seat community.Seat, number int) (item.Made, error) {
		_, made, err := d.store.Adapt(t.Context(), seat, number, practice.Adaptation{In: there, Title: "Ours", Fields: practice.Fields{practice.Differs: "Wind."}, Request: uuid.New()})
		return made, err
	}
	if _, err := adapt(both, closed); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a closed one: %v", err)
	}
	if _, err := adapt(author, draft); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a draft: %v", err)
	}
	if _, err := adapt(both, draft); !errors.Is(err, fault.NotFound) {
		t.Errorf("a draft of somebody else: %v", err)
	}
	own, err := adapt(author, closed)
	if err != nil {
		t.Fatal(err)
	}
	share := func(seat community.Seat, number int, audience item.Audience) error {
		e, err := d.store.Written(t.Context(), seat, number)
		if err != nil {
			t.Fatal(err)
		}
		e.Audience = audience
		return d.store.Revise(t.Context(), seat, number, e)
	}
	if err := share(d.in(author, there, "heraklion", community.Member), own.Number, item.Public); err != nil {
		t.Errorf("one of its authors opens it: %v", err)
	}
	made, err := adapt(both, open)
	if err != nil {
		t.Fatal(err)
	}
	if err := share(author, open, item.Community); err != nil {
		t.Fatal(err)
	}
	if err := share(atHome, made.Number, item.Community); field(err) != "audience adapted-wider" {
		t.Errorf("the original closed meanwhile: %v", err)
	}
	if err := share(author, open, item.Public); err != nil {
		t.Fatal(err)
	}
	if err := share(atHome, made.Number, item.Public); err != nil {
		t.Errorf("the original is open again: %v", err)
	}
	d.do(`update item set removed_at = now(), hidden_at = now() where community_id = $1 and number = $2`, d.id, open)
	if _, err := adapt(both, open); !errors.Is(err, fault.Gone) {
		t.Errorf("a hidden one: %v", err)
	}
	if err := share(atHome, made.Number, item.Programme); err != nil {
		t.Errorf("narrower is always possible: %v", err)
	}
	if err := share(atHome, made.Number, item.Public); field(err) != "audience adapted-wider" {
		t.Errorf("wider than before, of a hidden one: %v", err)
	}
}
