package item

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Change is a new state of an item's text. Revision is the one it started from.
type Change struct {
	Revision  int
	Title     string
	Lang      locale.Lang
	Body      string
	Names     Names
	Verb      string
	Was       string  // what the old state said beside its title and text, on one line
	Concerned []int64 // who hears of it, besides those mentioned
}

// Revise keeps the old state as a revision and stores the new one. The caller has judged it and seen that the person may.
// A change that started from another revision is a fault.Conflict and stores nothing.
func (s Store) Revise(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, c Change) error {
	now := s.now()
	var revision int
	var me *account.ID // nobody, where the author speaks discreetly
	err := tx.QueryRow(ctx, `select revision, case when not exists (select from discreet_author q where q.item_id = i.id and q.account_id = $3) then $3::bigint end
		from item i where community_id = $1 and id = $2 and removed_at is null for update`, seat.Community, id, seat.Account).Scan(&revision, &me)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("item %d: %w", id, fault.NotFound)
	}
	if err != nil {
		return fmt.Errorf("revise item %d: %w", id, err)
	}
	if revision != c.Revision {
		return fmt.Errorf("item %d: %w", id, &fault.Conflict{Revision: revision})
	}
	args := pgx.NamedArgs{"id": id, "community": seat.Community, "me": me, "title": c.Title, "lang": c.Lang, "body": c.Body, "now": now, "verb": c.Verb,
		"was": c.Was, "html": markup.Render(c.Body, c.Names.Targets()), "renderer": markup.Version, "mentioned": c.Names.mentioned(), "linked": c.Names.linked(), "concerned": append(c.Names.mentioned(), c.Concerned...)}
	b := &pgx.Batch{}
	b.Queue(`insert into item_revision (item_id, revision, title, lang, body, detail, by_id, at)
		select i.id, i.revision, i.title, i.lang, t.body, @was, i.updated_by, i.updated_at
		from item i join item_text t on t.item_id = i.id where i.id = @id`, args)
	b.Queue(`update item set revision = revision + 1, title = @title, lang = @lang, updated_at = @now, updated_by = @me, edited_at = @now where community_id = @community and id = @id`, args)
	b.Queue(`update item_text set body = @body, html = @html, renderer = @renderer where item_id = @id`, args)
	b.Queue(`delete from item_mention where item_id = @id`, args)
	b.Queue(`insert into item_mention (item_id, account_id) select @id, who from unnest(@mentioned::bigint[]) who`, args)
	b.Queue(`delete from item_link where from_id = @id and from_part = '' and relation = 'mentions'`, args)
	b.Queue(`insert into item_link (from_id, to_id, relation, by_id, at) select @id, target, 'mentions', @me, @now from unnest(@linked::bigint[]) target where target <> @id on conflict do nothing`, args)
	b.Queue(`insert into activity (at, actor_id, verb, item_id, community_id, concerned) values (@now, @me, @verb, @id, @community, @concerned)`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("revise item %d: %w", id, err)
	}
	return nil
}

// Name keeps whom and what all texts of an item name: its body, and what its room writes beside it. The caller has seen that the person may.
func (s Store) Name(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, names Names) error {
	args := pgx.NamedArgs{"id": id, "me": seat.Account, "now": s.now(), "mentioned": names.mentioned(), "linked": names.linked()}
	b := &pgx.Batch{}
	b.Queue(`delete from item_mention where item_id = @id and account_id <> all(@mentioned::bigint[])`, args)
	b.Queue(`insert into item_mention (item_id, account_id) select @id, who from unnest(@mentioned::bigint[]) who on conflict do nothing`, args)
	b.Queue(`delete from item_link where from_id = @id and from_part = '' and relation = 'mentions' and to_id <> all(@linked::bigint[])`, args)
	b.Queue(`insert into item_link (from_id, to_id, relation, by_id, at)
		select @id, target, 'mentions', case when not exists (select from discreet_author q where q.item_id = @id and q.account_id = @me) then @me::bigint end, @now
		from unnest(@linked::bigint[]) target where target <> @id on conflict do nothing`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("names in item %d: %w", id, err)
	}
	return nil
}

// Widen gives an item and its children another audience at once.
func (s Store) Widen(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, audience Audience) error {
	_, err := tx.Exec(ctx, `update item set audience = $3 where community_id = $1 and (id = $2 or parent_id = $2) and audience <> $3`, seat.Community, id, audience)
	if err != nil {
		return fmt.Errorf("audience of item %d: %w", id, err)
	}
	return nil
}

// Revision is one state that an item had, or has.
type Revision struct {
	Revision int
	Title    string
	Lang     locale.Lang
	Body     string
	Detail   string // what it said beside title and text; of the current state its room knows
	By       account.ID
	Name     string
	Discreet bool // spoken discreetly: nobody's name stands with it
	At       time.Time
}

// History is every state of an item, the newest (current) first. Who may not read the item gets fault.NotFound.
func (s Store) History(ctx context.Context, seat community.Seat, id ID) ([]Revision, error) {
	states, err := postgres.All[Revision](ctx, s.db, `
		with allowed as (select i.* from item i where i.community_id = @community and i.id = @id and i.removed_at is null
			and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and `+community.Visible+`)
		select r.revision, r.title, r.lang, r.body, r.detail, coalesce(r.by_id, 0) as by, coalesce(a.name, '') as name, exists (select from discreet_author q where q.item_id = @id) as discreet, r.at
		from (
			select i.revision, i.title, i.lang, t.body, '' as detail, i.updated_by as by_id, i.updated_at as at from allowed i join item_text t on t.item_id = i.id
			union all
			select v.revision, v.title, v.lang, v.body, v.detail, v.by_id, v.at from allowed i join item_revision v on v.item_id = i.id) r
		left join account a on a.id = r.by_id order by r.revision desc`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id}))
	if err != nil {
		return nil, fmt.Errorf("history of item %d: %w", id, err)
	}
	if len(states) == 0 {
		return nil, fmt.Errorf("item %d: %w", id, fault.NotFound)
	}
	return states, nil
}
