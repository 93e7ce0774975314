package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Profile is what a person tells of himself or herself, and to whom.
type Profile struct {
	Revision        int
	Name            string
	Organisation    string
	Sector          string
	Languages       []string
	Lang            locale.Lang
	About           string
	ProfileFor      For
	OrganisationFor For
	EmailFor        For
}

func (p Profile) check() error {
	var in fault.Invalid
	checkName(&in, p.Name)
	in.Check(utf8.RuneCountInString(p.Organisation) <= 160, "organisation", "too-long", "max", 160)
	in.Check(p.Sector == "" || slices.Contains(Sectors, p.Sector), "sector", "choose")
	for _, l := range p.Languages {
		in.Check(locale.Known(l), "languages", "choose")
	}
	in.Check(locale.Known(string(p.Lang)), "lang", "choose")
	in.Check(utf8.RuneCountInString(p.About) <= 1000, "about", "too-long", "max", 1000)
	in.Check(p.ProfileFor >= ForEverybody && p.ProfileFor <= ForCommunity, "profile-for", "choose")
	in.Check(p.OrganisationFor >= ForEverybody && p.OrganisationFor <= ForNobody, "organisation-for", "choose")
	in.Check(p.EmailFor >= ForProgramme && p.EmailFor <= ForNobody, "email-for", "choose")
	return in.Err()
}

// Describe changes a profile. A change that started from another revision is a fault.Conflict.
func (s Store) Describe(ctx context.Context, id ID, p Profile) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.Languages == nil {
		p.Languages = []string{}
	}
	var stored int
	err := s.db.QueryRow(ctx, `update account set name = $3, organisation = $4, sector = $5, languages = $6, lang = $7, about = $8, profile_for = $9,
			organisation_for = $10, email_for = $11, revision = revision + 1 where id = $1 and revision = $2 returning revision`,
		id, p.Revision, p.Name, p.Organisation, p.Sector, p.Languages, p.Lang, p.About, p.ProfileFor, p.OrganisationFor, p.EmailFor).Scan(&stored)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := s.db.QueryRow(ctx, `select revision from account where id = $1`, id).Scan(&stored); err != nil {
			return fmt.Errorf("account %d: %w", id, fault.NotFound)
		}
		return fmt.Errorf("account %d: %w", id, &fault.Conflict{Revision: stored})
	}
	if err != nil {
		return fmt.Errorf("describe account %d: %w", id, err)
	}
	return nil
}

// Speak sets the language in which a person reads the pages.
func (s Store) Speak(ctx context.Context, id ID, lang locale.Lang) error {
	_, err := s.db.Exec(ctx, `update account set lang = $2 where id = $1 and lang <> $2`, id, lang)
	return err
}
