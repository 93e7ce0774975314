package meeting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Limits of decisions and actions, in characters.
const (
	MaxSettled = 2000 // what was settled
	MaxWhy     = 5000
	MaxWho     = 300
)

// NewDecision is what a meeting, or the community between meetings, settled.
type NewDecision struct {
	Text     string // what; its beginning becomes the title
	Why      string
	Rejected string // what was not chosen
	Who      string // who decided, in words
	On       time.Time
	Review   *time.Time // day on which to look at it again
	Lang     locale.Lang
	Audience item.Audience // of one that no meeting settled
	Point    *int64        // agenda point
	Part     string        // of the meeting's minutes: "line-3"
	Request  uuid.UUID
}

func (d NewDecision) check() error {
	var in fault.Invalid
	checkSettled(&in, d.Text, d.Lang)
	checkWords(&in, "why", d.Why, MaxWhy)
	checkWords(&in, "rejected", d.Rejected, MaxWhy)
	checkWords(&in, "who", d.Who, MaxWho)
	in.Check(!d.On.IsZero(), "on", "date")
	in.Check(d.Review == nil || d.Review.After(d.On), "review", "after-decision")
	return in.Err()
}

func checkSettled(in *fault.Invalid, text string, lang locale.Lang) {
	in.Check(strings.TrimSpace(text) != "", "text", "required")
	checkWords(in, "text", text, MaxSettled)
	in.Check(locale.Known(string(lang)), "lang", "choose")
}

func checkWords(in *fault.Invalid, field, text string, most int) {
	in.Check(utf8.RuneCountInString(text) <= most, field, "too-long", "max", most)
}

// headed parts a text into a title and, where it is longer than one, the whole as the body.
func headed(text string) (title, body string) {
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= item.MaxTitle {
		return line, ""
	}
	short := string([]rune(line)[:item.MaxTitle-1])
	if at := strings.LastIndexByte(short, ' '); at > item.MaxTitle/2 {
		short = short[:at]
	}
	return strings.TrimRight(short, " ,;:") + "…", text
}

// Decide records a decision that no minutes hold.
func (s Store) Decide(ctx context.Context, seat community.Seat, d NewDecision) (item.Made, error) {
	if err := seat.Must(community.Settle); err != nil {
		return item.Made{}, err
	}
	if err := checkOpen(d.Audience, seat.Private, d.check()); err != nil {
		return item.Made{}, err
	}
	return s.once(ctx, seat, d.Request, func(tx pgx.Tx) (item.Made, error) {
		return s.record(ctx, tx, seat, placed{audience: d.Audience}, d)
	})
}

// checkOpen adds to what is wrong that a private community holds nothing wider than itself.
func checkOpen(a item.Audience, private bool, err error) error {
	var in fault.Invalid
	in.Problems = fault.Problems(err)
	if err != nil && len(in.Problems) == 0 {
		return err
	}
	in.Check(a >= item.Public && a <= item.Community && (!private || a == item.Community), "audience", "choose")
	return in.Err()
}

// once does what makes an item, unless the same form made it before.
func (s Store) once(ctx context.Context, seat community.Seat, request uuid.UUID, do func(pgx.Tx) (item.Made, error)) (made item.Made, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			made = *first
			return nil
		}
		made, err = do(tx)
		return err
	})
	return made, err
}

// record writes a decision of a meeting that tx holds; a meeting without an id is none. The caller has judged it and seen that the person may.
func (s Store) record(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, d NewDecision) (item.Made, error) {
	title, body := headed(d.Text)
	names, err := s.On(tx).items.Resolve(ctx, seat, strings.Join([]string{d.Text, d.Why, d.Rejected}, "\n\n"))
	if err != nil {
		return item.Made{}, err
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "decision", Title: title, Body: body, Lang: d.Lang, Audience: found.audience, Verb: "decision.record", Request: d.Request, Names: names},
		item.Part{Name: "decided", SQL: `insert into decision (item_id, community_id, meeting_id, point_id, why, why_html, rejected, rejected_html, who, decided_on, review_on)
			select id, community_id, nullif(@meeting::bigint, 0), @point, @why, @why_html, @rejected, @rejected_html, @who, @on, @review from made`,
			Args: pgx.NamedArgs{"meeting": found.id, "point": d.Point, "why": d.Why, "why_html": rendered(d.Why, names), "rejected": d.Rejected, "rejected_html": rendered(d.Rejected, names),
				"who": d.Who, "on": d.On, "review": d.Review}},
		search.Row(d.Why, body+"\n"+d.Rejected))
	if err != nil {
		return made, err
	}
	return made, s.fromMeeting(ctx, tx, seat, made.ID, found.id, d.Part, d.Text)
}

// rendered is a text as stored beside it; an empty one stays empty.
func rendered(text string, names item.Names) string {
	if text == "" {
		return ""
	}
	return markup.Render(text, names.Targets())
}

// fromMeeting links what was settled to the meeting, with the very words.
func (s Store) fromMeeting(ctx context.Context, tx pgx.Tx, seat community.Seat, made, meeting item.ID, part, words string) error {
	if meeting == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into item_link (from_id, to_id, to_part, relation, quote, by_id, at) values ($1, $2, $3, 'from', left($4, 2000), $5, $6) on conflict do nothing`,
		made, meeting, part, words, seat.Account, s.now())
	if err != nil {
		return fmt.Errorf("link item %d to its meeting: %w", made, err)
	}
	return nil
}

// amendDecision rewrites a decision while the minutes that hold it may still be corrected.
func (s Store) amendDecision(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, d NewDecision) error {
	title, body := headed(d.Text)
	names, err := s.On(tx).items.Resolve(ctx, seat, strings.Join([]string{d.Text, d.Why, d.Rejected}, "\n\n"))
	if err != nil {
		return err
	}
	var revision int
	if err := tx.QueryRow(ctx, `select i.revision from item i where i.community_id = $1 and i.id = $2 and i.kind = 'decision' for update`, seat.Community, id).Scan(&revision); err != nil {
		return fmt.Errorf("decision %d: %w", id, err)
	}
	if err := s.items.Revise(ctx, tx, seat, id, item.Change{Revision: revision, Title: title, Lang: d.Lang, Body: body, Names: names, Verb: "decision.revise"}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update decision set why = @why, why_html = @why_html, rejected = @rejected, rejected_html = @rejected_html, who = @who, decided_on = @on, review_on = @review
		where community_id = @community and item_id = @id`, pgx.NamedArgs{"community": seat.Community, "id": id, "why": d.Why, "why_html": rendered(d.Why, names),
		"rejected": d.Rejected, "rejected_html": rendered(d.Rejected, names), "who": d.Who, "on": d.On, "review": d.Review})
	if err != nil {
		return fmt.Errorf("amend decision %d: %w", id, err)
	}
	return search.Renew(ctx, tx, id, d.Lang, title, d.Why, body+"\n"+d.Rejected)
}

// Supersede says that a later decision took the place of an earlier one. No chain leads back to itself.
func (s Store) Supersede(ctx context.Context, seat community.Seat, number, by int) error {
	if err := seat.Must(community.Settle); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('decisions'), $1::int)`, int32(seat.Community)); err != nil { // chains change one at a time
			return fmt.Errorf("decisions: %w", err)
		}
		old, err := s.settled(ctx, tx, seat, "decision", number)
		if err != nil {
			return err
		}
		fresh, err := s.settled(ctx, tx, seat, "decision", by)
		if errors.Is(err, fault.NotFound) || errors.Is(err, fault.Gone) || by == number {
			return fault.One("by", "no-decision")
		}
		if err != nil {
			return err
		}
		circle := false
		if err := tx.QueryRow(ctx, `with recursive later as (select item_id, superseded_by from decision where item_id = $1
				union select d.item_id, d.superseded_by from decision d join later l on d.item_id = l.superseded_by)
			select exists (select from later where item_id = $2)`, fresh, old).Scan(&circle); err != nil {
			return fmt.Errorf("chain of decision %d: %w", by, err)
		}
		if circle {
			return fault.One("by", "circle")
		}
		if _, err := tx.Exec(ctx, `update decision set superseded_by = $3 where community_id = $1 and item_id = $2`, seat.Community, old, fresh); err != nil {
			return fmt.Errorf("supersede decision %d: %w", number, err)
		}
		if _, err := tx.Exec(ctx, `insert into item_link (from_id, to_id, relation, by_id, at) values ($1, $2, 'supersedes', $3, $4) on conflict do nothing`, fresh, old, seat.Account, s.now()); err != nil {
			return fmt.Errorf("supersede decision %d: %w", number, err)
		}
		return s.tell(ctx, tx, seat, old, "decision.supersede")
	})
}

// Review says that a decision was looked at again and still holds, until the next time; nil: there is none.
func (s Store) Review(ctx context.Context, seat community.Seat, number int, next *time.Time) error {
	if err := seat.Must(community.Settle); err != nil {
		return err
	}
	if next != nil && !next.After(s.now()) {
		return fault.One("review", "past")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err := s.settled(ctx, tx, seat, "decision", number)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update decision set review_on = $3 where community_id = $1 and item_id = $2`, seat.Community, id, next); err != nil {
			return fmt.Errorf("review decision %d: %w", number, err)
		}
		return s.tell(ctx, tx, seat, id, "decision.review")
	})
}

// settled is a decision or an action that the seat may read; tx holds it.
func (s Store) settled(ctx context.Context, tx pgx.Tx, seat community.Seat, kind string, number int) (item.ID, error) {
	if err := seat.MaySee(); err != nil {
		return 0, err
	}
	var id item.ID
	removed := false
	err := tx.QueryRow(ctx, `select i.id, i.removed_at is not null from item i
		where i.community_id = @community and i.kind = @kind and i.number = @number and i.parent_id is null and `+community.Visible+` for update of i`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "kind": kind, "number": number})).Scan(&id, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, fmt.Errorf("%s %d: %w", kind, number, fault.NotFound)
	case err != nil:
		return 0, fmt.Errorf("%s %d: %w", kind, number, err)
	case removed:
		return 0, fmt.Errorf("%s %d: %w", kind, number, fault.Gone)
	}
	return id, nil
}
