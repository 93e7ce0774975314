package programme

import (
	"context"
	"encoding/json"

	"urbanfluxes.eu/koinon/internal/markup"
)

var repertoireTables = []struct{ name, columns string }{
	{"entry", "item_id community_id form fields summary place latitude longitude happened url quoting shared_at checked_at checked_by endorsed_at endorsed_by endorsed_in endorsed_revision sources reported uses cities"},
	{"entry_topic", "community_id entry_id topic_id"}, {"entry_author", "community_id entry_id account_id name organisation position"},
	{"entry_source", "community_id entry_id n item_id point_id part words lang speaker_id speaker_name perspective organisation said_on release asked_at answered_at by_id at"},
	{"entry_use", "community_id entry_id n account_id used_in place used_on outcome outcome_html again lang perspective organisation revision at edited_at removed_at removed_by removed_reason"},
	{"entry_translation", "community_id entry_id lang title summary fields body html renderer of_revision revision by_id at"},
}

// storeTopics puts those of the files in the place of those with which a programme begins.
func storeTopics(ctx context.Context, s *storing) error {
	if len(s.book.Topics) > 0 {
		if _, err := s.tx.Exec(ctx, `delete from topic`); err != nil {
			return err
		}
		ids, err := s.ids(ctx, "topic", len(s.book.Topics))
		if err != nil {
			return err
		}
		h := &shelf{tables: []struct{ name, columns string }{{"topic", "id key position retired_at"}, {"topic_text", "topic_id lang name"}}}
		for n, t := range s.book.Topics {
			h.put("topic", ids[n], t.Key, n+1, t.RetiredAt)
			for _, lang := range languages {
				if name := *t.in(lang); name != "" {
					h.put("topic_text", ids[n], lang, name)
				}
			}
		}
		if err := s.shelf(ctx, h); err != nil {
			return err
		}
	}
	var err error
	s.topics, err = s.keys(ctx, `select key, id from topic`)
	return err
}

// repertoire is stored when all items and meetings stand; what follows from its rows is worked out anew.
func (s *storing) repertoire(ctx context.Context) error {
	h := &shelf{tables: repertoireTables}
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			if e, ok := p.Detail.(*repertoireEntry); ok {
				if err := s.repertoireEntry(ctx, h, s.communities[c.Record.Slug], p, e); err != nil {
					return err
				}
			}
		}
	}
	return s.shelf(ctx, h)
}

func (s *storing) repertoireEntry(ctx context.Context, h *shelf, in int64, p *piece, e *repertoireEntry) error {
	id := s.items[p.ref]
	raw, err := jsonOf(e.Fields)
	if err != nil {
		return err
	}
	var revision *int
	if e.EndorsedRevision > 0 {
		revision = &e.EndorsedRevision
	}
	source, use := e.highest()
	uses, cities := e.evidence()
	h.put("entry", id, in, e.Form, raw, e.Summary, e.Place, e.Latitude, e.Longitude, e.Happened, e.URL, e.Quoting, e.SharedAt, e.CheckedAt, s.who(e.CheckedBy), e.EndorsedAt, s.who(e.EndorsedBy), s.what(e.EndorsedIn), revision,
		max(e.Numbered, source), max(e.Reported, use), uses, cities)
	for _, key := range e.Topics {
		h.put("entry_topic", in, id, s.topics[key])
	}
	for n, a := range e.Authors {
		h.put("entry_author", in, id, s.who(a.Person), a.Name, a.Organisation, n+1)
	}
	for _, k := range e.Sources {
		h.put("entry_source", in, id, k.Number, s.what(k.Item), s.point(k.Item, k.Point), s.partOf(k.Item, k.Part), k.Words, k.Lang, s.who(k.Speaker), k.SpeakerName, k.Perspective, k.Organisation, k.SaidOn, k.Release, k.AskedAt, k.AnsweredAt, s.who(k.By), k.At)
	}
	for _, u := range e.Uses {
		html, err := s.html(ctx, in, u.Outcome)
		if err != nil {
			return err
		}
		h.put("entry_use", in, id, u.Number, s.who(u.Person), s.where(u.City), u.Place, u.UsedOn, u.Outcome, html, u.Again, u.Lang, u.Perspective, u.Organisation, max(u.Revision, 1), u.At, u.EditedAt, u.RemovedAt, s.who(u.RemovedBy), u.RemovedReason)
	}
	return s.translations(ctx, h, in, p, e)
}

func (s *storing) translations(ctx context.Context, h *shelf, in int64, p *piece, e *repertoireEntry) error {
	for _, t := range e.Translations {
		raw, err := jsonOf(t.Fields)
		if err != nil {
			return err
		}
		body := e.composed(t.Lang, t.Fields)
		html, err := s.html(ctx, in, body)
		if err != nil {
			return err
		}
		h.put("entry_translation", in, s.items[p.ref], t.Lang, t.Title, t.Summary, raw, body, html, markup.Version, t.OfRevision, max(t.Revision, 1), s.who(t.By), t.At)
	}
	return nil
}

// jsonOf are fields for the database.
func jsonOf(f fields) (string, error) {
	raw, err := json.Marshal(f)
	if err != nil || f == nil {
		return "{}", err
	}
	return string(raw), nil
}

// evidence counts the uses of an entry that stand, and the cities that they come from.
func (e *repertoireEntry) evidence() (uses, cities int) {
	from := map[string]bool{}
	for _, u := range e.Uses {
		if u.RemovedAt.IsZero() {
			uses++
			from[u.City] = true
		}
	}
	return uses, len(from)
}
