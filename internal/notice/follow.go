package notice

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Where a level was chosen, the nearest first. The message "follow.because.<from>" says each.
const (
	FromItem      = "item"
	FromCommunity = "community"
	FromAccount   = "account"
	FromDefault   = "default"
)

// Level is how closely somebody follows something, and because of which setting.
type Level struct {
	Level string
	From  string
	Own   string // chosen at this very place; empty: none
	Above string // what applies without it
}

// nearest picks the nearest of the levels chosen, from the account's to the item's.
func nearest(chosen ...string) (level, from string) {
	level, from = Default, FromDefault
	for n, name := range []string{FromAccount, FromCommunity, FromItem} {
		if n < len(chosen) && chosen[n] != "" {
			level, from = chosen[n], name
		}
	}
	return level, from
}

// Level at which an account follows an item of a community, the community (item 0), or everything (community 0 too): the nearest setting wins.
func (s Store) Level(ctx context.Context, who account.ID, in community.ID, id item.ID) (Level, error) {
	var l Level
	b := &pgx.Batch{}
	b.Queue(levelSQL+`f.item_id = $3), '')`, who, in, id).QueryRow(l.read(in != 0, id != 0))
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return Level{}, fmt.Errorf("level of account %d: %w", who, err)
	}
	return l, nil
}

// LevelOf is Level for the item of a kind and number, read besides something else.
func (s Store) LevelOf(who account.ID, in community.ID, kind item.Kind, number int, into *Level) postgres.Besides {
	return func(b *pgx.Batch) {
		b.Queue(levelSQL+`f.item_id = (select i.id from item i where i.community_id = $2 and i.kind = $3 and i.number = $4 and i.parent_id is null)), '')`,
			who, in, kind, number).QueryRow(into.read(true, true))
	}
}

const levelSQL = `select
	coalesce((select f.level from follow f where f.account_id = $1 and f.community_id is null and f.item_id is null), ''),
	coalesce((select f.level from follow f where f.account_id = $1 and f.community_id = $2), ''),
	coalesce((select f.level from follow f where f.account_id = $1 and `

// read judges what was chosen by default, for the community and for the item.
func (l *Level) read(community, item bool) func(pgx.Row) error {
	place := 0
	if community {
		place = 1
	}
	if item {
		place = 2
	}
	return func(row pgx.Row) error {
		var chosen [3]string
		if err := row.Scan(&chosen[0], &chosen[1], &chosen[2]); err != nil {
			return err
		}
		l.Level, l.From = nearest(chosen[:place+1]...)
		l.Above, _ = nearest(chosen[:place]...)
		l.Own = chosen[place]
		return nil
	}
}

// FollowItem sets the level for an item that the reader, who belongs to some community, can open; the empty level takes the setting back.
// It returns the item's title.
func (s Store) FollowItem(ctx context.Context, seat community.Seat, kind item.Kind, number int, level string) (title string, err error) {
	if err := seat.Must(community.FollowItem); err != nil {
		return "", err
	}
	var id item.ID
	err = s.db.QueryRow(ctx, `select i.id, i.title from item i where i.community_id = @community and i.kind = @kind and i.number = @number and i.parent_id is null
			and i.removed_at is null and `+community.Visible, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "kind": kind, "number": number})).Scan(&id, &title)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("%s %d in %s: %w", kind, number, seat.Slug, fault.NotFound)
	}
	if err != nil {
		return "", fmt.Errorf("follow %s %d in %s: %w", kind, number, seat.Slug, err)
	}
	return title, s.set(ctx, seat.Account, nil, &id, level)
}

// FollowCommunity sets the level for a community that the reader belongs to; the empty level takes the setting back.
func (s Store) FollowCommunity(ctx context.Context, seat community.Seat, level string) error {
	if err := seat.Must(community.Follow); err != nil {
		return err
	}
	return s.set(ctx, seat.Account, &seat.Community, nil, level)
}

// FollowByDefault sets the level for whatever the account chose nothing else for; the empty level takes the setting back.
func (s Store) FollowByDefault(ctx context.Context, who account.ID, level string) error {
	return s.set(ctx, who, nil, nil, level)
}

func (s Store) set(ctx context.Context, who account.ID, in *community.ID, id *item.ID, level string) error {
	if err := checkLevel(level); err != nil {
		return err
	}
	conflict := "(account_id) where community_id is null and item_id is null"
	switch {
	case in != nil:
		conflict = "(community_id, account_id) where community_id is not null"
	case id != nil:
		conflict = "(item_id, account_id) where item_id is not null"
	}
	sql, args := `insert into follow (account_id, community_id, item_id, level, at) values ($1, $2, $3, $4, $5)
		on conflict `+conflict+` do update set level = excluded.level, at = excluded.at`, []any{who, in, id, level, s.now()}
	if level == "" {
		sql, args = `delete from follow where account_id = $1 and community_id is not distinct from $2 and item_id is not distinct from $3`, []any{who, in, id}
	}
	if _, err := s.db.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	return nil
}

// Setting is a level that somebody chose for a community or an item.
type Setting struct {
	Community community.ID // 0: for an item
	Item      item.ID      // 0: for a community
	Level     string
	Slug      string
	Name      string // of the community
	Kind      item.Kind
	Number    int
	Title     string
	Lang      locale.Lang
	Path      string // of a product
}

// Settings are the levels that the reader chose, communities first. What the reader may not open any more is not in the list.
func (s Store) Settings(ctx context.Context, reach community.Reach, lang locale.Lang) ([]Setting, error) {
	all, err := postgres.All[Setting](ctx, s.db, `select coalesce(f.community_id, 0) as community, coalesce(f.item_id, 0) as item, f.level, c.slug,
			`+communityName+` as name, coalesce(i.kind, '') as kind, coalesce(i.number, 0) as number, coalesce(i.title, '') as title, coalesce(i.lang, c.lang) as lang, `+item.PathColumn+` as path
		from follow f left join item i on i.id = f.item_id join community c on c.id = coalesce(f.community_id, i.community_id)
		where f.account_id = @me and case when f.item_id is null then c.visibility = 'public' or c.id = any(@mine) or @everywhere else i.removed_at is null and `+community.Visible+` end
		order by f.item_id is not null, name, title limit 500`, reach.Args(pgx.NamedArgs{"lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("settings of account %d: %w", reach.Me, err)
	}
	return all, nil
}

// communityName is the name of community c in @lang, or in its own language.
const communityName = `coalesce((select x.name from community_text x where x.community_id = c.id and x.lang = @lang),
	(select x.name from community_text x where x.community_id = c.id and x.lang = c.lang), c.slug)`

// Forget takes back the setting for a community or an item (the other 0), whether or not the reader may still open it.
func (s Store) Forget(ctx context.Context, who account.ID, in community.ID, id item.ID) error {
	tag, err := s.db.Exec(ctx, `delete from follow where account_id = $1 and (community_id = $2 and $3 = 0 or item_id = $3 and $2 = 0)`, who, in, id)
	if err != nil {
		return fmt.Errorf("forget a setting: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("setting for community %d, item %d: %w", in, id, fault.NotFound)
	}
	return nil
}
