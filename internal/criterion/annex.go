package criterion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// MaxAnnex is how many criteria stand in one annex.
const MaxAnnex = 500

// Traced is what stands behind a criterion: where it comes from, and what was claimed and answered.
type Traced struct {
	Why     string // as written
	Tags    []string
	Sources []TracedSource
	Claims  []TracedClaim
}

// TracedSource is a source as far as the reader may know it: words and speaker of what may not be opened only where the speaker released them.
type TracedSource struct {
	Form         SourceForm
	Kind         item.Kind // of what it stands in; empty where that may not be opened
	Number       int
	Title        string
	Document     string
	URL          string
	Words        string
	Lang         locale.Lang
	Speaker      string
	Perspective  community.Perspective
	Organisation string
	SaidOn       *time.Time
}

// TracedClaim is a claim that a release satisfies the criterion, with what those who asked answered.
type TracedClaim struct {
	ID           item.ID
	Number       int
	Extent       string
	State        string
	Measured     *float64
	MeasuredUnit string
	At           time.Time
	Product      string // empty where the reader may not open the release
	ProductSlug  string
	Release      string
	ReleaseSlug  string
	Verdicts     []TracedVerdict
}

// TracedVerdict is one answer to a claim, in its present edition.
type TracedVerdict struct {
	Answer      string
	Reason      string
	Lang        locale.Lang
	Community   bool
	Perspective community.Perspective
	At          time.Time
}

const tracedSourcesSQL = `with judged as (
	select so.*, v.id as open_id, v.kind, coalesce(th.number, v.number) as number, coalesce(th.title, v.title) as title,
		(v.id is not null or so.form in ('document', 'person') or so.released) and so.answer <> 'denied' as shown,
		exists (select from discreet_author q where q.item_id = so.item_id and q.account_id = so.speaker_id) and not so.community_id = any(@coordinated) as apart
	from criterion_source so left join lateral (
		select i.* from item i where i.id = so.item_id and i.removed_at is null and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and ` + community.Visible + `) v on true
		left join item th on th.id = v.parent_id
	where so.community_id = @community and so.criterion_id = any(@ids::bigint[]))
select s.criterion_id, s.form, coalesce(s.kind, ''), coalesce(s.number, 0), coalesce(s.title, ''), s.document, s.url, case when s.shown then s.words else '' end, s.lang,
	case when s.shown and not s.apart then coalesce(a.name, s.speaker_name) else '' end, case when s.apart or s.answer = 'denied' then '' else s.perspective end,
	case when s.shown and not s.apart and (a.id is null or a.organisation_for = 0 or a.organisation_for = 1 and @signed or a.organisation_for = 2 and s.community_id = any(@mine)) then s.organisation else '' end, s.said_on
from judged s left join account a on a.id = s.speaker_id order by s.criterion_id, s.n`

const tracedClaimsSQL = `select cl.criterion_id, i.id, i.number, cl.extent, cl.state, cl.measured, cl.measured_unit, i.created_at, coalesce(r.product, ''), coalesce(r.product_slug, ''), coalesce(r.title, ''), coalesce(r.slug, '')
from claim cl join item i on i.id = cl.item_id
	left join lateral (select i.title, re.slug, p.slug as product_slug, pi.title as product from item i join release re on re.item_id = i.id join product p on p.item_id = re.product_id join item pi on pi.id = p.item_id
		where i.id = cl.release_id and i.removed_at is null and pi.removed_at is null and ` + community.Visible + `) r on true
where cl.community_id = @community and cl.criterion_id = any(@ids::bigint[]) and i.removed_at is null and ` + community.Visible + ` order by cl.criterion_id, i.number`

const tracedVerdictsSQL = `select v.claim_id, v.answer, v.reason, v.lang, v.community, v.perspective, v.at
from verdict v join claim cl on cl.item_id = v.claim_id join item i on i.id = cl.item_id
where cl.community_id = @community and cl.criterion_id = any(@ids::bigint[]) and v.edition = cl.edition and i.removed_at is null and ` + community.Visible + ` order by v.claim_id, v.id`

// Trace reads what stands behind criteria that the seat may open, in as many queries for many as for few.
func (s Store) Trace(ctx context.Context, seat community.Seat, rows []RegisterRow) (map[item.ID]*Traced, error) {
	all := map[item.ID]*Traced{}
	wanted := make([]item.ID, len(rows))
	for n, r := range rows {
		wanted[n], all[r.ID] = r.ID, &Traced{}
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "ids": ids(wanted)})
	b := &pgx.Batch{}
	var of item.ID
	var why string
	b.Queue(`select i.id, x.body from item i join item_text x on x.item_id = i.id where i.community_id = @community and i.id = any(@ids::bigint[]) and i.removed_at is null and `+community.Visible, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&of, &why}, func() error { all[of].Why = why; return nil })
		return err
	})
	b.Queue(tracedSourcesSQL, args).Query(func(rows pgx.Rows) error {
		var q TracedSource
		_, err := pgx.ForEachRow(rows, []any{&of, &q.Form, &q.Kind, &q.Number, &q.Title, &q.Document, &q.URL, &q.Words, &q.Lang, &q.Speaker, &q.Perspective, &q.Organisation, &q.SaidOn}, func() error {
			all[of].Sources = append(all[of].Sources, q)
			q.SaidOn = nil
			return nil
		})
		return err
	})
	claims := map[item.ID][2]item.ID{} // claim: its criterion, and its place there
	b.Queue(tracedClaimsSQL, args).Query(func(rows pgx.Rows) error {
		var q TracedClaim
		_, err := pgx.ForEachRow(rows, []any{&of, &q.ID, &q.Number, &q.Extent, &q.State, &q.Measured, &q.MeasuredUnit, &q.At, &q.Product, &q.ProductSlug, &q.Release, &q.ReleaseSlug}, func() error {
			claims[q.ID] = [2]item.ID{of, item.ID(len(all[of].Claims))}
			all[of].Claims = append(all[of].Claims, q)
			q.Measured = nil
			return nil
		})
		return err
	})
	b.Queue(tracedVerdictsSQL, args).Query(func(rows pgx.Rows) error {
		var q TracedVerdict
		_, err := pgx.ForEachRow(rows, []any{&of, &q.Answer, &q.Reason, &q.Lang, &q.Community, &q.Perspective, &q.At}, func() error {
			if at, ok := claims[of]; ok {
				c := &all[at[0]].Claims[at[1]]
				c.Verdicts = append(c.Verdicts, q)
			}
			return nil
		})
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("trace criteria: %w", err)
	}
	return all, nil
}
