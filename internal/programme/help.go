package programme

import (
	"context"
	"slices"
)

// help reads requests for help with their offers, and which replies have helped.
func (l *loading) help(ctx context.Context) error {
	var id, other int64
	var h help
	err := l.each(ctx, `select item_id, state, state_at, tried, needed_by, addressed, discreet, answered_at, ending, outcome, outcome_at from help_request`,
		[]any{&id, &h.State, &h.StateAt, &h.Tried, &h.NeededBy, &h.Addressed, &h.Discreet, &h.AnsweredAt, &h.Ending, &h.Outcome, &h.OutcomeAt}, func() error {
			one := h
			l.pieces[id].Detail.(*discussion).Help = &one
			return nil
		})
	if err != nil {
		return err
	}
	var o offer
	err = l.each(ctx, `select item_id, account_id, note, at from help_offer`, []any{&id, &other, &o.Note, &o.At}, func() error {
		o.By = l.handles[other]
		h := l.pieces[id].Detail.(*discussion).Help
		h.Offers = append(h.Offers, o)
		return nil
	})
	if err != nil {
		return err
	}
	var number int
	err = l.each(ctx, `select a.item_id, i.number from help_answer a join item i on i.id = a.reply_id order by i.number`, []any{&id, &number}, func() error {
		h := l.pieces[id].Detail.(*discussion).Help
		h.Helped = append(h.Helped, number)
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range l.pieces {
		if d, ok := p.Detail.(*discussion); ok && d.Help != nil {
			slices.SortFunc(d.Help.Offers, func(a, b offer) int { return compare(a.At.Compare(b.At.Time), a.By, b.By) })
		}
	}
	return nil
}
