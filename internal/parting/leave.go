package parting

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Consequence is what leaving for good would mean, in numbers.
type Consequence struct {
	Sector     string // by which the person would be called
	Texts      int    // that others can read now
	Unanswered int    // of them: those that nobody has answered, quoted or built on
	LastIn     []Last // communities that would be left without a coordinator
	LastAdmin  bool   // the programme would be left without an administrator
}

// Last is a community of which somebody is the only coordinator.
type Last struct{ Slug, Name string }

// by says that @me wrote the item of that name, be it discreetly.
func by(name string) string {
	return `(coalesce(` + name + `.author_id = @me, false) or exists (select from discreet_author q where q.item_id = ` + name + `.id and q.account_id = @me))`
}

// unanswered are the texts of @me that nobody has answered, quoted or built on; nobody but their author can miss them, nor has anybody else a part in them. What a community
// meets for, decided, gave to somebody, asks for or was promised is its own.
var unanswered = `select i.id from item i where ` + by("i") + ` and i.removed_at is null and i.kind not in ` + ofAll + `
	and not exists (select from item k where k.parent_id = i.id and not ` + by("k") + ` and k.removed_at is null)
	and not exists (select from reply r join item k on k.id = r.item_id where i.kind = 'reply' and k.parent_id = i.parent_id and r.answers = i.number and not ` + by("k") + ` and k.removed_at is null)
	and not exists (select from help_offer o where o.item_id = i.id and o.account_id <> @me)
	and not exists (select from item_link l join item k on k.id = l.from_id where l.to_id = i.id and not ` + by("k") + ` and k.removed_at is null) and not ` + builtOn

// Consequence of leaving, for the page that asks whether somebody means it.
func (s Store) Consequence(ctx context.Context, who account.ID, lang locale.Lang) (Consequence, error) {
	return consequence(ctx, s.db, who, lang)
}

func consequence(ctx context.Context, db postgres.DB, who account.ID, lang locale.Lang) (Consequence, error) {
	var c Consequence
	args := pgx.NamedArgs{"me": who, "lang": lang}
	err := db.QueryRow(ctx, `select case when a.sector = '' and exists (select from membership m where m.account_id = a.id and m.perspective = 'scientist') then 'research' else a.sector end,
			(select count(*)::int from item i where `+by("i")+` and i.removed_at is null and i.audience < 3),
			(select count(*)::int from (`+unanswered+` and i.audience < 3) u),
			a.administrator and not exists (select from account o where o.administrator and o.id <> a.id and o.left_at is null)
		from account a where a.id = @me and a.left_at is null`, args).Scan(&c.Sector, &c.Texts, &c.Unanswered, &c.LastAdmin)
	if err != nil {
		return c, fmt.Errorf("leaving of account %d: %w", who, err)
	}
	c.LastIn, err = postgres.All[Last](ctx, db, `select c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as name
		from membership m join community c on c.id = m.community_id where m.account_id = @me and m.state = 'member' and m.role = 'coordinator'
			and not exists (select from membership o where o.community_id = m.community_id and o.state = 'member' and o.role = 'coordinator' and o.account_id <> m.account_id) order by c.slug`, args)
	return c, err
}

// Leaving is the wish to leave for good.
type Leaving struct {
	Email  string // typed once more, so that nobody leaves by mistake
	Remove bool   // the texts that nobody has answered, too
}

// Leave ends everything that names a person, for good: the account stays as a role, so that what others said to it stays true.
// Who is the last coordinator of a community or the last administrator hands over first.
func (s Store) Leave(ctx context.Context, a account.Account, l Leaving) error {
	if !strings.EqualFold(strings.TrimSpace(l.Email), a.Email) {
		return fault.One("email", "not-your-address")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Whoever else leaves or is appointed in these communities waits, so that one coordinator always stays.
		if _, err := tx.Exec(ctx, `select c.id from community c join membership m on m.community_id = c.id where m.account_id = $1 order by c.id for update of c`, a.ID); err != nil {
			return fmt.Errorf("leave: %w", err)
		}
		if _, err := tx.Exec(ctx, `select id from account where administrator or id = $1 order by id for update`, a.ID); err != nil {
			return fmt.Errorf("leave: %w", err)
		}
		c, err := consequence(ctx, tx, a.ID, a.Lang)
		if err != nil {
			return err
		}
		if len(c.LastIn) > 0 {
			return fault.One("leave", "last-coordinator")
		}
		if c.LastAdmin {
			return fault.One("leave", "last-administrator")
		}
		handle := former()
		role := locale.Former(locale.English, c.Sector)
		if err := s.handOver(ctx, tx, a.ID, role); err != nil {
			return err
		}
		if err := s.erase(ctx, tx, a, l.Remove); err != nil {
			return err
		}
		ids, err := s.stepDown(ctx, tx, a.ID, role)
		if err != nil {
			return err
		}
		if err := s.askNoMore(ctx, tx, a.ID, role); err != nil {
			return err
		}
		if err := s.writeNoMore(ctx, tx, a.ID, role); err != nil {
			return err
		}
		if err := rename(ctx, tx, a, handle, ids); err != nil {
			return err
		}
		return s.forget(ctx, tx, a, handle, c.Sector)
	})
}

// former is a handle that says nothing but that somebody has left.
func former() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return "former-" + hex.EncodeToString(b[:])
}

const ofAll = `('meeting', 'decision', 'action', 'criterion', 'product', 'release', 'claim')`

// erase empties the person's drafts but for what is everybody's, such as meetings that others plan on, and, where wished, the texts that nobody has answered. Their numbers stay taken.
func (s Store) erase(ctx context.Context, tx pgx.Tx, a account.Account, unansweredToo bool) error {
	rows, err := tx.Query(ctx, `select i.id from item i where i.author_id = @me and i.audience = 3 and i.kind not in `+ofAll+` union select u.id from (`+unanswered+`) u where @too`, pgx.NamedArgs{"me": a.ID, "too": unansweredToo})
	if err != nil {
		return fmt.Errorf("erase texts: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("erase texts: %w", err)
	}
	b := &pgx.Batch{}
	b.Queue(`update discussion d set replies = d.replies - k.n from (select parent_id, count(*) as n from item where id = any($1) and kind = 'reply' and removed_at is null group by parent_id) k where d.item_id = k.parent_id`, ids)
	for _, table := range []string{"item_revision", "item_mention", "item_tag", "item_search"} {
		b.Queue(`delete from `+table+` where item_id = any($1)`, ids)
	}
	b.Queue(`delete from item_link where from_id = any($1)`, ids)
	b.Queue(`delete from item_file where item_id = any($1)`, ids)
	b.Queue(`update item_text set body = '', html = '' where item_id = any($1)`, ids)
	b.Queue(`update help_request set tried = '', tried_html = '', outcome = '', outcome_html = '' where item_id = any($1)`, ids)
	eraseEntries(b, ids)
	b.Queue(`update item set title = '', removed_at = coalesce(removed_at, $2), removed_by = author_id, removed_reason = '' where id = any($1)`, ids, s.now())
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("erase texts: %w", err)
	}
	return nil
}

// forget removes what names the person or was kept for the person alone.
func (s Store) forget(ctx context.Context, tx pgx.Tx, a account.Account, handle, sector string) error {
	b := &pgx.Batch{}
	for _, table := range []string{"credential", "account_session", "kept_form", "draft", "follow", "notice", "read_mark", "request", "competence", "account_picture", "desk_later"} {
		b.Queue(`delete from `+table+` where account_id = $1`, a.ID)
	}
	b.Queue(`delete from item_file where by_id = $1 and item_id is null`, a.ID)
	b.Queue(`update discreet_author set account_id = null where account_id = $1`, a.ID) // that somebody who left had asked would tell who
	b.Queue(`delete from personal_link l using account a where a.id = $1 and (l.account_id = a.id or lower(l.email) = a.email_key)`, a.ID)
	b.Queue(`delete from invitation v using account a where a.id = $1 and (v.account_id = a.id or v.email_key = a.email_key)`, a.ID)
	b.Queue(`delete from river_job where kind = 'letter' and (args->'Letter'->>'account' = $1::bigint::text or lower(args->'Letter'->>'email') = lower($2) or jsonb_path_exists(args, '$.** ? (@ == $name)', jsonb_build_object('name', $3::text)))`, a.ID, a.Email, a.Name)
	// The memberships ended already when the mentions were made anew.
	b.Queue(`insert into activity (at, actor_id, verb, community_id) select $2, $1, 'community.leave', community_id from membership where account_id = $1 and state = 'left' and left_at is null`, a.ID, s.now())
	b.Queue(`update community c set members = (select count(*) from membership m where m.community_id = c.id and m.state = 'member') where c.id in (select community_id from membership where account_id = $1)`, a.ID)
	b.Queue(`update membership set role = 'member', bring = '', learn = '', reason = '', left_at = coalesce(left_at, $2) where account_id = $1`, a.ID, s.now())
	b.Queue(`update account set handle = $2, name = $3, email = $2 || '@left.invalid', email_key = $2 || '@left.invalid', organisation = '', sector = $4, languages = '{}', lang = 'en', about = '', picture = '',
		organisation_for = 3, email_for = 3, administrator = false, revision = revision + 1, left_at = $5 where id = $1`, a.ID, handle, locale.Former(locale.English, sector), sector, s.now())
	b.Queue(`insert into activity (at, actor_id, verb) values ($2, $1, 'account.leave')`, a.ID, s.now())
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}
