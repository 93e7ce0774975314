package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// wayOutFor is how long the link at the foot of a letter ends them.
const wayOutFor = 2 * 365 * 24 * time.Hour

// WayOut is what the link at the foot of a letter is about: a community's meetings for a member, one meeting for a guest.
type WayOut struct {
	Lang      locale.Lang // of the reader
	Community string
	Slug      string
	Title     string // of the meeting, for a guest
	Off       bool   // no more letters come
}

// makeUnsubscribe gives a person a link that ends such letters.
func (s Store) makeUnsubscribe(ctx context.Context, meeting item.ID, who Person) (token string, err error) {
	token, hash := newToken()
	_, err = s.db.Exec(ctx, `insert into pass (token_hash, purpose, community_id, meeting_id, account_id, guest_id, created_at, expires_at)
		select $1, 'unsubscribe', m.community_id, case when $4::bigint <> 0 then m.item_id end, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6 from meeting m where m.item_id = $2`,
		hash, meeting, who.Account, who.Guest, s.now(), s.now().Add(wayOutFor))
	if err != nil {
		return "", fmt.Errorf("way out of letters about meeting %d: %w", meeting, err)
	}
	return token, nil
}

// WayOut reads what a link at the foot of a letter is about. One that is unknown or expired is fault.NotFound.
func (s Store) WayOut(ctx context.Context, token string) (WayOut, error) {
	var w WayOut
	err := s.db.QueryRow(ctx, `select coalesce(a.lang, g.lang), coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = coalesce(a.lang, g.lang)),
				(select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug), c.slug, coalesce(i.title, ''),
			case when g.id is not null then not g.mail else exists (select from mail_off o where o.account_id = a.id and o.community_id = c.id and o.letters = 'meetings') end
		from pass p join community c on c.id = p.community_id left join account a on a.id = p.account_id left join meeting_guest g on g.id = p.guest_id left join item i on i.id = p.meeting_id
		where p.token_hash = $1 and p.purpose = 'unsubscribe' and p.expires_at > $2`, hashToken(token), s.now()).Scan(&w.Lang, &w.Community, &w.Slug, &w.Title, &w.Off)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, fmt.Errorf("way out: %w", fault.NotFound)
	}
	if err != nil {
		return w, fmt.Errorf("way out: %w", err)
	}
	return w, nil
}

// Unsubscribe ends the letters that a link at the foot of one is about, or lets them come again.
func (s Store) Unsubscribe(ctx context.Context, token string, off bool) error {
	const pass = `with p as (select * from pass where token_hash = @hash and purpose = 'unsubscribe' and expires_at > @now), `
	change := `changed as (insert into mail_off (account_id, community_id, letters, at) select account_id, community_id, 'meetings', @now from p where account_id is not null on conflict do nothing), `
	if !off {
		change = `changed as (delete from mail_off o using p where o.account_id = p.account_id and o.community_id = p.community_id and o.letters = 'meetings'), `
	}
	known := false
	err := s.db.QueryRow(ctx, pass+change+`guest as (update meeting_guest g set mail = not @off from p where g.id = p.guest_id) select exists (select from p)`,
		pgx.NamedArgs{"hash": hashToken(token), "now": s.now(), "off": off}).Scan(&known)
	if err != nil {
		return fmt.Errorf("way out: %w", err)
	}
	if !known {
		return fmt.Errorf("way out: %w", fault.NotFound)
	}
	return nil
}
