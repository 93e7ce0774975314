package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MakeFeed gives a person the secret address of the own calendar; the one before is worth nothing from now on.
func (s Store) MakeFeed(ctx context.Context, who account.ID) (token string, err error) {
	token, hash := newToken()
	_, err = s.db.Exec(ctx, `insert into feed_token (account_id, token_hash, created_at) values ($1, $2, $3)
		on conflict (account_id) do update set token_hash = excluded.token_hash, created_at = excluded.created_at`, who, hash, s.now())
	if err != nil {
		return "", fmt.Errorf("calendar of account %d: %w", who, err)
	}
	return token, nil
}

// DropFeed ends the secret address of a person's calendar.
func (s Store) DropFeed(ctx context.Context, who account.ID) error {
	if _, err := s.db.Exec(ctx, `delete from feed_token where account_id = $1`, who); err != nil {
		return fmt.Errorf("calendar of account %d: %w", who, err)
	}
	return nil
}

// FeedSince is when a person's secret address was made; zero: there is none.
func (s Store) FeedSince(ctx context.Context, who account.ID) (at time.Time, err error) {
	err = s.db.QueryRow(ctx, `select created_at from feed_token where account_id = $1`, who).Scan(&at)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return at, fmt.Errorf("calendar of account %d: %w", who, err)
	}
	return at, nil
}

// Lettering is whether letters about the meetings of a community go to a person.
type Lettering struct {
	Community community.ID
	Slug      string
	Name      string
	On        bool
}

// Letterings are those of all communities that a person belongs to, by name.
func (s Store) Letterings(ctx context.Context, who account.ID, lang locale.Lang) ([]Lettering, error) {
	return postgres.All[Lettering](ctx, s.db, `select c.id as community, c.slug, coalesce(t.name, o.name, c.slug) as name, f.account_id is null as "on"
		from membership m join community c on c.id = m.community_id left join community_text t on t.community_id = c.id and t.lang = $2 left join community_text o on o.community_id = c.id and o.lang = c.lang
			left join mail_off f on f.account_id = m.account_id and f.community_id = c.id and f.letters = 'meetings'
		where m.account_id = $1 and m.state = 'member' order by 3, 1`, who, lang)
}

// SetLetterings lets letters about meetings come from these communities of a person, and from no others.
func (s Store) SetLetterings(ctx context.Context, who account.ID, on []community.ID) error {
	chosen := make([]int64, 0, len(on))
	for _, c := range on {
		chosen = append(chosen, int64(c))
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from mail_off where account_id = $1 and community_id = any($2) and letters = 'meetings'`, who, chosen); err != nil {
			return fmt.Errorf("letters to account %d: %w", who, err)
		}
		_, err := tx.Exec(ctx, `insert into mail_off (account_id, community_id, letters, at) select m.account_id, m.community_id, 'meetings', $3 from membership m
			where m.account_id = $1 and m.state = 'member' and m.community_id <> all($2) on conflict do nothing`, who, chosen, s.now())
		if err != nil {
			return fmt.Errorf("letters to account %d: %w", who, err)
		}
		return nil
	})
}
