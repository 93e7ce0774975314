package webtest

import (
	"context"
	"testing"
)

// WithoutRepertoire takes the entries of the demonstration away, but for what was heard over lunch, for tests that number and count entries of their own.
func (s *Site) WithoutRepertoire(t testing.TB) {
	t.Helper()
	_, err := s.DB.Exec(context.Background(), `do $$ begin
		delete from item i where i.kind = 'entry' and not exists (select from activity a where a.item_id = i.id and a.verb = 'entry.note');
		update counter c set n = (select coalesce(max(i.number), 0) from item i where i.community_id = c.community_id and i.kind = 'entry') where c.series = 'entry';
	end $$`)
	if err != nil {
		t.Fatal(err)
	}
}
