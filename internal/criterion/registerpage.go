package criterion

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
)

// sortedBy is what each sort goes by, besides the number. The moment is counted in microseconds, as exact as it is stored.
var sortedBy = map[string]string{
	"":           `null::float8`,
	"importance": `(` + importanceOverall + `)::float8`,
	"gap":        `(abs(` + importanceGap + `))::float8`,
	"changed":    `(extract(epoch from i.active_at) * 1000000)::float8`,
}

// pageSQL reads the rows of a page: first which they are, then, for these alone, what else stands in them.
func (f Register) pageSQL(args pgx.NamedArgs, where string) (string, error) {
	by, known := sortedBy[f.Sort]
	if !known {
		by, f.Sort = sortedBy[""], ""
	}
	after, err := f.after(args, by)
	if err != nil {
		return "", err
	}
	order := `i.number desc`
	if f.Sort != "" {
		order = by + ` desc nulls last, i.number desc`
	}
	return `with page as materialized (
		select i.id, i.number, i.title, i.lang, i.audience, i.revision, i.active_at, c.state, coalesce(k.key, '') as category, c.measure, c.comparator, coalesce(c.target, 0) as target, coalesce(c.target_to, 0) as target_to, c.unit,
			c.fulfilment, c.agreed_on, ` + by + ` as sorted
		from ` + registerTables + ` where ` + where + ` and c.state = any(@states::text[])` + after + ` order by ` + order + ` limit @limit)
	select p.id, p.number, p.title, p.lang, p.audience, p.revision, p.active_at, p.state, p.category, p.measure, p.comparator, p.target, p.target_to, p.unit, p.fulfilment, p.agreed_on, p.sorted, ` + importanceColumns + `,
		array(select distinct so.perspective from criterion_source so where so.criterion_id = p.id and ` + askedOpenly + ` order by 1 desc),
		array(select pr.slug from criterion_product cp join product pr on pr.item_id = cp.product_id join item i on i.id = pr.item_id where cp.criterion_id = p.id and i.removed_at is null and ` + community.Visible + ` order by pr.slug),
		coalesce(o.form, ''), coalesce(o.kind, ''), coalesce(o.number, 0), coalesce(o.reply, 0), coalesce(o.title, ''), coalesce(o.lang, ''), coalesce(o.document, ''), coalesce(o.url, ''),
		greatest((select count(*) from criterion_source so where so.criterion_id = p.id) - 1, 0)
	from page p join criterion c on c.item_id = p.id` + importanceJoins + ` left join lateral (` + originSQL + `) o on true
	order by p.sorted desc nulls last, p.number desc`, nil
}

// originSQL is the first source of criterion p.id; what it stands in only where the reader may open it.
const originSQL = `select so.form, so.document, so.url, t.kind, t.number, t.reply, t.title, t.lang from criterion_source so
	left join lateral (select case when i.parent_id is null then i.kind else 'reply' end as kind, coalesce(th.number, i.number) as number, case when th.id is null then 0 else i.number end as reply,
			coalesce(th.title, i.title) as title, i.lang
		from item i left join item th on th.id = i.parent_id
		where i.id = so.item_id and i.removed_at is null and th.removed_at is null and ` + community.Visible + `) t on true
	where so.criterion_id = p.id order by so.n limit 1`

func scanRegisterRow(row pgx.CollectableRow) (RegisterRow, error) {
	var r RegisterRow
	to := append([]any{&r.ID, &r.Number, &r.Statement, &r.Lang, &r.Audience, &r.Revision, &r.ActiveAt, &r.State, &r.Category, &r.Target.Measure, &r.Target.Comparator, &r.Target.Value, &r.Target.To, &r.Target.Unit,
		&r.Fulfilment, &r.AgreedOn, &r.sorted}, r.Importance.scan()...)
	to = append(to, &r.Asked, &r.Products, &r.Origin.Form, &r.Origin.Kind, &r.Origin.Number, &r.Origin.Reply, &r.Origin.Title, &r.Origin.Lang, &r.Origin.Document, &r.Origin.URL, &r.Origin.More)
	err := row.Scan(to...)
	r.Importance.hide()
	return r, err
}

// after is the condition of what follows the row that the cursor names; ties go on by number, and rows that sort by nothing come last.
func (f Register) after(args pgx.NamedArgs, by string) (string, error) {
	if f.Before == "" {
		return "", nil
	}
	value, number, ok := f.readCursor()
	if !ok {
		return "", fmt.Errorf("cursor %q: %w", f.Before, fault.NotFound)
	}
	args["number"] = number
	switch {
	case f.Sort == "":
		return ` and i.number < @number`, nil
	case value == nil:
		return ` and ` + by + ` is null and i.number < @number`, nil
	}
	args["value"] = *value
	return ` and (` + by + ` < @value or ` + by + ` = @value and i.number < @number or ` + by + ` is null)`, nil
}

func (f Register) cursor(last RegisterRow) string {
	value := "-"
	if last.sorted != nil {
		value = strconv.FormatFloat(*last.sorted, 'g', -1, 64)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(f.Sort + "|" + value + "|" + strconv.Itoa(last.Number)))
}

func (f Register) readCursor() (value *float64, number int, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(f.Before)
	if err != nil {
		return nil, 0, false
	}
	parts := strings.Split(string(raw), "|")
	if len(parts) != 3 || parts[0] != f.Sort {
		return nil, 0, false
	}
	n, err := strconv.ParseInt(parts[2], 10, 32)
	if err != nil || n < 1 {
		return nil, 0, false
	}
	if parts[1] == "-" {
		return nil, int(n), true
	}
	v, err := strconv.ParseFloat(parts[1], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, 0, false
	}
	return &v, int(n), true
}
