package meeting

import "context"

// CallInBatches is Call with that many people noted in one statement.
func (s Store) CallInBatches(ctx context.Context, r Round, batch int) error {
	return s.call(ctx, r, batch)
}

// WriteLetter is a letter before it is put into words.
func (s Store) WriteLetter(ctx context.Context, e Errand) (Letter, error) { return s.write(ctx, e) }
