package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

func loadActivity(ctx context.Context, l *loading) error {
	lineOf := map[int64]int{}
	var id int64
	var by, in, on *int64
	var concerned []int64
	var detail string
	var h happened
	err := l.each(ctx, `select id, at, actor_id, verb, community_id, item_id, concerned, `+detailed+` from activity order by at, id`, []any{&id, &h.At, &by, &h.Verb, &in, &on, &concerned, &detail}, func() error {
		one := h
		one.By, one.Community, one.Item = l.who(by), l.where(in), l.what(on)
		for _, c := range concerned {
			if handle := l.handles[c]; handle != "" {
				one.Concerned = append(one.Concerned, handle)
			}
		}
		if detail != "{}" {
			one.Detail = json.RawMessage(detail)
		}
		l.book.Activity = append(l.book.Activity, one)
		lineOf[id] = len(l.book.Activity)
		return nil
	})
	if err != nil {
		return err
	}
	var n notice
	var who int64
	var top *int64
	err = l.each(ctx, `select account_id, activity_id, community_id, item_id, top_id, why, kind, way, at, read_at from notice`, []any{&who, &id, &in, &on, &top, &n.Why, &n.Kind, &n.Way, &n.At, &n.ReadAt}, func() error {
		n.Person, n.Activity, n.Community, n.Item, n.Thread = l.handles[who], lineOf[id], l.where(in), l.what(on), l.what(top)
		l.book.Notices = append(l.book.Notices, n)
		return nil
	})
	slices.SortFunc(l.book.Notices, func(a, b notice) int { return compare(a.Activity-b.Activity, a.Person, b.Person) })
	return err
}

func writeActivity(b *book, w *writing) error {
	raw, err := lines(b.Activity)
	if err := w.file("activity.jsonl", raw, err); err != nil {
		return err
	}
	raw, err = lines(b.Notices)
	return w.file("notices.jsonl", raw, err)
}

func readActivity(r *reading) {
	r.book.Activity = linesOf(r, "activity.jsonl", func(h *happened) *place { return &h.at })
	for _, h := range r.book.Activity {
		r.detail(h)
	}
	r.book.Notices = linesOf(r, "notices.jsonl", func(n *notice) *place { return &n.at })
}

func checkActivity(r *reading) {
	told := once{}
	for _, n := range r.book.Notices {
		told.see(r, n.at, fmt.Sprintf("%s about line %d", n.Person, n.Activity), "a notice")
		if n.Activity > len(r.book.Activity) {
			r.refused.note(n.at, "activity: activity.jsonl has no line %d", n.Activity)
		}
	}
	for n, h := range r.book.Activity {
		if n > 0 && h.At.Before(r.book.Activity[n-1].At.Time) {
			r.refused.note(h.at, "at: this happened before what stands above it")
		}
	}
}

func storeActivity(ctx context.Context, s *storing) error {
	ids, err := s.ids(ctx, "activity", len(s.book.Activity))
	if err != nil {
		return err
	}
	h := &shelf{tables: []struct{ name, columns string }{
		{"activity", "id at actor_id verb community_id item_id concerned detail"}, {"notice", "account_id activity_id community_id item_id top_id why kind way at read_at"},
	}}
	for n, a := range s.book.Activity {
		concerned := make([]int64, len(a.Concerned))
		for k, handle := range a.Concerned {
			concerned[k] = s.people[handle]
		}
		detail, err := s.detail(a)
		if err != nil {
			return err
		}
		h.put("activity", ids[n], a.At, s.who(a.By), a.Verb, s.where(a.Community), s.what(a.Item), concerned, detail)
	}
	for _, n := range s.book.Notices {
		h.put("notice", s.who(n.Person), ids[n.Activity-1], s.where(n.Community), s.what(n.Item), s.what(n.Thread), n.Why, n.Kind, n.Way, n.At, n.ReadAt)
	}
	return s.shelf(ctx, h)
}
