package item

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/markup"
)

// Known is whom and what an item's text was found to name when it was written, as stored with it.
type Known struct {
	Here   string // slug of the item's community
	People []Person
	Items  []KnownItem
}

// KnownItem is an item that a text refers to, with the names under which its community goes.
type KnownItem struct {
	Referred
	Cities []string
}

// In are the names that a text holds, among those known.
func (k Known) In(text string) Names {
	found := markup.Find(text)
	var names Names
	for _, p := range k.People {
		if slices.Contains(found.Mentions, p.Handle) {
			names.People = append(names.People, p)
		}
	}
	for _, written := range found.References {
		if r, ok := k.item(written); ok {
			names.Items = append(names.Items, r)
		}
	}
	return names
}

// Render a text in which the names known lead somewhere; an empty one stays empty.
func (k Known) Render(text string) string {
	if text == "" {
		return ""
	}
	return markup.Render(text, k.In(text).Targets())
}

func (k Known) item(written markup.Reference) (Referred, bool) {
	var here *Referred
	for _, i := range k.Items {
		if string(i.Kind) != markup.Kinds[written.Series] || i.Number != written.Number {
			continue
		}
		r := i.Referred
		r.Written = written
		if written.City != "" && slices.Contains(i.Cities, written.City) {
			return r, true
		}
		if i.Slug == k.Here {
			r.Written.City = "" // the word before it names no community: "Ask C-7"
			here = &r
		}
	}
	if here == nil {
		return Referred{}, false
	}
	return *here, true
}

// Knows reads what the stored texts of items name: members, and items linked as mentioned. Who has left is named no longer.
func Knows(ctx context.Context, tx pgx.Tx, ids []ID) (map[ID]Known, error) {
	known := map[ID]Known{}
	var id ID
	var slug, handle, name string
	var who account.ID
	var number int
	rows, err := tx.Query(ctx, `select i.id, c.slug from item i join community c on c.id = i.community_id where i.id = any($1)`, ids)
	if err != nil {
		return nil, err
	}
	if _, err = pgx.ForEachRow(rows, []any{&id, &slug}, func() error { known[id] = Known{Here: slug}; return nil }); err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `select i.id, a.id, a.handle, a.name, m.number from item_mention n join item i on i.id = n.item_id join account a on a.id = n.account_id
		join membership m on m.community_id = i.community_id and m.account_id = a.id and m.state = 'member' where i.id = any($1) order by a.id`, ids)
	if err != nil {
		return nil, err
	}
	if _, err = pgx.ForEachRow(rows, []any{&id, &who, &handle, &name, &number}, func() error {
		k := known[id]
		k.People = append(k.People, Person{Account: who, Handle: handle, Name: name, Number: number, Slug: k.Here})
		known[id] = k
		return nil
	}); err != nil {
		return nil, err
	}
	var to KnownItem
	rows, err = tx.Query(ctx, `select l.from_id, t.id, c.slug, t.kind, t.number, array(select x.name from community_text x where x.community_id = c.id order by x.lang)
		from (select from_id, to_id from item_link where from_id = any($1) and relation = 'mentions' union select id, id from item where id = any($1)) l
		join item t on t.id = l.to_id and t.parent_id is null and t.removed_at is null join community c on c.id = t.community_id order by t.id`, ids)
	if err != nil {
		return nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &to.ID, &to.Slug, &to.Kind, &to.Number, &to.Cities}, func() error {
		k := known[id]
		one := to
		one.Cities = slices.Clone(to.Cities)
		k.Items = append(k.Items, one)
		known[id] = k
		return nil
	})
	return known, err
}

const perRemake = 500 // texts held in memory at once

// Remake renders the stored texts of items anew, from what was written and whom and what they name.
func Remake(ctx context.Context, tx pgx.Tx, ids []ID) error {
	for some := range slices.Chunk(ids, perRemake) {
		known, err := Knows(ctx, tx, some)
		if err != nil {
			return fmt.Errorf("remake items: %w", err)
		}
		rows, err := tx.Query(ctx, `select item_id, body from item_text where item_id = any($1)`, some)
		if err != nil {
			return fmt.Errorf("remake items: %w", err)
		}
		var id ID
		var body string
		var made []ID
		var html []string
		_, err = pgx.ForEachRow(rows, []any{&id, &body}, func() error {
			made, html = append(made, id), append(html, known[id].Render(body))
			return nil
		})
		if err == nil {
			_, err = tx.Exec(ctx, `update item_text t set html = m.html, renderer = $3 from unnest($1::bigint[], $2::text[]) m(id, html) where t.item_id = m.id`, made, html, markup.Version)
		}
		if err != nil {
			return fmt.Errorf("remake items: %w", err)
		}
	}
	return nil
}
