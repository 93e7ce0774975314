package parting

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/search"
)

// naming is a place where a text may call somebody.
type naming struct {
	table, column, kind string
	most                int
}

// namings are the places where a text may call somebody by handle, with the most characters that each may have (0: any number; of
// JSON the most bytes). A room that keeps texts elsewhere adds its line here.
var namings = []naming{
	{"item_text", "body", "text", item.MaxBody}, {"item_revision", "body", "text", 0}, {"item", "title", "text", item.MaxTitle}, {"item_revision", "title", "text", 0},
	{"item_link", "quote", "text", 2000}, {"item_file", "alt", "text", file.MaxAlt}, {"item", "removed_reason", "text", item.MaxReason}, {"discussion", "locked_reason", "text", item.MaxReason},
	{"help_request", "tried", "text", 20_000}, {"help_request", "outcome", "text", 20_000}, {"help_offer", "note", "text", 500}, {"report", "reason", "text", item.MaxReport}, {"report", "note", "text", item.MaxReport},
	{"membership", "bring", "text", 1000}, {"membership", "learn", "text", 1000}, {"membership", "reason", "text", 500}, {"invitation", "note", "text", 1000}, {"wanted_organisation", "why", "text", 500},
	{"handover", "body", "text", 50_000}, {"handover_revision", "body", "text", 0}, {"draft", "fields", "jsonb", 300_000}, {"kept_form", "fields", "jsonb", 0},
}

// called replaces $1, a mention, by one of $2. Where the text would grow beyond $4, nobody is called at all: who fills a text with
// somebody's name cannot keep that person from leaving.
func called(table, column, kind string) string {
	length := map[string]string{"text": "char_length", "jsonb": "octet_length"}[kind]
	return `update ` + table + ` set ` + column + ` = (select case when $4::int = 0 or ` + length + `(n.called) <= $4 then n.called else regexp_replace(` + column + `::text, $1, '@?', 'g') end
			from (select regexp_replace(` + column + `::text, $1, '@' || $2, 'g') as called) n)::` + kind + `
		where ` + column + `::text like '%@' || $3 || '%'`
}

// rename ends the memberships, lets texts that call the person by handle call nobody in particular, and renders them anew: a
// mention shows the name and leads to the person's page. The items of also are found by other words now.
func rename(ctx context.Context, tx pgx.Tx, a account.Account, handle string, also []item.ID) error {
	rows, err := tx.Query(ctx, `select item_id from item_mention where account_id = @me union select item_id from item_text where body like @called
		union select id from item where title like @called union select item_id from help_request where tried like @called or outcome like @called`+callsInMeetings+callsInCriteria+callsInRepertoire, pgx.NamedArgs{"me": a.ID, "called": "%@" + a.Handle + "%"})
	if err != nil {
		return fmt.Errorf("mentions: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
	if err != nil {
		return fmt.Errorf("mentions: %w", err)
	}
	ids = append(ids, also...)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	// As the renderer reads a mention: not within an address, and not the beginning of a longer handle.
	mention := `(?<![[:alnum:]._/-])@` + a.Handle + `(?![a-z0-9]|-[a-z0-9])`
	b := &pgx.Batch{}
	for _, n := range slices.Concat(namings, meetingNamings, criterionNamings, repertoireNamings) {
		b.Queue(called(n.table, n.column, n.kind), mention, handle, a.Handle, n.most)
	}
	for _, table := range []string{"entry", "entry_translation"} {
		b.Queue(calledInFields(table), mention, handle, a.Handle)
	}
	b.Queue(`update membership set state = 'left' where account_id = $1 and state in ('member', 'waiting')`, a.ID)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("mentions: %w", err)
	}
	if err := unlink(ctx, tx, a.ID, handle); err != nil {
		return err
	}
	if err := item.Remake(ctx, tx, ids); err != nil {
		return err
	}
	if err := remakeHelp(ctx, tx, ids); err != nil {
		return err
	}
	if err := remakeHandovers(ctx, tx, handle); err != nil {
		return err
	}
	return search.Rebuild(ctx, tx, ids)
}

// remakeHelp renders what was tried and what worked anew.
func remakeHelp(ctx context.Context, tx pgx.Tx, ids []item.ID) error {
	known, err := item.Knows(ctx, tx, ids)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select item_id, tried, outcome from help_request where item_id = any($1)`, ids)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	var id item.ID
	var tried, outcome string
	_, err = pgx.ForEachRow(rows, []any{&id, &tried, &outcome}, func() error {
		b.Queue(`update help_request set tried_html = $2, outcome_html = $3 where item_id = $1`, id, known[id].Render(tried), known[id].Render(outcome))
		return nil
	})
	if err == nil {
		err = tx.SendBatch(ctx, b).Close()
	}
	if err != nil {
		return fmt.Errorf("requests for help: %w", err)
	}
	return nil
}

func remakeHandovers(ctx context.Context, tx pgx.Tx, handle string) error {
	rows, err := tx.Query(ctx, `select community_id, body from handover where body like '%@' || $1 || '%'`, handle)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	var id int64
	var body string
	_, err = pgx.ForEachRow(rows, []any{&id, &body}, func() error {
		b.Queue(`update handover set html = $2 where community_id = $1`, id, markup.Render(body, markup.Targets{}))
		return nil
	})
	if err == nil {
		err = tx.SendBatch(ctx, b).Close()
	}
	if err != nil {
		return fmt.Errorf("handover pages: %w", err)
	}
	return nil
}
