package meeting

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Pass is what a link from a letter gives: one person at one meeting, without signing in. It reads and changes nothing but the person's own answers.
type Pass struct {
	Person    Person
	Name      string
	Lang      locale.Lang
	Community community.ID
	Slug      string
	Meeting   item.ID
	Number    int
	Expires   time.Time
}

// newToken is a secret for an address, and its hash for the database.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // does not fail
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// MakePass gives a person a link for one meeting. It works until a month after the meeting's end; where there is no date yet, for half a year.
func (s Store) MakePass(ctx context.Context, db postgres.DB, meeting item.ID, who Person) (token string, err error) {
	token, hash := newToken()
	tag, err := db.Exec(ctx, `insert into pass (token_hash, purpose, community_id, meeting_id, account_id, guest_id, created_at, expires_at)
		select $1, 'meeting', m.community_id, m.item_id, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, greatest(m.ends_at + interval '1 month', $5::timestamptz + case when m.ends_at is null then interval '6 months' else interval '1 month' end)
		from meeting m where m.item_id = $2`, hash, meeting, who.Account, who.Guest, s.now())
	if err != nil {
		return "", fmt.Errorf("pass to meeting %d: %w", meeting, err)
	}
	if tag.RowsAffected() == 0 {
		return "", fmt.Errorf("meeting %d: %w", meeting, fault.NotFound)
	}
	return token, nil
}

// OpenPass reads a pass. One that is unknown, or of somebody who is no member any more, is fault.NotFound; an expired one, or one to a removed meeting, fault.Gone.
func (s Store) OpenPass(ctx context.Context, token string) (Pass, error) {
	var p Pass
	gone := false
	err := s.db.QueryRow(ctx, `select coalesce(t.account_id, 0), coalesce(t.guest_id, 0), coalesce(a.name, g.name), coalesce(a.lang, g.lang), c.id, c.slug, i.id, i.number, t.expires_at, t.expires_at < $2 or i.removed_at is not null
		from pass t join item i on i.id = t.meeting_id join community c on c.id = t.community_id
			left join account a on a.id = t.account_id left join meeting_guest g on g.id = t.guest_id
		where t.token_hash = $1 and t.purpose = 'meeting' and i.audience < 3
			and (t.guest_id is not null or exists (select from membership m where m.community_id = t.community_id and m.account_id = t.account_id and m.state = 'member'))`, hashToken(token), s.now()).
		Scan(&p.Person.Account, &p.Person.Guest, &p.Name, &p.Lang, &p.Community, &p.Slug, &p.Meeting, &p.Number, &p.Expires, &gone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, fmt.Errorf("pass: %w", fault.NotFound)
	case err != nil:
		return p, fmt.Errorf("pass: %w", err)
	case gone:
		return p, fmt.Errorf("pass to meeting %d: %w", p.Meeting, fault.Gone)
	}
	return p, nil
}
