package programme

import (
	"context"
	"strings"

	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/markup"
)

func loadProgramme(ctx context.Context, l *loading) error {
	p := &l.book.Programme
	p.Format = Format
	if err := l.tx.QueryRow(ctx, `select name, lang, demonstration, not products, revision, created_at from programme`).Scan(&p.Name, &p.Lang, &p.Demonstration, &p.NoProducts, &p.Revision, &p.CreatedAt); err != nil {
		return err
	}
	var w words[programmeWords]
	return l.each(ctx, `select lang, tagline, notice, purpose from programme_text order by lang collate "C"`, []any{&w.Head.Lang, &w.Head.Tagline, &w.Head.Notice, &w.Body}, func() error {
		l.book.Words = append(l.book.Words, w)
		return nil
	})
}

func writeProgramme(b *book, w *writing) error {
	raw, err := object(b.Programme)
	if err := w.file("programme.json", raw, err); err != nil {
		return err
	}
	for _, text := range b.Words {
		var d document
		err := d.add(text.Head, text.Body)
		if err := w.file("programme."+text.Head.Lang+".md", d.Bytes(), err); err != nil {
			return err
		}
	}
	return nil
}

func readProgramme(r *reading) {
	raw, ok := r.take("programme.json")
	if !ok {
		r.refused.note(place{"programme.json", 0}, "the file is missing: this is no programme")
		return
	}
	r.book.Programme.at = r.object("programme.json", raw, &r.book.Programme)
	seen := once{}
	for _, lang := range languages {
		name := "programme." + lang + ".md"
		raw, ok := r.take(name)
		if !ok {
			continue
		}
		for _, t := range r.texts(name, raw) {
			w := headOf[programmeWords](r, t)
			seen.see(r, w.at, w.Head.Lang, "the programme in a language")
			r.length(w.at, w.Body, 10000)
			r.book.Words = append(r.book.Words, w)
		}
	}
}

func storeProgramme(ctx context.Context, s *storing) error {
	p := s.book.Programme
	if _, err := s.tx.Exec(ctx, `update programme set name = $1, lang = $2, demonstration = $3, products = not $4, revision = $5, created_at = $6`, p.Name, p.Lang, p.Demonstration, p.NoProducts, p.Revision, p.CreatedAt); err != nil {
		return err
	}
	var rows [][]any
	for _, w := range s.book.Words {
		rows = append(rows, []any{w.Head.Lang, w.Head.Tagline, w.Head.Notice, w.Body, markup.Render(w.Body, markup.Targets{})})
	}
	return s.rows(ctx, "programme_text", []string{"lang", "tagline", "notice", "purpose", "purpose_html"}, rows)
}

func loadPeople(ctx context.Context, l *loading) error {
	var id int64
	var p person
	return l.each(ctx, `select id, handle, name, email, organisation, sector, languages, lang, about, profile_for, organisation_for, email_for, administrator, revision, created_at, left_at, p.at
		from account left join account_picture p on p.account_id = id order by handle collate "C"`,
		[]any{&id, &p.Handle, &p.Name, &p.Email, &p.Organisation, &p.Sector, &p.Languages, &p.Lang, &p.About, &p.ProfileFor, &p.OrganisationFor, &p.EmailFor, &p.Administrator, &p.Revision, &p.CreatedAt, &p.LeftAt, &p.PictureAt},
		func() error {
			l.handles[id] = p.Handle
			one := p
			one.id = id
			one.Languages = append([]string{}, p.Languages...)
			l.book.People = append(l.book.People, one)
			return nil
		})
}

func writePeople(b *book, w *writing) error {
	raw, err := list(b.People)
	if err := w.file("people.json", raw, err); err != nil {
		return err
	}
	for _, p := range b.People {
		if p.PictureAt.IsZero() {
			continue
		}
		large, small := p.picture()
		if err := w.stored(large, `select large from account_picture where account_id = $1`, p.id); err != nil {
			return err
		}
		if err := w.stored(small, `select small from account_picture where account_id = $1`, p.id); err != nil {
			return err
		}
	}
	return nil
}

// picture is where the picture of a person lies, in its two sizes.
func (p person) picture() (large, small string) {
	return "pictures/" + p.Handle + ".jpg", "pictures/" + p.Handle + ".small.jpg"
}

func readPeople(r *reading) {
	r.book.People = listOf(r, "people.json", func(p *person) *place { return &p.at })
	for _, p := range r.book.People {
		if !p.PictureAt.IsZero() {
			r.face(p)
		}
	}
}

func (r *reading) face(p person) {
	largeName, smallName := p.picture()
	large, ok := r.open(largeName, file.MaxSize)
	small, too := r.open(smallName, file.MaxSize)
	if !ok || !too {
		r.refused.note(p.at, "picture_at: %s or %s is missing", largeName, smallName)
		return
	}
	if amiss := file.FaceAmiss(large, small); amiss != "" {
		r.refused.note(place{largeName, 0}, "%s", amiss)
	}
}

func checkPeople(r *reading) {
	handles, emails := once{}, once{}
	for _, p := range r.book.People {
		handles.see(r, p.at, p.Handle, "a handle")
		emails.see(r, p.at, strings.ToLower(strings.TrimSpace(p.Email)), "a mail address")
		if len(p.Email) < 3 {
			r.refused.note(p.at, "email: %q is no mail address", p.Email)
		}
		if p.ProfileFor > 2 || p.OrganisationFor > 3 || p.EmailFor > 3 {
			r.refused.note(p.at, "profile_for goes from 0 to 2, organisation_for from 0 to 3, email_for from 1 to 3")
		}
		if len(p.Languages) > 20 {
			r.refused.note(p.at, "languages: there are more than 20")
		}
	}
}

func storePeople(ctx context.Context, s *storing) error {
	ids, err := s.ids(ctx, "account", len(s.book.People))
	if err != nil {
		return err
	}
	h := &shelf{tables: []struct{ name, columns string }{
		{"account", "id handle name email email_key organisation sector languages lang about profile_for organisation_for email_for administrator revision created_at left_at picture"},
		{"account_picture", "account_id large small at"},
	}}
	for n, p := range s.book.People {
		s.people[p.Handle] = ids[n]
		hash := ""
		if !p.PictureAt.IsZero() {
			largeName, smallName := p.picture()
			large, err := readFile(s.from, largeName, file.MaxSize)
			if err != nil {
				return err
			}
			small, err := readFile(s.from, smallName, file.MaxSize)
			if err != nil {
				return err
			}
			hash = file.Hash(large)
			h.put("account_picture", ids[n], large, small, p.PictureAt)
		}
		h.put("account", ids[n], p.Handle, p.Name, p.Email, strings.ToLower(strings.TrimSpace(p.Email)), p.Organisation, p.Sector, orEmpty(p.Languages), p.Lang, p.About,
			p.ProfileFor, p.OrganisationFor, p.EmailFor, p.Administrator, p.Revision, p.CreatedAt, p.LeftAt, hash)
	}
	return s.shelf(ctx, h)
}
