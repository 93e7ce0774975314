package practice_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
)

// lived is an entry as it should be after some acts.
type lived struct {
	revision, endorsed int // endorsed: of which revision; 0: not
	draft              bool
	checked            string // who said last that it is true
	fresh              time.Time
	translated         map[locale.Lang][2]int // revision of its own, and of the original
}

// TestLivesOfAnEntryAtRandom lets random seats endorse, confirm, change and translate an entry, and holds it against a model.
func TestLivesOfAnEntryAtRandom(t *testing.T) {
	t.Parallel()
	outer := newTown(t, "public")
	rapid.Check(t, func(rt *rapid.T) {
		tx, err := outer.tx.Begin(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = tx.Rollback(t.Context()) }() // the next one begins anew
		d := &town{t: t, tx: tx, id: outer.id, now: outer.now}
		d.store = practice.NewStore(tx, func() time.Time { return d.now })
		seats := map[string]community.Seat{"author": d.seat(community.Member), "member": d.seat(community.Member), "coordinator": d.seat(community.Coordinator), "elsewhere": d.seat(community.Elsewhere)}
		number, text := d.vine(seats["author"])
		m := lived{revision: 1, fresh: d.now.Add(-time.Minute), translated: map[locale.Lang][2]int{}}
		who := rapid.SampledFrom([]string{"author", "member", "coordinator", "coordinator", "elsewhere"})
		want := func(rt *rapid.T, act, by string, err error, allowed bool) bool {
			rt.Helper()
			switch refused := errors.Is(err, fault.Forbidden) || errors.Is(err, fault.NotFound); {
			case allowed && err != nil:
				rt.Fatalf("%s by %s: %v", act, by, err)
			case !allowed && !refused:
				rt.Fatalf("%s by %s was let through: %v", act, by, err)
			}
			return allowed
		}
		rt.Repeat(map[string]func(*rapid.T){
			"endorse": func(rt *rapid.T) {
				by := who.Draw(rt, "by")
				if want(rt, "endorse", by, d.store.Endorse(t.Context(), seats[by], number, 0), by == "coordinator" && !m.draft) {
					m.endorsed = m.revision
				}
			},
			"take the endorsement back": func(rt *rapid.T) {
				by := who.Draw(rt, "by")
				if want(rt, "unendorse", by, d.store.Unendorse(t.Context(), seats[by], number, "why"), by == "coordinator" && !m.draft) {
					m.endorsed = 0
				}
			},
			"still true": func(rt *rapid.T) {
				by := who.Draw(rt, "by")
				if want(rt, "still true", by, d.store.StillTrue(t.Context(), seats[by], number), by != "elsewhere" && !m.draft) {
					m.checked, m.fresh = by, d.now
				}
			},
			"change": func(rt *rapid.T) {
				text.Revision = m.revision
				if rapid.Bool().Draw(rt, "draft") {
					text.Audience = item.Draft
				} else {
					text.Audience = item.Public
				}
				if err := d.store.Revise(t.Context(), seats["author"], number, text); err != nil {
					rt.Fatal(err)
				}
				m.revision, m.draft, m.fresh = m.revision+1, text.Audience == item.Draft, d.now
			},
			"translate": func(rt *rapid.T) {
				by, r := who.Draw(rt, "by"), klimata
				r.Lang = rapid.SampledFrom([]locale.Lang{locale.Greek, locale.French}).Draw(rt, "into")
				r.Revision, r.OfRevision = m.translated[r.Lang][0], m.revision
				reads := !m.draft || by == "author" || by == "coordinator"
				if want(rt, "translate", by, d.store.Translate(t.Context(), seats[by], number, r), reads && by != "elsewhere") {
					m.translated[r.Lang] = [2]int{r.Revision + 1, m.revision}
				}
			},
			"take a translation away": func(rt *rapid.T) {
				if err := d.store.Untranslate(t.Context(), seats["author"], number, locale.Greek); err != nil {
					rt.Fatal(err)
				}
				delete(m.translated, locale.Greek)
			},
			"time passes": func(*rapid.T) { d.now = d.now.AddDate(0, 9, 0) },
			"": func(rt *rapid.T) {
				w, err := d.store.Read(t.Context(), seats["author"], number)
				if err != nil {
					rt.Fatal(err)
				}
				if w.Life.Endorsement.Revision != m.endorsed || w.Life.Endorsement.Endorsed() != (m.endorsed > 0) {
					rt.Fatalf("endorsed %+v, want of revision %d", w.Life.Endorsement, m.endorsed)
				}
				if (w.Life.Age.Checked != nil) != (m.checked != "") || w.Life.Age.Mine != (m.checked == "author") || !w.Life.Age.Fresh().Equal(m.fresh) || w.Life.Age.Stale(d.now) != m.fresh.Before(d.now.AddDate(-practice.StaleYears, 0, 0)) {
					rt.Fatalf("age %+v, want fresh at %s, confirmed by %q", w.Life.Age, m.fresh, m.checked)
				}
				if len(w.Life.Translations) != len(m.translated) {
					rt.Fatalf("%d translations, want %d", len(w.Life.Translations), len(m.translated))
				}
				for _, one := range w.Life.Translations {
					if is := m.translated[one.Lang]; one.Revision != is[0] || one.OfRevision != is[1] || one.Behind(w.Revision) != (is[1] < m.revision) {
						rt.Fatalf("in %s revision %d of %d, want %v", one.Lang, one.Revision, one.OfRevision, is)
					}
				}
			},
		})
	})
}

func TestAtTheSameMomentOneEndorsementAndOneTranslationStand(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := &town{t: t, tx: tx, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	d.store = practice.NewStore(tx, func() time.Time { return d.now })
	if err := tx.QueryRow(t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('town', 'city', 'en', 'UTC', 'public', now(), now(), now()) returning id`).Scan(&d.id); err != nil {
		t.Fatal(err)
	}
	coordinators := []community.Seat{d.seat(community.Coordinator), d.seat(community.Coordinator)}
	number, _ := d.vine(coordinators[0])
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := d.now
	store := practice.NewStore(pool, func() time.Time { return now })
	var waiting sync.WaitGroup
	errs := make([]error, 16)
	for n := range errs {
		waiting.Go(func() {
			if seat := coordinators[n/2%2]; n%2 == 0 {
				errs[n] = store.Endorse(t.Context(), seat, number, 0)
			} else {
				errs[n] = store.Translate(t.Context(), seat, number, klimata)
			}
		})
	}
	waiting.Wait()
	stood := 0
	for n, err := range errs {
		_, stale := fault.Stale(err)
		switch {
		case err == nil && n%2 == 1:
			stood++
		case err != nil && (n%2 == 0 || !stale):
			t.Errorf("%d: %v", n, err)
		}
	}
	var endorsed, translated, revision int
	if err := pool.QueryRow(t.Context(), `select (select count(*) from activity where verb = 'entry.endorse'), (select count(*) from activity where verb = 'entry.translate'), (select revision from entry_translation)`).Scan(&endorsed, &translated, &revision); err != nil {
		t.Fatal(err)
	}
	if endorsed != 1 || translated != 1 || revision != 1 || stood != 1 {
		t.Errorf("endorsed %d times, translated %d times, of which %d were told to have stood", endorsed, translated, stood)
	}
}
