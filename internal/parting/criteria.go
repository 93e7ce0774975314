package parting

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
)

const atCriterion = ` join item i on i.id = x.criterion_id` + refJoins

// criterionLists are what somebody asked for, rated, claimed, answered and made, as in lists.
var criterionLists = []struct{ file, sql string }{
	{"asked-for.json", `select ` + ref + ` as criterion, i.title as statement, x.n as source, x.form, x.document, x.url, x.words, x.lang, x.perspective, x.organisation, x.said_on, x.released, x.answer, x.answered_at, x.at
		from criterion_source x` + atCriterion + `where x.speaker_id = @me order by x.at, x.id`},
	{"sources-logged.json", `select ` + ref + ` as criterion, x.n as source, x.form, x.document, x.url, x.lang, x.said_on, x.at from criterion_source x` + atCriterion + `where x.by_id = @me order by x.at, x.id`},
	{"criteria-decided.json", `select ` + ref + ` as criterion, x.step, x.reason, x.on_day, x.at from criterion_step x` + atCriterion + `where x.by_id = @me order by x.at, x.id`},
	{"ratings.json", `select ` + ref + ` as criterion, i.title as statement, x.value, x.perspective, x.reason, x.lang, x.at, x.changed_at from rating x` + atCriterion + `where x.account_id = @me order by x.at, x.id`},
	{"claims.json", `select ` + ref + ` as claim, i.title, x.extent, x.limits, x.measured, x.measured_unit, x.state, x.edition, x.answer_by, x.settled_at from claim x join item i on i.id = x.item_id` + refJoins + `where i.author_id = @me order by i.created_at, i.id`},
	{"claims-reopened.json", `select ` + ref + ` as claim, x.edition, x.reason, x.at from claim_reopening x join item i on i.id = x.claim_id` + refJoins + `where x.by_id = @me order by x.at, 1, 2`},
	{"verdicts.json", `select ` + ref + ` as claim, x.edition, x.answer, x.reason, x.lang, x.perspective, x.organisation, x.community as for_the_community, x.at from verdict x join item i on i.id = x.claim_id` + refJoins + `
		where x.account_id = @me or x.community and x.by_id = @me order by x.at, x.id`},
	{"products-made.json", `select p.slug as product, i.title, x.since, x.ended_at from product_maker x join product p on p.item_id = x.product_id join item i on i.id = p.item_id where x.account_id = @me order by p.slug`},
}

// criterionNamings are the places in what belongs to criteria and products where somebody may be called by handle, as in namings.
var criterionNamings = []naming{
	{"criterion", "measure", "text", 200}, {"criterion_source", "document", "text", 300}, {"criterion_source", "words", "text", 2000}, {"criterion_source", "speaker_name", "text", 120}, {"criterion_step", "reason", "text", 500},
	{"rating", "reason", "text", 500}, {"claim", "limits", "text", 5000}, {"claim", "limits_html", "text", 0}, {"claim_reopening", "reason", "text", 500}, {"verdict", "reason", "text", 2000},
	{"product", "summary", "text", 500}, {"product_maker", "name", "text", 160}, {"release", "limits", "text", 5000}, {"release", "limits_html", "text", 0}, {"release_link", "label", "text", 120},
}

// callsInCriteria are the criteria, claims, products and releases whose own parts name @called, for their search rows.
const callsInCriteria = ` union select item_id from criterion where measure like @called union select item_id from claim where limits like @called
	union select item_id from product where summary like @called union select item_id from release where limits like @called`

// askNoMore puts a role where the person asked for something or made a product; of ratings only number and perspective stay, of verdicts who gave them goes.
func (s Store) askNoMore(ctx context.Context, tx pgx.Tx, who account.ID, role string) error {
	b := &pgx.Batch{}
	b.Queue(`update criterion_source set speaker_id = null, speaker_name = left($2, 120) where speaker_id = $1`, who, role)
	b.Queue(`update rating set account_id = null, reason = '' where account_id = $1`, who)
	b.Queue(`update verdict set by_id = case when by_id = account_id then null else by_id end, account_id = null where account_id = $1`, who)
	// A product that two made who are called alike names their role once.
	b.Queue(`delete from product_maker m where m.account_id = $1 and exists (select from product_maker o where o.product_id = m.product_id and o.name = $2)`, who, role)
	b.Queue(`update product_maker set account_id = null, name = $2, ended_at = coalesce(ended_at, $3) where account_id = $1`, who, role, s.now())
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("account %d among those who asked: %w", who, err)
	}
	return nil
}
