package criterion

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// The ends of the scale: hardly important, and indispensable.
const (
	LeastImportant = 1
	MostImportant  = 9
)

// MostVotes is how many criteria one ballot may hold.
const MostVotes = 50

// Rating is how important one member finds a criterion, from LeastImportant to MostImportant, with a reason if the member gives one.
type Rating struct {
	Value  int
	Reason string
	Lang   locale.Lang // of the reason
}

func (r Rating) check() error {
	var in fault.Invalid
	in.Check(onScale(r.Value), "value", "rating")
	in.Check(utf8.RuneCountInString(r.Reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
	in.Check(locale.Known(string(r.Lang)), "lang", "choose")
	return in.Err()
}

func onScale(value int) bool { return LeastImportant <= value && value <= MostImportant }

// Rate says how important a criterion that is still asked for is to the seat, with the perspective that it has now; a second time it changes what was said.
func (s Store) Rate(ctx context.Context, seat community.Seat, number int, r Rating) error {
	if err := mayRate(seat); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		p, err := findIn(ctx, tx, seat, number, " for share of c")
		if err != nil {
			return err
		}
		if !p.state.Standing() {
			return fault.One("value", "not-rated-now")
		}
		return s.rate(ctx, tx, seat, []int64{int64(p.id)}, []int{r.Value}, r.Lang, &r.Reason)
	})
}

// Unrate takes back what the seat said of a criterion, whatever became of it since.
func (s Store) Unrate(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Rate); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		p, err := findIn(ctx, tx, seat, number, "")
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{"community": seat.Community, "criteria": []int64{int64(p.id)}, "me": seat.Account}
		b := &pgx.Batch{}
		holdImportance(b, args)
		b.Queue(`delete from rating where community_id = @community and criterion_id = any(@criteria) and account_id = @me and round_id is null`, args)
		b.Queue(importanceSQL, args)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("take back the rating of criterion %d: %w", number, err)
		}
		return nil
	})
}

// Vote is a line of a ballot: a criterion and how important it is.
type Vote struct{ Number, Value int }

// Ballot is what somebody says of many criteria at once. Lang is that of the page on which it was filled in.
type Ballot struct {
	Votes   []Vote
	Lang    locale.Lang
	Request uuid.UUID
}

// VoteField is the field of a ballot for one criterion.
func VoteField(number int) string { return "rate-" + strconv.Itoa(number) }

func (b Ballot) check() error {
	var in fault.Invalid
	in.Check(len(b.Votes) <= MostVotes, "ballot", "too-many-votes", "max", MostVotes)
	in.Check(locale.Known(string(b.Lang)), "lang", "choose")
	seen := map[int]bool{}
	for _, v := range b.Votes {
		field := VoteField(v.Number)
		in.Check(onScale(v.Value) && !seen[v.Number], field, "rating-of", "code", "C-"+strconv.Itoa(v.Number))
		seen[v.Number] = true
	}
	return in.Err()
}

// RateMany is Rate for a ballot: all of it or nothing. Reasons given before stay. The same ballot sent again does nothing more.
func (s Store) RateMany(ctx context.Context, seat community.Seat, ballot Ballot) error {
	if err := mayRate(seat); err != nil {
		return err
	}
	if err := ballot.check(); err != nil {
		return err
	}
	if len(ballot.Votes) == 0 {
		return nil
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Once(ctx, tx, seat, ballot.Request, 0, s.now())
		if err != nil || !first {
			return err
		}
		criteria, values, err := ballot.hold(ctx, tx, seat)
		if err != nil {
			return err
		}
		return s.rate(ctx, tx, seat, criteria, values, ballot.Lang, nil)
	})
}

// hold keeps the criteria of a ballot as they are until tx ends, in the order of their ids. One that is not there or not asked for any more is a problem of its line.
func (b Ballot) hold(ctx context.Context, tx pgx.Tx, seat community.Seat) (criteria []int64, values []int, err error) {
	wanted := map[int]int{}
	var numbers []int
	for _, v := range b.Votes {
		wanted[v.Number] = v.Value
		numbers = append(numbers, v.Number)
	}
	rows, err := tx.Query(ctx, `select i.id, i.number, c.state from item i join criterion c on c.item_id = i.id
		where i.community_id = @community and i.kind = 'criterion' and i.number = any(@numbers::int[]) and i.parent_id is null and i.removed_at is null and `+community.Visible+`
		order by i.id for share of c`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "numbers": numbers}))
	if err != nil {
		return nil, nil, fmt.Errorf("criteria of a ballot: %w", err)
	}
	type held struct {
		ID     int64
		Number int
		State  State
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[held])
	if err != nil {
		return nil, nil, fmt.Errorf("criteria of a ballot: %w", err)
	}
	var in fault.Invalid
	for _, n := range numbers {
		at := slices.IndexFunc(found, func(h held) bool { return h.Number == n })
		field := VoteField(n)
		in.Check(at >= 0 && found[at].State.Standing(), field, "not-on-ballot", "code", "C-"+strconv.Itoa(n))
	}
	for _, h := range found {
		criteria, values = append(criteria, h.ID), append(values, wanted[h.Number])
	}
	return criteria, values, in.Err()
}

// mayRate is nil when the seat may rate, and says from which side.
func mayRate(seat community.Seat) error {
	if err := seat.Must(community.Rate); err != nil {
		return err
	}
	if seat.Perspective != community.Stakeholder && seat.Perspective != community.Scientist {
		return fault.One("value", "no-perspective")
	}
	return nil
}

// rate writes what the seat says of criteria that tx holds, in the order of their ids. Without a reason the one given before stays. Their statistics are held
// first, so that those who rate at the same moment count one after the other, each with all that came before.
func (s Store) rate(ctx context.Context, tx pgx.Tx, seat community.Seat, criteria []int64, values []int, lang locale.Lang, reason *string) error {
	args := pgx.NamedArgs{"community": seat.Community, "criteria": criteria, "values": values, "me": seat.Account, "perspective": seat.Perspective, "reason": reason, "lang": lang, "now": s.now()}
	b := &pgx.Batch{}
	holdImportance(b, args)
	b.Queue(`insert into rating as r (community_id, criterion_id, account_id, perspective, value, reason, lang, at, changed_at)
		select @community, v.criterion, @me, @perspective, v.value, coalesce(@reason::text, ''), @lang, @now, @now from unnest(@criteria::bigint[], @values::smallint[]) as v (criterion, value)
		on conflict (criterion_id, account_id, round_id) where account_id is not null do update set perspective = excluded.perspective, value = excluded.value, changed_at = excluded.changed_at,
			reason = coalesce(@reason::text, r.reason), lang = case when @reason::text is null and r.reason <> '' then r.lang else excluded.lang end`, args)
	b.Queue(importanceSQL, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("rate %d criteria: %w", len(criteria), err)
	}
	return nil
}

// holdImportance queues the locking of the statistics of @criteria, always in the same order.
func holdImportance(b *pgx.Batch, args pgx.NamedArgs) {
	b.Queue(`insert into importance (community_id, criterion_id, perspective, n)
		select @community, c, p, 0 from unnest(@criteria::bigint[]) c, unnest(array['scientist', 'stakeholder']) p order by c, p on conflict do nothing`, args)
	b.Queue(`select from importance where community_id = @community and criterion_id = any(@criteria) order by criterion_id, perspective for update`, args)
}

// importanceSQL works out the statistics of @criteria anew from their ratings outside of rounds: n, median and quartiles of each perspective. Quantiles are percentile_cont:
// linear interpolation between the order statistics at (n-1)p+1, type 7 of Hyndman & Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), 361-365.
const importanceSQL = `update importance m set n = coalesce(r.n, 0), low = r.q[1], median = r.q[2], high = r.q[3]
	from unnest(@criteria::bigint[]) w cross join unnest(array['scientist', 'stakeholder']) p
		left join (select criterion_id, perspective, count(*) as n, percentile_cont(array[0.25, 0.5, 0.75]) within group (order by value) as q
			from rating where community_id = @community and criterion_id = any(@criteria) and round_id is null group by criterion_id, perspective) r on r.criterion_id = w and r.perspective = p
	where m.community_id = @community and m.criterion_id = w and m.perspective = p`
