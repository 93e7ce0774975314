package programme

import (
	"context"
	"encoding/json"
	"fmt"

	"urbanfluxes.eu/koinon/internal/item"
)

// repertoire reads what entries add to their items, and the topics that they are about.
func (l *loading) repertoire(ctx context.Context) error {
	for _, part := range []func(context.Context) error{l.topics, l.entries, l.about, l.coAuthors, l.grownFrom, l.usedHere, l.translations} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	for _, p := range l.pieces {
		if e, ok := p.Detail.(*repertoireEntry); ok {
			source, use := e.highest()
			if e.Numbered == source {
				e.Numbered = 0
			}
			if e.Reported == use {
				e.Reported = 0
			}
		}
	}
	return nil
}

func (l *loading) topics(ctx context.Context) error {
	var t topic
	return l.each(ctx, `select t.key, t.retired_at, coalesce(max(w.name) filter (where w.lang = 'en'), ''), coalesce(max(w.name) filter (where w.lang = 'de'), ''), coalesce(max(w.name) filter (where w.lang = 'fr'), ''),
			coalesce(max(w.name) filter (where w.lang = 'el'), '') from topic t left join topic_text w on w.topic_id = t.id group by t.id order by t.position, t.id`,
		[]any{&t.Key, &t.RetiredAt, &t.En, &t.De, &t.Fr, &t.El}, func() error {
			l.book.Topics = append(l.book.Topics, t)
			return nil
		})
}

func (l *loading) entry(id item.ID) *repertoireEntry {
	return l.pieces[int64(id)].Detail.(*repertoireEntry)
}

func (l *loading) entries(ctx context.Context) error {
	var id item.ID
	var checker, endorser, meeting *int64
	var revision *int
	var texts string
	var e repertoireEntry
	return l.each(ctx, `select item_id, form, fields::text, summary, place, latitude, longitude, happened, url, quoting, shared_at, checked_at, checked_by, endorsed_at, endorsed_by, endorsed_in, endorsed_revision, sources, reported from entry`,
		[]any{&id, &e.Form, &texts, &e.Summary, &e.Place, &e.Latitude, &e.Longitude, &e.Happened, &e.URL, &e.Quoting, &e.SharedAt, &e.CheckedAt, &checker, &e.EndorsedAt, &endorser, &meeting, &revision, &e.Numbered, &e.Reported}, func() error {
			one := e
			one.thing, one.CheckedBy, one.EndorsedBy, one.EndorsedIn = *l.pieces[int64(id)].common(), l.who(checker), l.who(endorser), l.what(meeting)
			if revision != nil {
				one.EndorsedRevision = *revision
			}
			l.pieces[int64(id)].Detail = &one
			return read(&one.Fields, texts)
		})
}

// read takes the texts of an entry out of the database.
func read(f *fields, raw string) error {
	if err := json.Unmarshal([]byte(raw), f); err != nil {
		return fmt.Errorf("fields of an entry: %w", err)
	}
	*f = f.written()
	return nil
}

func (l *loading) about(ctx context.Context) error {
	var id item.ID
	var key string
	return l.each(ctx, `select et.entry_id, t.key from entry_topic et join topic t on t.id = et.topic_id order by et.entry_id, t.key collate "C"`, []any{&id, &key}, func() error {
		e := l.entry(id)
		e.Topics = append(e.Topics, key)
		return nil
	})
}

func (l *loading) coAuthors(ctx context.Context) error {
	var id item.ID
	var who *int64
	var a coAuthor
	return l.each(ctx, `select entry_id, account_id, name, organisation from entry_author order by entry_id, position, id`, []any{&id, &who, &a.Name, &a.Organisation}, func() error {
		a.Person = l.who(who)
		e := l.entry(id)
		e.Authors = append(e.Authors, a)
		return nil
	})
}

func (l *loading) grownFrom(ctx context.Context) error {
	var id item.ID
	var on, point, speaker, by *int64
	var s grownFrom
	return l.each(ctx, `select entry_id, n, item_id, point_id, part, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, release, asked_at, answered_at, by_id, at from entry_source order by entry_id, n`,
		[]any{&id, &s.Number, &on, &point, &s.Part, &s.Words, &s.Lang, &speaker, &s.SpeakerName, &s.Perspective, &s.Organisation, &s.SaidOn, &s.Release, &s.AskedAt, &s.AnsweredAt, &by, &s.At}, func() error {
			one := s
			one.Item, one.Point, one.Part, one.Speaker, one.By = l.what(on), l.in(point), l.partOf(s.Part), l.who(speaker), l.who(by)
			e := l.entry(id)
			e.Sources = append(e.Sources, one)
			return nil
		})
}

func (l *loading) usedHere(ctx context.Context) error {
	var id item.ID
	var who, city, remover *int64
	var u usedHere
	return l.each(ctx, `select entry_id, n, account_id, used_in, place, used_on, outcome, again, lang, perspective, organisation, revision, at, edited_at, removed_at, removed_by, removed_reason from entry_use order by entry_id, n`,
		[]any{&id, &u.Number, &who, &city, &u.Place, &u.UsedOn, &u.Outcome, &u.Again, &u.Lang, &u.Perspective, &u.Organisation, &u.Revision, &u.At, &u.EditedAt, &u.RemovedAt, &remover, &u.RemovedReason}, func() error {
			one := u
			one.Person, one.City, one.RemovedBy, one.Revision = l.who(who), l.where(city), l.who(remover), beyondFirst(u.Revision)
			e := l.entry(id)
			e.Uses = append(e.Uses, one)
			return nil
		})
}

func (l *loading) translations(ctx context.Context) error {
	var id item.ID
	var by *int64
	var texts string
	var t translated
	return l.each(ctx, `select entry_id, lang, title, summary, fields::text, of_revision, revision, by_id, at from entry_translation order by entry_id, lang collate "C"`,
		[]any{&id, &t.Lang, &t.Title, &t.Summary, &texts, &t.OfRevision, &t.Revision, &by, &t.At}, func() error {
			one := t
			one.By, one.Revision = l.who(by), beyondFirst(t.Revision)
			if err := read(&one.Fields, texts); err != nil {
				return err
			}
			e := l.entry(id)
			e.Translations = append(e.Translations, one)
			return nil
		})
}
