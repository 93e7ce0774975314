package notice

import "context"

// TellInBatches is Tell in batches of that size; it gives the number of statements.
func (s Store) TellInBatches(ctx context.Context, activity int64, batch int) (int, error) {
	return s.tell(ctx, activity, batch)
}
