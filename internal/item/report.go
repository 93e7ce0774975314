package item

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxReport is how many characters a report, or the answer to it, may have.
const MaxReport = 1000

// PerSettled is how many settled reports the page of reports shows.
const PerSettled = 50

// Report tells the coordinators that something is wrong with an item. Who has reported it already, and got no answer yet, changes nothing.
func (s Store) Report(ctx context.Context, seat community.Seat, id ID, reason string) error {
	if err := seat.Must(community.Report); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= MaxReport, "reason", "too-long", "max", MaxReport)
	if err := in.Err(); err != nil {
		return err
	}
	var there bool
	err := s.db.QueryRow(ctx, `with reported as materialized (select i.id from item i where i.community_id = @community and i.id = @id and i.removed_at is null and `+community.Visible+` for key share of i),
		kept as (insert into report (community_id, item_id, account_id, reason, at) select @community, id, @me, @reason, @now from reported on conflict (item_id, account_id) where settled_at is null do nothing)
		select exists (select from reported)`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id, "reason": reason, "now": s.now()})).Scan(&there)
	if err != nil {
		return fmt.Errorf("report item %d: %w", id, err)
	}
	if !there {
		return fmt.Errorf("item %d: %w", id, fault.NotFound)
	}
	return nil
}

// Reported says when the seat's own open report of an item was made; zero without one.
func (s Store) Reported(ctx context.Context, seat community.Seat, id ID) (time.Time, error) {
	var at time.Time
	err := s.db.QueryRow(ctx, `select coalesce(max(at), 'epoch') from report where community_id = $1 and item_id = $2 and account_id = $3 and settled_at is null`, seat.Community, id, seat.Account).Scan(&at)
	if err != nil || at.Unix() <= 0 {
		return time.Time{}, err
	}
	return at, nil
}

// Case is an item that was reported, with what stands there. Gone ones come without their text.
type Case struct {
	Item     ID
	Kind     Kind
	Number   int
	Top      int // number of the thread in which a reply stands; 0: the item stands by itself
	TopKind  Kind
	Title    string // of the item or of the thread
	Lang     locale.Lang
	HTML     string
	Gone     bool
	Author   string
	Complain []Complaint
}

// Complaint is what one person says about an item, and what became of it.
type Complaint struct {
	ID        int64      `json:"id"`
	By        string     `json:"by"`
	Reason    string     `json:"reason"`
	At        time.Time  `json:"at"`
	SettledAt *time.Time `json:"settled_at"`
	SettledBy string     `json:"settled_by"`
	Outcome   string     `json:"outcome"`
	Note      string     `json:"note"`
}

// Reports are the open reports of a community, the oldest first, and the last that were settled. Coordinators and administrators read them.
func (s Store) Reports(ctx context.Context, seat community.Seat) (open, settled []Case, err error) {
	if err := seat.Must(community.Moderate); err != nil {
		return nil, nil, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "most": PerSettled})
	b := &pgx.Batch{}
	collect := func(into *[]Case) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			var err error
			*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[Case])
			return err
		}
	}
	b.Queue(casesSQL(`r.settled_at is null`, `min(r.at)`, `r.at`), args).Query(collect(&open))
	b.Queue(casesSQL(`r.settled_at is not null and r.id in (select l.id from report l where l.community_id = @community and l.settled_at is not null order by l.settled_at desc, l.id desc limit @most)`,
		`max(r.settled_at) desc`, `r.settled_at desc`), args).Query(collect(&settled))
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, nil, fmt.Errorf("reports of %s: %w", seat.Slug, err)
	}
	return open, settled, nil
}

func casesSQL(which, order, within string) string {
	return `select i.id as item, i.kind, i.number, coalesce(p.number, 0) as top, coalesce(p.kind, '') as top_kind, i.lang,
			case when i.removed_at is null and p.removed_at is null then coalesce(p.title, i.title) else '' end as title,
			case when i.removed_at is null and p.removed_at is null then coalesce(t.html, '') else '' end as html,
			i.removed_at is not null or p.removed_at is not null as gone, coalesce(a.name, '') as author,
			json_agg(json_build_object('id', r.id, 'by', coalesce(w.name, ''), 'reason', r.reason, 'at', r.at, 'settled_at', r.settled_at, 'settled_by', coalesce(j.name, ''), 'outcome', r.outcome, 'note', r.note) order by ` + within + `) as complain
		from report r join item i on i.id = r.item_id left join item p on p.id = i.parent_id left join item_text t on t.item_id = i.id
		left join account a on a.id = i.author_id left join account w on w.id = r.account_id left join account j on j.id = r.settled_by
		where r.community_id = @community and ` + which + ` and ` + community.Visible + `
		group by i.id, p.id, t.item_id, a.id order by ` + order
}

// Settle ends the open reports of the item that a report is about: the item is hidden, or kept with a note. Whoever reported it is told.
func (s Store) Settle(ctx context.Context, seat community.Seat, report int64, hide bool, words string, hidden func(pgx.Tx, ID) error) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	var in fault.Invalid
	CheckReason(&in, words)
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var id ID
		err := tx.QueryRow(ctx, `select i.id from report r join item i on i.id = r.item_id where r.community_id = @community and r.id = @report and `+community.Visible,
			seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "report": report})).Scan(&id)
		if err != nil {
			return fmt.Errorf("report %d: %w", report, orNotFound(err))
		}
		if hide {
			return hidden(tx, id)
		}
		return s.settle(ctx, tx, seat, id, "kept", words)
	})
}

// settle ends the open reports of an item; without one it does nothing.
func (s Store) settle(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, outcome, note string) error {
	rows, err := tx.Query(ctx, `update report set settled_at = $3, settled_by = $4, outcome = $5, note = $6 where community_id = $1 and item_id = $2 and settled_at is null returning coalesce(account_id, 0)`,
		seat.Community, id, s.now(), seat.Account, outcome, note)
	if err != nil {
		return fmt.Errorf("settle reports of item %d: %w", id, err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil || len(who) == 0 {
		return err
	}
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "report.settled", Item: int64(id), Community: int64(seat.Community), Concerned: who,
		Detail: map[string]string{"outcome": outcome, "note": note}})
}

// Waiting is how many open reports wait in a community.
type Waiting struct {
	Community community.ID
	Slug      string
	Reports   int
}

// OpenReports counts the items with open reports in each community that the reader coordinates, for the desk; communities without any are left out.
func (s Store) OpenReports(ctx context.Context, reach community.Reach) ([]Waiting, error) {
	return postgres.All[Waiting](ctx, s.db, `select c.id as community, c.slug, count(distinct r.item_id)::int as reports
		from report r join item i on i.id = r.item_id join community c on c.id = r.community_id
		where r.community_id = any(@coordinated) and r.settled_at is null and `+community.Visible+` group by c.id order by c.slug`, reach.Args(nil))
}
