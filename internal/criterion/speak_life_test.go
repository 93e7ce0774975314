package criterion_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// voice is a source as the model has it.
type voice struct {
	n           int
	speaker, by account.ID
	answer      criterion.SpeakerAnswer
}

// Whatever members, scientists and coordinators do to the sources of a criterion, in whatever order: those who asked are the speakers who did not deny it,
// nobody answers for somebody else, and who stands behind a source is taken away by nobody but themselves and the coordinators.
func TestThoseWhoAskedAreTheSpeakersWhoDidNotDenyIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	alone(t, func(r *rapid.T, inner postgres.DB) {
		w := newTown(r, inner)
		seats := []community.Seat{w.stella, w.simon, w.coord}
		made, err := w.store.Raise(ctx, w.simon, criterion.New{Statement: "As said", Lang: "en", Request: uuid.New()})
		if err != nil {
			r.Fatal(err)
		}
		var voices []voice
		count, revision := 0, 1
		asked := func(who account.ID) bool {
			return slices.ContainsFunc(voices, func(v voice) bool { return v.speaker == who && v.answer != criterion.Denied })
		}
		one := func() community.Seat { return rapid.SampledFrom(seats).Draw(r, "seat") }
		source := func() int { return rapid.IntRange(1, count+1).Draw(r, "source") }
		at := func(n int) int { return slices.IndexFunc(voices, func(v voice) bool { return v.n == n }) }
		forbidden := func(what string, err error, allowed bool) {
			if allowed != (err == nil) {
				r.Fatalf("%s: %v, allowed %t", what, err, allowed)
			}
		}
		answer := func(to criterion.SpeakerAnswer, do func(seat community.Seat, n int) error) {
			seat, n := one(), source()
			i, err := at(n), do(seat, n)
			forbidden(string(to), err, i >= 0 && voices[i].speaker == seat.Account)
			if err == nil {
				voices[i].answer = to
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"heard": func(r *rapid.T) {
				seat, speaker := one(), one()
				err := w.store.AddSource(ctx, seat, made.Number, criterion.NewSource{Form: criterion.FromPerson, Speaker: speaker.Account, Words: "This."}, uuid.New())
				forbidden("heard", err, seat.Can(community.Word))
				if err == nil {
					count++
					voices = append(voices, voice{n: count, speaker: speaker.Account, by: seat.Account})
				}
			},
			"need": func(r *rapid.T) {
				seat := one()
				if err := w.store.Need(ctx, seat, made.Number, "en"); err != nil {
					r.Fatal(err)
				}
				if !asked(seat.Account) {
					count++
					voices = append(voices, voice{n: count, speaker: seat.Account, by: seat.Account})
				}
			},
			"need no more": func(r *rapid.T) {
				seat := one()
				if err := w.store.NeedNoMore(ctx, seat, made.Number); err != nil {
					r.Fatal(err)
				}
				voices = slices.DeleteFunc(voices, func(v voice) bool { return v.speaker == seat.Account && v.by == seat.Account })
			},
			"confirm": func(r *rapid.T) {
				answer(criterion.Confirmed, func(seat community.Seat, n int) error {
					return w.store.Confirm(ctx, seat, made.Number, n, revision, false)
				})
			},
			"deny": func(r *rapid.T) {
				answer(criterion.Denied, func(seat community.Seat, n int) error { return w.store.Deny(ctx, seat, made.Number, n) })
			},
			"correct": func(r *rapid.T) {
				answer(criterion.Corrected, func(seat community.Seat, n int) error {
					err := w.store.Correct(ctx, seat, made.Number, n, revision, "As meant", false)
					if err == nil {
						revision++
					}
					return err
				})
			},
			"remove": func(r *rapid.T) {
				seat, n := one(), source()
				i, err := at(n), w.store.RemoveSource(ctx, seat, made.Number, n)
				vouched := i >= 0 && (voices[i].answer == criterion.Confirmed || voices[i].answer == criterion.Corrected || voices[i].speaker == voices[i].by)
				forbidden("remove", err, seat.Can(community.Word) && i >= 0 && (!vouched || voices[i].speaker == seat.Account || seat.Can(community.Judge)))
				if err == nil {
					voices = slices.Delete(voices, i, i+1)
				}
			},
			"": func(r *rapid.T) {
				c, err := w.store.Read(ctx, w.nobody, made.Number)
				if err != nil || c.Revision != revision || len(c.Sources) != len(voices) {
					r.Fatalf("revision %d and %d sources, %v; want %d and %d", c.Revision, len(c.Sources), err, revision, len(voices))
				}
				for i, s := range c.Sources {
					if v := voices[i]; s.N != v.n || s.Speaker != v.speaker || s.Answer != v.answer || v.answer == criterion.Denied && s.Words != "" {
						r.Fatalf("source %+v, want %+v", s, v)
					}
				}
				var ask, want []account.ID
				rows, err := w.db.Query(ctx, `select aa.id from account aa where aa.id = any(@seats) and `+criterion.Asked+` order by aa.id`, pgx.NamedArgs{"criterion": c.ID, "seats": []int64{int64(w.stella.Account), int64(w.simon.Account), int64(w.coord.Account)}})
				if err == nil {
					ask, err = pgx.CollectRows(rows, pgx.RowTo[account.ID])
				}
				for _, seat := range seats {
					if asked(seat.Account) {
						want = append(want, seat.Account)
					}
				}
				slices.Sort(want)
				if err != nil || !slices.Equal(ask, want) {
					r.Fatalf("%v asked, %v, want %v", ask, err, want)
				}
			},
		})
	})
}
