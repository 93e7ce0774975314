package parting

import (
	"context"
	"fmt"
	"path"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ownFile says that file f of item i is one of @me: on a text of theirs, those asked discreetly too, or waiting to be sent.
const ownFile = `(f.item_id is null and f.by_id = @me or i.author_id = @me or exists (select from discreet_author d where d.item_id = f.item_id and d.account_id = @me))`

// files writes what somebody attached, one file at a time, and the person's picture.
func (s Store) files(ctx context.Context, who account.ID, to Sink) error {
	type kept struct {
		ID   int64
		Name string
	}
	all, err := postgres.All[kept](ctx, s.db, `select f.id, f.name from item_file f left join item i on i.id = f.item_id where `+ownFile+` order by f.id`, pgx.NamedArgs{"me": who})
	if err != nil {
		return fmt.Errorf("own files of account %d: %w", who, err)
	}
	for _, f := range all {
		var content []byte
		if err := s.db.QueryRow(ctx, `select coalesce(string_agg(data, ''::bytea order by n), '') from file_chunk where file_id = $1 and variant = ''`, f.ID).Scan(&content); err != nil {
			return fmt.Errorf("own file %d: %w", f.ID, err)
		}
		if err := to.File(fmt.Sprintf("files/%d%s", f.ID, path.Ext(f.Name)), content); err != nil {
			return err
		}
	}
	var picture []byte
	if err := s.db.QueryRow(ctx, `select coalesce((select large from account_picture where account_id = $1), '')`, who).Scan(&picture); err != nil {
		return fmt.Errorf("picture of account %d: %w", who, err)
	}
	if len(picture) == 0 {
		return nil
	}
	return to.File("picture.jpg", picture)
}
