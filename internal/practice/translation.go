package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Translation is an entry in another language than its own, written by people.
type Translation struct {
	Lang       locale.Lang
	Title      string
	Summary    string
	Fields     Fields
	HTML       string
	OfRevision int // of the entry, that it renders
	Revision   int // its own
	At         time.Time
	By         string     // name of who wrote it last; empty: not known
	Account    account.ID // of the same
	Number     int        // of that person's membership; 0 without one
}

// Behind reports whether the original changed since a translation of it was brought up to it.
func (t Translation) Behind(original int) bool { return t.OfRevision < original }

// In is the translation into a language, where there is one.
func In(all []Translation, lang locale.Lang) (Translation, bool) {
	n := slices.IndexFunc(all, func(t Translation) bool { return t.Lang == lang })
	if n < 0 {
		return Translation{}, false
	}
	return all[n], true
}

// Untranslated are the languages into which an entry in a language could still be translated.
func Untranslated(original locale.Lang, all []Translation) []locale.Lang {
	var left []locale.Lang
	for _, l := range locale.All {
		if _, there := In(all, l); l != original && !there {
			left = append(left, l)
		}
	}
	return left
}

const translationsSQL = `select t.lang, t.title, t.summary, t.fields, t.html, t.of_revision, t.revision, t.at, coalesce(a.name, '') as by, coalesce(a.id, 0) as account, coalesce(m.number, 0) as number
	from entry_translation t join item i on i.id = t.entry_id left join account a on a.id = t.by_id left join membership m on m.community_id = t.community_id and m.account_id = a.id and m.state = 'member'
	where t.community_id = @community and t.entry_id = @id and t.lang <> i.lang order by t.lang`

// queueTranslations queues those of @id; the author may have made the language of one the entry's own since: that one rests.
func queueTranslations(b *pgx.Batch, args pgx.NamedArgs, all *[]Translation) {
	b.Queue(translationsSQL, args).Query(func(rows pgx.Rows) (err error) {
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Translation])
		return err
	})
}

// Rendering is a translation as typed.
type Rendering struct {
	Lang       locale.Lang
	Title      string
	Summary    string
	Fields     Fields
	OfRevision int // of the original that lay beside it
	Revision   int // from which it started; 0: there was none
}

func (r Rendering) check(e Entry) error {
	var in fault.Invalid
	in.Check(locale.Known(string(r.Lang)) && r.Lang != e.Lang, "lang", "choose")
	in.Check(r.OfRevision >= 1 && r.OfRevision <= e.Revision, "lang", "choose")
	item.CheckTitle(&in, r.Title)
	in.Check(utf8.RuneCountInString(r.Summary) <= MaxSummary, "summary", "too-long", "max", MaxSummary)
	parts, written := e.Form.Parts(), 0
	for _, p := range parts {
		n, field := utf8.RuneCountInString(r.Fields[p]), "part-"+string(p)
		written += n
		in.Check(n <= MaxPart && written <= item.MaxBody-1000, field, "too-long", "max", MaxPart) // the names of the parts need some room
	}
	for p := range r.Fields {
		in.Check(slices.Contains(parts, p), "form", "choose")
	}
	return in.Err()
}

// Translate writes an entry in another language. One that started from another revision is a fault.Conflict and stores nothing.
func (s Store) Translate(ctx context.Context, seat community.Seat, number int, r Rendering) error {
	if err := seat.Must(community.TranslateEntry); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := s.original(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := r.check(e); err != nil {
			return err
		}
		if err := s.mayRepeat(ctx, tx, seat, e, r); err != nil {
			return err
		}
		now, err := translated(ctx, tx, seat, e.ID, r.Lang)
		if err != nil {
			return err
		}
		if now != r.Revision {
			return fmt.Errorf("entry %d in %s: %w", number, r.Lang, &fault.Conflict{Revision: now})
		}
		if err := s.render(ctx, tx, seat, e, r); err != nil {
			return fmt.Errorf("entry %d in %s: %w", number, r.Lang, err)
		}
		told := map[string]any{"lang": r.Lang}
		if now == 0 {
			return s.tellWriters(ctx, tx, seat, e.ID, "entry.translate", told)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "entry.translate", Item: int64(e.ID), Community: int64(seat.Community), Detail: told}) // its authors know that there is one
	})
}

// mayRepeat is nil unless a translation of what others read repeats words that were not released for them.
func (s Store) mayRepeat(ctx context.Context, tx pgx.Tx, seat community.Seat, e Entry, r Rendering) error {
	if e.Draft() {
		return nil
	}
	kept, err := unreleased(ctx, tx, pgx.NamedArgs{"community": seat.Community, "entry": e.ID, "audience": int(e.Audience), "me": seat.Account})
	if err != nil {
		return err
	}
	if n := (Text{Title: r.Title, Facts: Facts{Summary: r.Summary}, Fields: r.Fields}).repeated(kept); n > 0 {
		return fault.One("part-"+string(e.Form.First()), "unreleased", "n", n)
	}
	return nil
}

func (s Store) render(ctx context.Context, tx pgx.Tx, seat community.Seat, e Entry, r Rendering) error {
	body := Compose(e.Form, r.Lang, r.Fields)
	names, err := s.On(tx).items.Resolve(ctx, seat, r.Title+"\n\n"+body)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into entry_translation (community_id, entry_id, lang, title, summary, fields, body, html, renderer, of_revision, by_id, at)
		values (@community, @id, @lang, @title, @summary, @fields, @body, @html, @renderer, @of, @me, @now)
		on conflict (entry_id, lang) do update set title = excluded.title, summary = excluded.summary, fields = excluded.fields, body = excluded.body, html = excluded.html, renderer = excluded.renderer,
			of_revision = excluded.of_revision, by_id = excluded.by_id, at = excluded.at, revision = entry_translation.revision + 1`,
		pgx.NamedArgs{"community": seat.Community, "id": e.ID, "lang": r.Lang, "title": r.Title, "summary": r.Summary, "fields": r.Fields, "body": body, "html": markup.Render(body, names.Targets()), "renderer": markup.Version,
			"of": r.OfRevision, "me": seat.Account, "now": s.now()})
	if err != nil {
		return err
	}
	return search.Translated(ctx, tx, e.ID)
}

// Untranslate takes a translation away: who wrote it last, who writes the entry, and the coordinators may. Where there is none nothing happens.
func (s Store) Untranslate(ctx context.Context, seat community.Seat, number int, lang locale.Lang) error {
	if err := seat.Must(community.TranslateEntry); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.holdEntry(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		var by account.ID
		err = tx.QueryRow(ctx, `select coalesce(by_id, 0) from entry_translation where community_id = $1 and entry_id = $2 and lang = $3`, seat.Community, found.id, lang).Scan(&by)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("entry %d in %s: %w", number, lang, err)
		}
		if !found.mine && by != seat.Account && !seat.Can(community.EndorseEntry) {
			return fmt.Errorf("translation of entry %d by somebody else: %w", number, fault.Forbidden)
		}
		if _, err := tx.Exec(ctx, `delete from entry_translation where community_id = $1 and entry_id = $2 and lang = $3`, seat.Community, found.id, lang); err != nil {
			return fmt.Errorf("entry %d in %s: %w", number, lang, err)
		}
		if err := search.Translated(ctx, tx, found.id); err != nil {
			return err
		}
		return s.tellWriters(ctx, tx, seat, found.id, "entry.untranslate", map[string]any{"lang": lang})
	})
}

// MayUntranslate reports whether the seat may take a translation away; mine says that it writes the entry.
func MayUntranslate(seat community.Seat, mine bool, t Translation) bool {
	return seat.Can(community.TranslateEntry) && (mine || t.Account == seat.Account || seat.Can(community.EndorseEntry))
}

// original is an entry to be translated, held until the end of tx; one without a title is not ready to be.
func (s Store) original(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (Entry, error) {
	var e Entry
	found, err := s.holdEntry(ctx, tx, seat, number)
	if err != nil {
		return e, err
	}
	err = tx.QueryRow(ctx, `select i.id, i.number, e.form, i.title, i.lang, i.revision, i.audience from item i join entry e on e.item_id = i.id where i.community_id = $1 and i.id = $2`, seat.Community, found.id).
		Scan(&e.ID, &e.Number, &e.Form, &e.Title, &e.Lang, &e.Revision, &e.Audience)
	if err != nil {
		return e, fmt.Errorf("entry %d: %w", number, err)
	}
	return e, nil
}

// translated is the revision of an entry's translation into a language; 0 without one.
func translated(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, lang locale.Lang) (int, error) {
	revision := 0
	err := tx.QueryRow(ctx, `select coalesce((select revision from entry_translation where community_id = $1 and entry_id = $2 and lang = $3), 0)`, seat.Community, id, lang).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("translation of item %d: %w", id, err)
	}
	return revision, nil
}
