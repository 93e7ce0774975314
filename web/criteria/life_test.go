package criteria_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/webtest"
)

// raise logs a criterion as a coordinator of a community, and says its number.
func raise(t *testing.T, s *webtest.Site, slug, statement string, audience item.Audience) int {
	t.Helper()
	seat := community.Seat{Slug: slug, Standing: community.Coordinator}
	var me account.ID
	if err := s.DB.QueryRow(t.Context(), `select c.id, m.account_id from community c join membership m on m.community_id = c.id where c.slug = $1 and m.role = 'coordinator' and m.state = 'member' order by 2 limit 1`, slug).Scan(&seat.Community, &me); err != nil {
		t.Fatal(err)
	}
	seat.Account = me
	seat.Reach = community.Reach{Me: me, Mine: []int64{int64(seat.Community)}, Coordinated: []int64{int64(seat.Community)}}
	made, err := criterion.NewStore(s.DB, time.Now).Raise(t.Context(), seat, criterion.New{Statement: statement, Lang: "en", Audience: audience, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func run(t *testing.T, s *webtest.Site, sql string, args ...any) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestACriterionIsAgreedMergedRelatedAndComparedAcrossCities(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	beat, eleni, stranger := s.As(t, "beat-hollenstein"), s.As(t, "eleni-markaki"), s.Stranger(t)
	one, two := link.Criterion("basel", raise(t, s, "basel", "Shade for every street", item.Public)), link.Criterion("basel", raise(t, s, "basel", "Streets with their shade", item.Public))
	far := link.Criterion("heraklion", raise(t, s, "heraklion", "Shade along the harbour", item.Public))
	beat.Get(one+"?lang=en").Sees(t, 200, "Record the agreement", "Streets with their shade")
	beat.Post(one+"/agree?lang=en", "agree-on", "2199-01-01").Sees(t, 422, `href="#field-agree-on"`, "still to come", `value="2199-01-01"`)
	beat.Post(one+"/agree", "agree-on", time.Now().AddDate(0, 0, -3).Format(time.DateOnly)).Sees(t, 303)
	beat.Post(two+"/decline?lang=en", "decline-reason", "").Sees(t, 422, `href="#field-decline-reason"`)
	beat.Post(two+"/merge?lang=en", "merge-into", "c-"+one[len(link.Criteria("basel"))+1:]).Sees(t, 303)
	stranger.Get(two+"?lang=en").Sees(t, 200, "Merged into", one).Misses(t, "Record the agreement", "Relate them")
	stranger.Get(one+"?lang=en").Sees(t, 200, "Merged into this one", "Streets with their shade")
	eleni.Post(far+"/relate?lang=en", "relate-relation", "same-need", "relate-other", "https://koinon.example.org/c/basel/criteria/999").Sees(t, 422, `href="#field-relate-other"`, "criteria/999")
	eleni.Post(far+"/relate", "relate-relation", "same-need", "relate-other", "https://koinon.example.org"+one+"?lang=de", "relate-note", "The harbour has no trees").Sees(t, 303)
	stranger.Get(one+"?lang=en").Sees(t, 200, "The same need", "Heraklion C-", "The harbour has no trees")
	stranger.Get(far+"?lang=en").Sees(t, 200, "Basel C-")
	stranger.Get("/criteria?lang=en").Sees(t, 200, "1 need is common", "Not discussed", far, one).Misses(t, two+`"`)
	stranger.Get("/criteria?lang=en&share=local").Sees(t, 200, "No need fits this")
	stranger.Get("/criteria?lang=en&share=common&state=agreed").Sees(t, 200, "Shade for every street")
	stranger.Get("/criteria?after=nonsense").Sees(t, 404)
	stranger.Get("/criteria.json").Sees(t, 200, `"common": true`, `"statement": "Shade along the harbour"`)
	stranger.Get("/criteria.csv?state=agreed").Sees(t, 200, "Shade for every street,heraklion,C-")
	beat.Post(two+"/reopen", "reopen-reason", "They differ").Sees(t, 303)
	stranger.Get("/criteria?lang=en&share=local").Sees(t, 200, "Streets with their shade")
}

// One row per act: what each seat gets for a criterion that is raised, and one that is declined; an act that is not sound at all is no secret to who may not do it.
func TestWhoMayMoveACriterion(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	seats := map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "eleni-markaki"), "member": s.As(t, "urs-dettwiler"), "scientist": s.As(t, "lea-straumann"), "coordinator": s.As(t, "beat-hollenstein")}
	order := []string{"stranger", "elsewhere", "member", "scientist", "coordinator"}
	other := raise(t, s, "basel", "The other", item.Public)
	for act, c := range map[string]struct {
		raised, declined []int
		fields           []string
	}{
		"agree":   {[]int{303, 403, 403, 403, 303}, []int{303, 403, 403, 403, 422}, []string{"agree-on", "2026-01-01"}},
		"park":    {[]int{303, 403, 403, 403, 303}, []int{303, 403, 403, 403, 422}, nil},
		"decline": {[]int{303, 403, 403, 403, 303}, []int{303, 403, 403, 403, 303}, []string{"decline-reason", "no"}},
		"reopen":  {[]int{303, 403, 403, 403, 422}, []int{303, 403, 403, 403, 303}, []string{"reopen-reason", "yes"}},
		"merge":   {[]int{303, 403, 403, 303, 303}, []int{303, 403, 403, 422, 422}, []string{"merge-alike", "C-" + strconv.Itoa(other)}},
		"relate":  {[]int{303, 303, 303, 303, 303}, []int{303, 303, 303, 303, 303}, []string{"relate-relation", "narrower", "relate-other", strconv.Itoa(other)}},
	} {
		for state, want := range map[string][]int{"raised": c.raised, "declined": c.declined} {
			for n, who := range order {
				number := raise(t, s, "basel", act+" "+state+" "+who, item.Public)
				if state == "declined" {
					run(t, s, `with of as (select i.id, i.community_id from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'criterion' and i.number = $1),
						stepped as (insert into criterion_step (community_id, criterion_id, step, reason, at) select community_id, id, 'declined', 'no', now() from of)
						update criterion set state = 'declined' where item_id = (select id from of)`, number)
				}
				got := seats[who].Post(link.CriterionAct("basel", number, act), c.fields...)
				signIn := who == "stranger" && (len(got.To()) < 8 || got.To()[:8] != "/sign-in")
				if got.Status != want[n] || signIn {
					t.Errorf("%s of a %s one by %s: %d to %q, want %d", act, state, who, got.Status, got.To(), want[n])
				}
			}
		}
	}
}

func TestTheMatrixTellsNothingThatItsReaderCannotOpen(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	open := raise(t, s, "basel", "Open to everybody", item.Public)
	also := raise(t, s, "heraklion", "Open as well", item.Public)
	hidden := raise(t, s, "london", "Hidden in a private community", item.Community)
	draft := raise(t, s, "basel", "Only a thought", item.Community)
	run(t, s, `update item set audience = 3 where kind = 'criterion' and title = 'Only a thought'`)
	ids := `select id from item where kind = 'criterion' and title in ('Open to everybody', 'Open as well', 'Hidden in a private community')`
	// the hidden one is the same need as both that are open: nobody else learns that they hang together
	run(t, s, `insert into item_link (from_id, to_id, relation, at) select least(h.id, o.id), greatest(h.id, o.id), 'same-need', now() from item h, item o where h.title = 'Hidden in a private community' and o.title in ('Open to everybody', 'Open as well')`)
	run(t, s, `insert into item_link (from_id, to_id, relation, at) select d.id, o.id, 'narrower', now() from item d, item o where d.title = 'Hidden in a private community' and o.title = 'Only a thought'`)
	run(t, s, `update criterion set need_id = (select min(id) from (`+ids+`) x) where item_id in (`+ids+`)`)
	run(t, s, `update item set audience = 2 where audience < 2 and community_id = (select id from community where slug = 'london')`)
	run(t, s, `update meeting set opens_to = 2 where community_id = (select id from community where slug = 'london')`)
	run(t, s, `update community set visibility = 'private' where slug = 'london'`)
	run(t, s, `insert into importance (community_id, criterion_id, perspective, n, low, median, high) select community_id, id, p, case when title = 'Open as well' and p = 'scientist' then 2 else 7 end, 8.25, 8.25, 8.25
		from item, unnest(array['stakeholder', 'scientist']) p where kind = 'criterion'`)
	for name, v := range map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "eleni-markaki")} {
		for _, address := range []string{"/criteria?lang=en", "/criteria.json", "/criteria.csv", "/criteria?lang=en&share=local"} {
			v.Get(address).Sees(t, 200, "Open to everybody", "Open as well").Misses(t, "Hidden", "Only a thought", link.Criterion("london", hidden)+`"`, link.Criterion("basel", draft)+`"`, "/c/london", "common to two")
		}
		v.Get("/criteria?lang=en&share=common").Sees(t, 200, "No need fits this")
		v.Get("/criteria?lang=en").Sees(t, 200, "You can read 2 criteria.", "Too few ratings to show").Misses(t, name+"!")
		v.Get(link.Criterion("basel", open)+"?lang=en").Sees(t, 200).Misses(t, "Hidden", "Heraklion C-")
	}
	if body := s.Stranger(t).Get("/criteria.json").Body; countOf(body, "8.25") != 6 { // both groups of the open one, three numbers each; of the other none
		t.Errorf("the export shows %d numbers of groups, want 6: %s", countOf(body, "8.25"), body)
	}
	inside := s.As(t, "beat-hollenstein")
	inside.Get("/criteria?lang=en").Sees(t, 200, "Only a thought").Misses(t, "Hidden")
	run(t, s, `insert into membership (community_id, account_id, number, state, perspective, asked_at, since) select c.id, a.id, 900, 'member', 'stakeholder', now(), now() from community c, account a where c.slug = 'london' and a.handle = 'urs-dettwiler'`)
	s.As(t, "urs-dettwiler").Get("/criteria?lang=en").Sees(t, 200, "Hidden in a private community", "1 need is common", link.Criterion("heraklion", also))
}

func countOf(text, part string) (n int) {
	for at := 0; at+len(part) <= len(text); at++ {
		if text[at:at+len(part)] == part {
			n++
		}
	}
	return n
}

func TestQueriesOfTheMatrixAndOfACriterionDoNotGrowWithTheirRows(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	raise(t, s, "basel", "The first", item.Public)
	v := s.As(t, "beat-hollenstein")
	pages := []string{"/criteria", "/c/basel/criteria/1", "/criteria.csv"}
	few := map[string]int{}
	for _, path := range pages {
		v.Get(path)
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	for n := range 20 {
		raise(t, s, []string{"basel", "heraklion"}[n%2], fmt.Sprint("The first of many ", n), item.Public)
	}
	run(t, s, `insert into item_link (from_id, to_id, relation, at) select f.id, i.id, 'same-need', now() from item f, item i where f.kind = 'criterion' and f.title = 'The first' and i.kind = 'criterion' and i.title like 'The first of many%'`)
	for _, path := range pages {
		if many := s.Asked(func() { v.Get(path).Sees(t, 200) }); many != few[path] || many > 20 {
			t.Errorf("%s: %d queries for few rows, %d for many", path, few[path], many)
		}
	}
}
