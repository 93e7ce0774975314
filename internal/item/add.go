package item

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// New is an item to be made. Its room has judged it already. Below an item that somebody asked discreetly, the asker speaks discreetly.
type New struct {
	Kind     Kind
	Title    string
	Lang     locale.Lang
	Body     string
	Audience Audience // of an item without a parent; a child takes its parent's over
	Verb     string   // of the activity
	Request  uuid.UUID
	Names    Names
	Tags     []string
	Told     []account.ID // whom the activity concerns beside those named
	At       time.Time    // zero: now
	Discreet bool         // the author is kept apart, for the coordinators alone
}

// Part is SQL of the room that makes the item: a common table expression over "made" (id, number, community_id, kind, lang, audience, created_at, author_id),
// run in the statement that numbers and inserts it.
type Part struct {
	Name string
	SQL  string
	Args pgx.NamedArgs
}

// Made is a new item, or the one that the same form made before.
type Made struct {
	ID     ID
	Number int
	Before bool
}

// Claim takes the form's request id for this account. Who comes second, even at the same moment, learns what the first one made.
func Claim(ctx context.Context, tx pgx.Tx, seat community.Seat, request uuid.UUID, at time.Time) (first *Made, err error) {
	tag, err := tx.Exec(ctx, `insert into request (account_id, id, at) values ($1, $2, $3) on conflict do nothing`, seat.Account, request, at)
	if err != nil {
		return nil, fmt.Errorf("claim request: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return nil, nil
	}
	first = &Made{Before: true}
	err = tx.QueryRow(ctx, `select i.id, i.number from request r join item i on i.id = r.item_id where r.account_id = $1 and r.id = $2 and i.community_id = $3`,
		seat.Account, request, seat.Community).Scan(&first.ID, &first.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("request %s was used for something else: %w", request, fault.NotFound)
	}
	return first, err
}

// Once takes the form's request id for something about an item (or, with 0, about none) that is no item of its own. It reports whether this is the
// first time: who comes second, even at the same moment, has nothing left to do.
func Once(ctx context.Context, tx pgx.Tx, seat community.Seat, request uuid.UUID, about ID, at time.Time) (first bool, err error) {
	tag, err := tx.Exec(ctx, `insert into request (account_id, id, item_id, at) values ($1, $2, nullif($3::bigint, 0), $4) on conflict do nothing`, seat.Account, request, about, at)
	if err != nil {
		return false, fmt.Errorf("claim request: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// inSeries numbers an item without a parent in its community's series of its kind.
var inSeries = Part{Name: "numbered", SQL: `insert into counter (community_id, series, n) values (@community, @kind, 1)
	on conflict (community_id, series) do update set n = counter.n + 1
	returning n, null::bigint as parent_id, @audience::smallint as audience`}

// InParent numbers a child: sql is a CTE that returns n, parent_id and audience, and no row when the parent takes no children.
func InParent(sql string, args pgx.NamedArgs) Part {
	return Part{Name: "numbered", SQL: sql, Args: args}
}

// Add numbers the item and writes it with its text, mentions, links, activity and the room's parts in one statement: a lock on the
// series lasts one round trip, and numbers stay without gaps. An item whose parent takes no children is fault.NotFound.
func (s Store) Add(ctx context.Context, tx pgx.Tx, seat community.Seat, n New, parts ...Part) (Made, error) {
	numbered := inSeries
	if len(parts) > 0 && parts[0].Name == "numbered" {
		numbered, parts = parts[0], parts[1:]
	}
	at := n.At
	if at.IsZero() {
		at = s.now()
	}
	args := pgx.NamedArgs{
		"community": seat.Community, "me": seat.Account, "kind": n.Kind, "title": n.Title, "lang": n.Lang, "audience": n.Audience, "at": at,
		"body": n.Body, "html": markup.Render(n.Body, n.Names.Targets()), "renderer": markup.Version, "request": n.Request, "verb": n.Verb,
		"mentioned": n.Names.mentioned(), "linked": n.Names.linked(), "discreet": n.Discreet, "told": append(n.Names.mentioned(), Concerned(n.Told)...),
	}
	var sql strings.Builder
	sql.WriteString("with numbered as (" + numbered.SQL + "),\n" + made)
	for name, value := range numbered.Args {
		args[name] = value
	}
	for _, part := range parts {
		fmt.Fprintf(&sql, ",\n%s as (%s)", part.Name, part.SQL)
		for name, value := range part.Args {
			args[name] = value
		}
	}
	sql.WriteString("\nselect id, number from made")
	var out Made
	err := tx.QueryRow(ctx, sql.String(), args).Scan(&out.ID, &out.Number)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("parent of a new %s: %w", n.Kind, fault.NotFound)
	}
	if err != nil {
		return out, fmt.Errorf("add %s: %w", n.Kind, err)
	}
	return out, s.tag(ctx, tx, seat.Community, out.ID, n.Tags)
}

// named is nobody where the author speaks discreetly: then the name stands in discreet_author alone.
const made = `named as (
	select case when not @discreet and not exists (select from discreet_author q where q.item_id = parent_id and q.account_id = @me) then @me::bigint end as me from numbered),
made as (
	insert into item (community_id, kind, number, parent_id, title, lang, author_id, updated_by, audience, created_at, updated_at, active_at)
	select @community, @kind, n, parent_id, @title, @lang, me, me, audience, @at, @at, @at from numbered, named
	returning id, number, community_id, kind, lang, audience, created_at, author_id),
apart as (insert into discreet_author (item_id, account_id) select id, @me from made where author_id is null),
texted as (insert into item_text (item_id, body, html, renderer) select id, @body, @html, @renderer from made),
claimed as (update request r set item_id = made.id from made where r.account_id = @me and r.id = @request),
mentioned as (insert into item_mention (item_id, account_id) select made.id, who from made, unnest(@mentioned::bigint[]) who),
linked as (insert into item_link (from_id, to_id, relation, by_id, at) select made.id, target, 'mentions', author_id, @at from made, unnest(@linked::bigint[]) target),
told as (insert into activity (at, actor_id, verb, item_id, community_id, concerned) select @at, author_id, @verb, made.id, @community, @told::bigint[] from made)`

// Concerned is a list of accounts as an array argument.
func Concerned(who []account.ID) []int64 {
	ids := make([]int64, len(who))
	for i, id := range who {
		ids[i] = int64(id)
	}
	return ids
}
