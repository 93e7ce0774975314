package community

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// notWithdrawn is the condition under which the invitation behind personal link l into community c still stands.
const notWithdrawn = `not exists (select from invitation i where i.community_id = c.id and i.email_key = lower(l.email) and i.withdrawn_at is not null)`

// InvitationLasts as long as its link.
const InvitationLasts = 14 * 24 * time.Hour

// InvitationID of an invitation.
type InvitationID int64

// Invitation is an address that was invited, and what came of it.
type Invitation struct {
	ID         InvitationID
	Email      string
	Name       string
	Lang       locale.Lang
	At         time.Time // of the newest letter
	Sent       int       // letters
	By         string    // name of who sent it; empty when that person has left
	AcceptedAt *time.Time
	Number     *int // of the member who came of it, while it is one
}

// Expired reports whether the link of the newest letter is too old.
func (i Invitation) Expired(now time.Time) bool {
	return i.AcceptedAt == nil && !i.At.Add(InvitationLasts).After(now)
}

// PerInvitations is how many invitations stand on one page.
const PerInvitations = 100

// Invitations that were not withdrawn, the newest first; before is the id of the last one on the page before, 0 for the first page.
func (s Store) Invitations(ctx context.Context, seat Seat, before InvitationID) (all []Invitation, more bool, err error) {
	if err := seat.Must(Invite); err != nil {
		return nil, false, err
	}
	all, err = postgres.All[Invitation](ctx, s.db, `select i.id, i.email, i.name, i.lang, i.at, i.sent, coalesce(a.name, '') as by, i.accepted_at, m.number
		from invitation i left join account a on a.id = i.invited_by
		left join membership m on m.community_id = i.community_id and m.account_id = i.account_id and m.state = 'member'
		where i.community_id = $1 and i.withdrawn_at is null and ($2 = 0 or i.id < $2) order by i.id desc limit $3`, seat.Community, before, PerInvitations+1)
	if err != nil {
		return nil, false, fmt.Errorf("invitations to %s: %w", seat.Slug, err)
	}
	if len(all) > PerInvitations {
		return all[:PerInvitations], true, nil
	}
	return all, false, nil
}

// Known is what a community knows of an address that somebody wants to invite.
type Known struct {
	Member    bool
	InvitedAt *time.Time // and not withdrawn
}

// Recognise says which of the addresses belong to members or were invited before. It looks at this community alone: whether there is an
// account behind an address is nobody's business here.
func (s Store) Recognise(ctx context.Context, seat Seat, all []Addressee) (map[string]Known, error) {
	if err := seat.Must(Invite); err != nil {
		return nil, err
	}
	return recognise(ctx, s.db, seat, all)
}

func recognise(ctx context.Context, db postgres.DB, seat Seat, all []Addressee) (map[string]Known, error) {
	keys := []string{}
	for _, a := range all {
		if a.Problem == "" {
			keys = append(keys, a.Key())
		}
	}
	rows, err := db.Query(ctx, `select k, exists (select from membership m join account a on a.id = m.account_id where m.community_id = $1 and m.state = 'member' and a.email_key = k),
			(select i.at from invitation i where i.community_id = $1 and i.email_key = k and i.withdrawn_at is null)
		from unnest($2::text[]) k`, seat.Community, keys)
	if err != nil {
		return nil, fmt.Errorf("addresses in %s: %w", seat.Slug, err)
	}
	known := map[string]Known{}
	var key string
	var one Known
	_, err = pgx.ForEachRow(rows, []any{&key, &one.Member, &one.InvitedAt}, func() error {
		known[key] = one
		return nil
	})
	return known, err
}

// Inviter is what an invitation needs of the accounts.
type Inviter interface {
	Invite(ctx context.Context, tx pgx.Tx, by account.Account, all ...account.Invitation) error
	Uninvite(ctx context.Context, tx pgx.Tx, email, slug string) error
}

// Sending is a letter of invitation to several people.
type Sending struct {
	Request uuid.UUID
	To      []Addressee
	Again   []string // keys of addresses that were invited before and are meant to be invited again
	Note    string
	Lang    locale.Lang // of those who have none of their own
}

// CheckNote judges the note and language of a sending before its addresses are looked at.
func (n Sending) CheckNote() error {
	var in fault.Invalid
	in.Check(utf8.RuneCountInString(n.Note) <= 1000, "note", "too-long", "max", 1000)
	in.Check(locale.Known(string(n.Lang)), "lang", "choose")
	return in.Err()
}

// Invite sends letters with personal links. Members, and those invited before who are not named in Again, get none.
// The same form sent twice invites once. It returns how many letters went out.
func (s Store) Invite(ctx context.Context, seat Seat, accounts Inviter, by account.Account, names map[locale.Lang]string, n Sending) (sent int, err error) {
	if err := seat.Must(Invite); err != nil {
		return 0, err
	}
	if by.ID != seat.Account {
		return 0, fmt.Errorf("invite: %w", fault.Forbidden)
	}
	if err := n.CheckNote(); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if first, err := s.claim(ctx, tx, seat, n.Request); err != nil || !first {
			return err
		}
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		known, err := recognise(ctx, tx, seat, n.To)
		if err != nil {
			return err
		}
		to := slices.DeleteFunc(slices.Clone(n.To), func(a Addressee) bool {
			k := known[a.Key()]
			return a.Problem != "" || k.Member || k.InvitedAt != nil && !slices.Contains(n.Again, a.Key())
		})
		if len(to) == 0 {
			return fault.One("addresses", "nobody-to-invite")
		}
		sent = len(to)
		return s.send(ctx, tx, seat, accounts, by, names, n, to)
	})
	return sent, err
}

// claim takes the form's request id; who comes second is told so.
func (s Store) claim(ctx context.Context, tx pgx.Tx, seat Seat, request uuid.UUID) (first bool, err error) {
	tag, err := tx.Exec(ctx, `insert into request (account_id, id, at) values ($1, $2, $3) on conflict do nothing`, seat.Account, request, s.now())
	if err != nil {
		return false, fmt.Errorf("claim request: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

func (s Store) send(ctx context.Context, tx pgx.Tx, seat Seat, accounts Inviter, by account.Account, names map[locale.Lang]string, n Sending, to []Addressee) error {
	b, now := &pgx.Batch{}, s.now()
	letters := make([]account.Invitation, len(to))
	for i, a := range to {
		lang := n.Lang
		if a.Lang != "" {
			lang = a.Lang
		}
		letters[i] = account.Invitation{Email: a.Email, Name: a.Name, Lang: lang, Note: n.Note, Slug: seat.Slug, Community: names[lang]}
		b.Queue(`insert into invitation (community_id, email, email_key, name, lang, note, invited_by, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
			on conflict (community_id, email_key) do update set email = excluded.email, name = case when excluded.name = '' then invitation.name else excluded.name end, lang = excluded.lang,
				note = excluded.note, invited_by = excluded.invited_by, at = excluded.at, sent = invitation.sent + 1, accepted_at = null, account_id = null, withdrawn_at = null`,
			seat.Community, a.Email, a.Key(), a.Name, lang, n.Note, by.ID, now)
	}
	if err := accounts.Invite(ctx, tx, by, letters...); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("invitations to %s: %w", seat.Slug, err)
	}
	return activity.Write(ctx, tx, activity.Entry{At: now, Actor: seat.Account, Verb: "community.invite", Community: int64(seat.Community), Detail: map[string]any{"letters": len(to)}})
}

// InviteAgain sends an invitation that nobody took up once more, as it was. The same form sent twice sends one letter.
func (s Store) InviteAgain(ctx context.Context, seat Seat, accounts Inviter, by account.Account, names map[locale.Lang]string, id InvitationID, request uuid.UUID) error {
	if err := seat.Must(Invite); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if first, err := s.claim(ctx, tx, seat, request); err != nil || !first {
			return err
		}
		i, err := postgres.One[account.Invitation](ctx, tx, `update invitation set at = $3, sent = sent + 1, invited_by = $4
			where community_id = $1 and id = $2 and accepted_at is null and withdrawn_at is null returning email, name, lang, note, ''::text as slug, ''::text as community`, seat.Community, id, s.now(), seat.Account)
		if err != nil {
			return fmt.Errorf("invitation %d to %s: %w", id, seat.Slug, err)
		}
		i.Slug, i.Community = seat.Slug, names[i.Lang]
		return accounts.Invite(ctx, tx, by, i)
	})
}

// Withdraw takes back an invitation that nobody took up: its links are dead. Doing it twice is done once.
func (s Store) Withdraw(ctx context.Context, seat Seat, accounts Inviter, id InvitationID) error {
	if err := seat.Must(Invite); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var email string
		err := tx.QueryRow(ctx, `update invitation set withdrawn_at = coalesce(withdrawn_at, $3) where community_id = $1 and id = $2 and accepted_at is null returning email`, seat.Community, id, s.now()).Scan(&email)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("invitation %d to %s: %w", id, seat.Slug, fault.NotFound)
		}
		if err != nil {
			return fmt.Errorf("invitation %d to %s: %w", id, seat.Slug, err)
		}
		return accounts.Uninvite(ctx, tx, email, seat.Slug)
	})
}

// accept notes which invitations led somebody here: to the own address, or to one whose link the person used.
func (s Store) accept(ctx context.Context, tx pgx.Tx, seat Seat, who account.ID) error {
	_, err := tx.Exec(ctx, `update invitation i set accepted_at = $3, account_id = $2 where i.community_id = $1 and i.accepted_at is null and i.withdrawn_at is null and (
		i.email_key = (select a.email_key from account a where a.id = $2) or i.email_key in (
			select lower(l.email) from personal_link l where l.account_id = $2 and l.purpose = 'invitation' and l.used_at is not null and l.detail->>'community' = $4))`, seat.Community, who, s.now(), seat.Slug)
	if err != nil {
		return fmt.Errorf("invitations of %d: %w", who, err)
	}
	return nil
}

// ForgetInvitations forgets addresses that were invited more than a year ago: who came of it is a member, and the others owe us nothing.
func (s Store) ForgetInvitations(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `delete from invitation where greatest(at, withdrawn_at) < $1`, s.now().AddDate(-1, 0, 0)); err != nil {
		return fmt.Errorf("forget invitations: %w", err)
	}
	return nil
}
