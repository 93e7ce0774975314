package programme

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/markup"
)

// ErrNotEmpty refuses to import into a programme that somebody uses already.
var ErrNotEmpty = errors.New("a programme can only be imported into an empty database, and in this one there are people or communities already")

// loading carries what was read out of the database so far, and who and what stands behind its ids.
type loading struct {
	tx          pgx.Tx
	book        *book
	handles     map[int64]string
	communities map[int64]*communityBook
	pieces      map[int64]*piece
	points      map[int64]spot // of agendas and backlogs
	guests      map[int64]int  // their places in the lists of their meetings
	dates       map[int64]int  // options of polls, likewise
	rows        map[int64]int  // series of meetings, in those of their communities
}

func newLoading(ctx context.Context, tx pgx.Tx) (*loading, error) {
	return &loading{tx: tx, book: &book{}, handles: map[int64]string{}, communities: map[int64]*communityBook{}, pieces: map[int64]*piece{}}, nil
}

// each scans every row of a query into the targets and then does something with them.
func (l *loading) each(ctx context.Context, sql string, targets []any, do func() error) error {
	rows, err := l.tx.Query(ctx, sql)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, targets, do)
	return err
}

// who is the handle of an account that may be nobody.
func (l *loading) who(id *int64) string {
	if id == nil {
		return ""
	}
	return l.handles[*id]
}

// what is the reference of an item that may be none.
func (l *loading) what(id *int64) string {
	if id == nil || l.pieces[*id] == nil {
		return ""
	}
	return l.pieces[*id].ref
}

// where is the slug of a community that may be none.
func (l *loading) where(id *int64) string {
	if id == nil || l.communities[*id] == nil {
		return ""
	}
	return l.communities[*id].Record.Slug
}

// letters of the series by kind: "T" for discussions.
var letters = func() map[string]string {
	all := map[string]string{}
	for letter, kind := range markup.Kinds {
		all[kind] = letter
	}
	all["product"] = "P" // texts call no product by number
	return all
}()

// reference of a piece in a community: its series and number, or those of its parent and its own number.
func reference(slug string, p *piece) string {
	if p.parent != nil {
		return fmt.Sprintf("%s/%d", p.parent.ref, p.common().Number)
	}
	return fmt.Sprintf("%s/%s-%d", slug, letters[p.kind], p.common().Number)
}
