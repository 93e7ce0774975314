package discussion_test

import (
	"testing"

	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestWhatStandsBehindManyOthersIsReachedByGoingOn(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	if _, err := w.db.Exec(t.Context(), `with made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
			select $1, 'discussion', n, 'Thread ' || n, case n when 1 then 'el' else 'en' end, $2, case n when 1 then 0 else 2 end, t, t, t from generate_series(1, 4500) n, lateral (select $3::timestamptz + make_interval(mins => n) as t) times returning id, number),
		opened as (insert into discussion (item_id, form) select id, case number when 1 then 'announcement' else 'conversation' end from made)
		insert into item_text (item_id, body, html, renderer) select id, 'words', '<p>words</p>', 1 from made`, w.here, w.author.Account, w.now); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter discussion.Filter
		pages  int
	}{
		"all that a stranger may read": {discussion.Filter{}, 3},
		"announcements":                {discussion.Filter{Form: discussion.Announcement}, 3},
		"in Greek":                     {discussion.Filter{Lang: "el"}, 3},
	} {
		f, pages := c.filter, 1
		page, err := w.store.List(t.Context(), w.nobody, f)
		for err == nil && len(page.Rows) == 0 && page.Older != "" && pages < 10 {
			f.Before = page.Older
			pages++
			page, err = w.store.List(t.Context(), w.nobody, f)
		}
		if err != nil || pages != c.pages || len(page.Rows) != 1 || page.Rows[0].Number != 1 || page.Older != "" {
			t.Errorf("%s: %d rows after %d pages, older %q, %v", name, len(page.Rows), pages, page.Older, err)
		}
	}
	mine, err := w.store.List(t.Context(), w.author, discussion.Filter{Mine: true, Lang: "el"})
	if err != nil || len(mine.Rows) != 1 || mine.Older != "" {
		t.Errorf("the reader's own stand wherever they stand: %d, %v", len(mine.Rows), err)
	}
}
