package parting

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/search"
)

// namings are the places where a text may call somebody by handle. A room that keeps texts elsewhere adds its line here.
var namings = []struct{ table, column, kind string }{
	{"item_text", "body", "text"}, {"item_revision", "body", "text"}, {"item_link", "quote", "text"}, {"help_request", "tried", "text"}, {"help_request", "outcome", "text"},
	{"item_file", "alt", "text"}, {"item", "removed_reason", "text"}, {"discussion", "locked_reason", "text"}, {"report", "reason", "text"}, {"report", "note", "text"}, {"membership", "reason", "text"},
	{"handover", "body", "text"}, {"handover_revision", "body", "text"}, {"draft", "fields", "jsonb"}, {"kept_form", "fields", "jsonb"},
}

// rename ends the memberships, lets texts that call the person by handle call nobody in particular, and renders them anew: a
// mention shows the name and leads to the person's page.
func rename(ctx context.Context, tx pgx.Tx, a account.Account, handle string) error {
	rows, err := tx.Query(ctx, `select item_id from item_mention where account_id = @me union select item_id from item_text where body like @called
		union select item_id from help_request where tried like @called or outcome like @called`, pgx.NamedArgs{"me": a.ID, "called": "%@" + a.Handle + "%"})
	if err != nil {
		return fmt.Errorf("mentions: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
	if err != nil {
		return fmt.Errorf("mentions: %w", err)
	}
	slices.Sort(ids)
	// As the renderer reads a mention: not within an address, and not the beginning of a longer handle.
	mention := `(?<![[:alnum:]._/-])@` + a.Handle + `(?![a-z0-9]|-[a-z0-9])`
	b := &pgx.Batch{}
	for _, n := range namings {
		b.Queue(`update `+n.table+` set `+n.column+` = regexp_replace(`+n.column+`::text, $1, '@' || $2, 'g')::`+n.kind+` where `+n.column+`::text like '%@' || $3 || '%'`, mention, handle, a.Handle)
	}
	b.Queue(`update membership set state = 'left' where account_id = $1 and state in ('member', 'waiting')`, a.ID)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("mentions: %w", err)
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
