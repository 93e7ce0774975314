package practice

import (
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

// Life is what became of an entry's words: how old they are, whether the community stands behind them, and in which languages they can be read.
type Life struct {
	Age          Age
	Endorsement  Endorsement
	Held         []EndorsedIn // meetings among which who may endorse chooses
	Translations []Translation
}

func (s Store) queueLife(b *pgx.Batch, seat community.Seat, args pgx.NamedArgs, l *Life) {
	queueAge(b, args, &l.Age)
	queueEndorsement(b, args, &l.Endorsement)
	queueTranslations(b, args, &l.Translations)
	s.queueEndorsedIn(b, seat, &l.Held)
}
