package programme

import "context"

// criteria reads what criteria, claims, products and releases add to their items.
func (l *loading) criteria(ctx context.Context) error {
	for _, part := range []func(context.Context) error{l.categories, l.products, l.releases, l.needs, l.sources, l.lives, l.ratings, l.claims, l.verdicts} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) categories(ctx context.Context) error {
	var id int64
	var c category
	at := map[int64]int{}
	err := l.each(ctx, `select id, key, retired_at from criterion_category order by position, id`, []any{&id, &c.Key, &c.RetiredAt}, func() error {
		at[id] = len(l.book.Categories)
		l.book.Categories = append(l.book.Categories, c)
		return nil
	})
	if err != nil {
		return err
	}
	var lang string
	var w categoryWords
	return l.each(ctx, `select category_id, lang, name, hint from criterion_category_text`, []any{&id, &lang, &w.Name, &w.Hint}, func() error {
		words := w
		*l.book.Categories[at[id]].in(lang) = &words
		return nil
	})
}

func (l *loading) products(ctx context.Context) error {
	var id int64
	var p endProduct
	err := l.each(ctx, `select item_id, slug, form, state, summary from product`, []any{&id, &p.Slug, &p.Form, &p.State, &p.Summary}, func() error {
		one := p
		one.thing = *l.pieces[id].common()
		l.pieces[id].Detail = &one
		return nil
	})
	if err != nil {
		return err
	}
	var who *int64
	var m maker
	return l.each(ctx, `select product_id, account_id, name, since, ended_at from product_maker order by product_id, position, id`, []any{&id, &who, &m.Name, &m.Since, &m.EndedAt}, func() error {
		m.Person = l.who(who)
		one := l.pieces[id].Detail.(*endProduct)
		one.Makers = append(one.Makers, m)
		return nil
	})
}

func (l *loading) releases(ctx context.Context) error {
	var id int64
	var r release
	err := l.each(ctx, `select item_id, slug, state, due_on, published_on, limits from release`, []any{&id, &r.Slug, &r.State, &r.DueOn, &r.PublishedOn, &r.Limits}, func() error {
		one := r
		one.thing = *l.pieces[id].common()
		l.pieces[id].Detail = &one
		return nil
	})
	if err != nil {
		return err
	}
	var at releasedAt
	return l.each(ctx, `select release_id, label, url from release_link order by release_id, position`, []any{&id, &at.Label, &at.URL}, func() error {
		one := l.pieces[id].Detail.(*release)
		one.Places = append(one.Places, at)
		return nil
	})
}

func (l *loading) need(id int64) *need { return l.pieces[id].Detail.(*need) }

func (l *loading) needs(ctx context.Context) error {
	var id int64
	var meeting, into *int64
	var n need
	err := l.each(ctx, `select c.item_id, c.state, c.state_at, coalesce(k.key, ''), c.measure, c.comparator, c.target, c.target_to, c.unit, c.agreed_on, c.agreed_at, c.merged_into, c.fulfilment_at, c.sources
		from criterion c left join criterion_category k on k.id = c.category_id`,
		[]any{&id, &n.State, &n.StateAt, &n.Category, &n.Measure, &n.Comparator, &n.Target, &n.TargetTo, &n.Unit, &n.AgreedOn, &meeting, &into, &n.FulfilmentAt, &n.Numbered}, func() error {
			one := n
			one.thing, one.AgreedAt, one.MergedInto = *l.pieces[id].common(), l.what(meeting), l.what(into)
			l.pieces[id].Detail = &one
			return nil
		})
	if err != nil {
		return err
	}
	var product int64
	return l.each(ctx, `select k.criterion_id, k.product_id from criterion_product k join item i on i.id = k.product_id join community c on c.id = i.community_id order by k.criterion_id, c.slug collate "C", i.number`, []any{&id, &product}, func() error {
		l.need(id).Products = append(l.need(id).Products, l.pieces[product].ref)
		return nil
	})
}

func (l *loading) sources(ctx context.Context) error {
	var id int64
	var on, point, speaker, kept, by *int64
	var revision *int
	var s askedFor
	err := l.each(ctx, `select criterion_id, n, form, item_id, point_id, part, document, url, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, released, answer, answered_at, answered_revision, kept_from, by_id, at
		from criterion_source order by criterion_id, n`,
		[]any{&id, &s.Number, &s.Form, &on, &point, &s.Part, &s.Document, &s.URL, &s.Words, &s.Lang, &speaker, &s.SpeakerName, &s.Perspective, &s.Organisation, &s.SaidOn, &s.Released, &s.Answer, &s.AnsweredAt, &revision, &kept, &by, &s.At}, func() error {
			one := s
			one.Item, one.Point, one.Part, one.Speaker, one.KeptFrom, one.By = l.what(on), l.in(point), l.partOf(s.Part), l.who(speaker), l.what(kept), l.who(by)
			if revision != nil {
				one.AnsweredRevision = *revision
			}
			n := l.need(id)
			n.Sources = append(n.Sources, one)
			return nil
		})
	for _, p := range l.pieces {
		if n, ok := p.Detail.(*need); ok && n.Numbered == n.highest() {
			n.Numbered = 0
		}
	}
	return err
}

// highest number of a source that stands.
func (n *need) highest() int {
	last := 0
	for _, s := range n.Sources {
		last = max(last, s.Number)
	}
	return last
}

func (l *loading) lives(ctx context.Context) error {
	var id int64
	var meeting, into, by *int64
	var s step
	return l.each(ctx, `select criterion_id, step, reason, on_day, meeting_id, into_id, by_id, at from criterion_step order by criterion_id, id`, []any{&id, &s.Step, &s.Reason, &s.OnDay, &meeting, &into, &by, &s.At}, func() error {
		s.Meeting, s.Into, s.By = l.what(meeting), l.what(into), l.who(by)
		l.need(id).Steps = append(l.need(id).Steps, s)
		return nil
	})
}

func (l *loading) ratings(ctx context.Context) error {
	var id int64
	var round, who *int64
	var r rating
	return l.each(ctx, `select criterion_id, round_id, account_id, perspective, value, reason, lang, at, changed_at from rating order by criterion_id, id`,
		[]any{&id, &round, &who, &r.Perspective, &r.Value, &r.Reason, &r.Lang, &r.At, &r.ChangedAt}, func() error {
			one := r
			one.Person, one.Round = l.who(who), l.what(round)
			if one.ChangedAt.Equal(one.At.Time) {
				one.ChangedAt = Moment{}
			}
			l.need(id).Ratings = append(l.need(id).Ratings, one)
			return nil
		})
}

func (l *loading) claims(ctx context.Context) error {
	var id, of int64
	var c claim
	err := l.each(ctx, `select item_id, release_id, extent, limits, measured, measured_unit, state, edition, answer_by, settled_at from claim`,
		[]any{&id, &of, &c.Extent, &c.Limits, &c.Measured, &c.MeasuredUnit, &c.State, &c.Edition, &c.AnswerBy, &c.SettledAt}, func() error {
			one := c
			one.thing, one.Release = *l.pieces[id].common(), l.pieces[of].ref
			one.Edition = beyondFirst(c.Edition)
			l.pieces[id].Detail = &one
			return nil
		})
	if err != nil {
		return err
	}
	var by *int64
	var r reopening
	return l.each(ctx, `select claim_id, edition, reason, by_id, at from claim_reopening order by claim_id, edition`, []any{&id, &r.Edition, &r.Reason, &by, &r.At}, func() error {
		r.By = l.who(by)
		one := l.pieces[id].Detail.(*claim)
		one.Reopenings = append(one.Reopenings, r)
		return nil
	})
}

// beyondFirst is an edition as it is written: the first goes without saying.
func beyondFirst(edition int) int {
	if edition == 1 {
		return 0
	}
	return edition
}

func (l *loading) verdicts(ctx context.Context) error {
	var id int64
	var who, by *int64
	var v verdict
	return l.each(ctx, `select claim_id, edition, account_id, community, answer, reason, lang, perspective, organisation, by_id, at from verdict order by claim_id, id`,
		[]any{&id, &v.Edition, &who, &v.Community, &v.Answer, &v.Reason, &v.Lang, &v.Perspective, &v.Organisation, &by, &v.At}, func() error {
			v.Edition, v.Person, v.By = beyondFirst(v.Edition), l.who(who), l.who(by)
			one := l.pieces[id].Detail.(*claim)
			one.Verdicts = append(one.Verdicts, v)
			return nil
		})
}
