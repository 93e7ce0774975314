package item

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

const maxQuote = 2000 // characters of a quotation kept on a link

// Quote links one item's text to the words of another that it quotes. Words that do not stand there are not kept as a quotation.
func (s Store) Quote(ctx context.Context, tx pgx.Tx, seat community.Seat, from, to ID, words string) error {
	_, err := tx.Exec(ctx, `insert into item_link (from_id, to_id, relation, quote, by_id, at)
		select @from, i.id, 'quotes', case when @words <> '' and position(@words in regexp_replace(t.body, '\s+', ' ', 'g')) > 0 then left(@words, @max) else '' end,
			case when not exists (select from discreet_author q where q.item_id = @from) then @me::bigint end, @now
		from item i join item_text t on t.item_id = i.id where i.id = @to and i.removed_at is null and `+community.Visible+` on conflict do nothing`,
		seat.Reach.Args(pgx.NamedArgs{"from": from, "to": to, "words": words, "max": maxQuote, "now": s.now()}))
	if err != nil {
		return fmt.Errorf("quote item %d: %w", to, err)
	}
	return nil
}

// QuotedWords are the words of the quotation that a text begins with, on one line; empty without one.
func QuotedWords(body string) string {
	var words []string
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		quoted, ok := strings.CutPrefix(strings.TrimSpace(line), ">")
		if !ok {
			break
		}
		words = append(words, strings.Fields(quoted)...)
	}
	return strings.Join(words, " ")
}

// Step is one link of a trail, to or from an item that the reader may open.
type Step struct {
	Onwards     bool // from the item onwards: what came of it refers to it
	Relation    string
	Quote       string
	At          time.Time
	Kind        Kind
	Slug        string
	Community   community.ID
	Number      int
	ReplyNumber int // of the reply, claim or release in whose text the other end stands; 0: the item itself
	Title       string
	Lang        locale.Lang
	Path        string // of a product, or of its release
}

// PathColumn selects what the address of item i is made of, where its number does not say it: the path of a product, or of a release.
const PathColumn = `coalesce(case i.kind when 'product' then (select p.slug from product p where p.item_id = i.id)
	when 'release' then (select p.slug || '/' || r.slug from release r join product p on p.item_id = r.product_id where r.item_id = i.id) end, '')`

// Trail of an item and its replies: where it came from, and what came of it. Items that the reader may not open are not in it.
func (s Store) Trail(ctx context.Context, reach community.Reach, id ID) ([]Step, error) {
	return postgres.All[Step](ctx, s.db, TrailSQL, reach.Args(pgx.NamedArgs{"id": id}))
}

// told leaves out the links that a page shows as relations.
const told = `l.relation not in ('same-need', 'narrower', 'conflicts', 'uses', 'addresses')`

// TrailSQL selects Steps of @id; it stands apart so that a page can read it together with the rest.
const TrailSQL = `with ends as (
		select l.from_id as own, l.to_id as other, false as onwards, l.relation, l.quote, l.at from item_link l where l.from_top = @id and l.to_top <> @id and ` + told + `
		union all
		select l.to_id, l.from_id, true, l.relation, l.quote, l.at from item_link l where l.to_top = @id and l.from_top <> @id and ` + told + `),
	steps as (
		select distinct on (coalesce(i.parent_id, i.id), e.onwards, e.relation) e.*, i.id, coalesce(i.parent_id, i.id) as top, case when i.parent_id is null then 0 else i.number end as reply_number, ` + PathColumn + ` as path
		from ends e join item o on o.id = e.own and o.removed_at is null join item i on i.id = e.other
		where i.removed_at is null and ` + community.Visible + ` and ` + community.Offered + `
		order by coalesce(i.parent_id, i.id), e.onwards, e.relation, e.at)
	select s.onwards, s.relation, s.quote, s.at, t.kind, c.slug, c.id as community, t.number, s.reply_number, t.title, t.lang, s.path
	from steps s join item t on t.id = s.top and t.removed_at is null join community c on c.id = t.community_id
	order by s.onwards, s.at limit 50`

// Linked holds for an item i at which links begin or end: the others have no trail.
const Linked = `(exists (select from item_link l where l.from_top = i.id) or exists (select from item_link l where l.to_top = i.id))`

// Thank gives or takes back thanks for an item. Nobody thanks the own words.
func (s Store) Thank(ctx context.Context, seat community.Seat, id ID, thanks bool) error {
	if err := seat.Must(community.Thank); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var author int64
		var me *account.ID // nobody, where the thankful asked discreetly
		err := tx.QueryRow(ctx, `select coalesce(i.author_id, q.account_id, 0), case when not exists (select from discreet_author t where t.item_id = coalesce(i.parent_id, i.id) and t.account_id = @me) then @me::bigint end
			from item i left join discreet_author q on q.item_id = i.id where i.community_id = @community and i.id = @id and i.removed_at is null and `+community.Visible,
			seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})).Scan(&author, &me)
		if err != nil {
			return fmt.Errorf("item %d: %w", id, fault.NotFound)
		}
		if author == int64(seat.Account) {
			return fmt.Errorf("thank for own item %d: %w", id, fault.Forbidden)
		}
		if !thanks {
			_, err = tx.Exec(ctx, `delete from thanks where item_id = $1 and account_id = $2`, id, seat.Account)
			return err
		}
		_, err = tx.Exec(ctx, `with thanked as (insert into thanks (item_id, account_id, at) values ($1, $2, $3) on conflict do nothing returning item_id)
			insert into activity (at, actor_id, verb, item_id, community_id, concerned)
			select $3, $6, 'item.thank', item_id, $4, array_remove(array[$5::bigint], 0) from thanked`, id, seat.Account, s.now(), seat.Community, author, me)
		return err
	})
}

// Latest are the items last active in a community (0: in all), which the reader may open; drafts are nothing new to anybody.
func (s Store) Latest(ctx context.Context, reach community.Reach, in community.ID, lang locale.Lang, most int) ([]Recent, error) {
	where := ""
	if in != 0 {
		where = "i.community_id = @community and"
	}
	rows, err := s.db.Query(ctx, `select i.id, i.kind, i.number, i.title, i.lang, i.created_at, i.active_at, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug), coalesce(d.replies, 0), coalesce(h.state, ''), `+PathColumn+`, `+VoiceColumns+`
		from item i join community c on c.id = i.community_id left join discussion d on d.item_id = i.id left join help_request h on h.item_id = i.id `+VoiceJoins+`
		where `+where+` i.removed_at is null and i.parent_id is null and i.audience < 3 and `+community.Visible+` and `+community.Offered+`
		order by i.active_at desc, i.id desc limit @most`, reach.Args(pgx.NamedArgs{"community": in, "most": most, "lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("latest items: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Recent, error) {
		var r Recent
		return r, row.Scan(append([]any{&r.ID, &r.Kind, &r.Number, &r.Title, &r.Lang, &r.CreatedAt, &r.ActiveAt, &r.Slug, &r.Community, &r.Replies, &r.Help, &r.Path}, r.Author.Scan()...)...)
	})
}

// Recent is an item in a list of what is new.
type Recent struct {
	ID        ID
	Kind      Kind
	Number    int
	Title     string
	Lang      locale.Lang
	CreatedAt time.Time
	ActiveAt  time.Time
	Slug      string
	Community string // its name
	Replies   int
	Help      string // state of a help request
	Path      string // of a product, or of its release
	Author    Voice
}
