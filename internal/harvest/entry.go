package harvest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
)

// MaxPassages is how many passages an entry grows out of at once.
const MaxPassages = 50

// Passage is words that stand somewhere.
type Passage struct {
	At
	Words string
}

// Entry makes an entry out of passages: the exact words, whose they are and where they stand become its sources, and whoever said them is credited. The passages
// leave the basket of whoever gathered them. The same form sent again gets the first entry.
func (s Store) Entry(ctx context.Context, seat community.Seat, n practice.New, passages []Passage) (made item.Made, err error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return made, err
	}
	if len(passages) == 0 || len(passages) > MaxPassages {
		return made, fault.One("words", "passages", "max", MaxPassages)
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		in := s.On(tx)
		sources, err := in.sources(ctx, seat, passages)
		if err != nil {
			return err
		}
		n.Sources = sources
		if made, err = in.entries.BeginIn(ctx, tx, seat, n); err != nil || made.Before {
			return err
		}
		return in.layDown(ctx, seat, sources)
	})
	return made, err
}

// sources are the passages as the store knows them. All that is wrong with them is named at once.
func (s Store) sources(ctx context.Context, seat community.Seat, passages []Passage) ([]practice.NewSource, error) {
	var in fault.Invalid
	sources := make([]practice.NewSource, 0, len(passages))
	for n, p := range passages {
		said, err := s.said(ctx, seat, p.At)
		if Lost(err) { // what was typed is worth more than a page that says so
			in.Check(false, fieldOf(n), "passage-gone")
			continue
		}
		if err != nil {
			return nil, err
		}
		p.check(&in, fieldOf(n), said)
		sources = append(sources, said.entrySource(OnOneLine(p.Words)))
	}
	return sources, in.Err()
}

// Lost reports whether a place is not there for the reader, or not any more.
func Lost(err error) bool {
	return errors.Is(err, fault.NotFound) || errors.Is(err, fault.Gone) || errors.Is(err, fault.Forbidden)
}

// fieldOf is the field of a form in which the words of passage n stand.
func fieldOf(n int) string { return "words-" + strconv.Itoa(n+1) }

func (p Passage) check(in *fault.Invalid, field string, said Said) {
	words := OnOneLine(p.Words)
	in.Check(words != "", field, "required")
	in.Check(utf8.RuneCountInString(words) <= practice.MaxWords, field, "too-long", "max", practice.MaxWords)
	in.Check(words == "" || said.Holds(words), field, "not-said")
}

func (s Said) entrySource(words string) practice.NewSource {
	source := practice.NewSource{Item: s.Item, Point: s.Point, Part: s.Part, Words: words, Lang: s.Lang, Speaker: s.Speaker, SaidOn: s.On, Unopened: s.Unopened}
	if s.Speaker == 0 {
		source.SpeakerName = s.Name
	}
	return source
}

// Turn makes a whole entry of a note of the seat's own: the note itself becomes it. The same form sent again changes nothing more.
func (s Store) Turn(ctx context.Context, seat community.Seat, note int, t practice.Text, revision int, request uuid.UUID) (made item.Made, err error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return made, err
	}
	made.Number = note
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		in := s.On(tx)
		first, err := item.Once(ctx, tx, seat, request, 0, s.now())
		if err != nil || !first {
			made.Before = !first
			return err
		}
		stands, err := in.entries.Written(ctx, seat, note)
		if err != nil {
			return err
		}
		if stands.Form != practice.Experience {
			return fmt.Errorf("entry %d is no note: %w", note, &fault.Conflict{Revision: stands.Revision})
		}
		fields := stands.Fields.Recast(stands.Form, t.Form)
		for part, text := range t.Fields {
			fields[part] = text
		}
		t.Fields, t.Facts, t.Tags, t.Topics = fields, stands.Facts, stands.Tags, stands.Topics
		return in.entries.Revise(ctx, seat, note, practice.Edit{Text: t, Revision: revision})
	})
	return made, err
}
