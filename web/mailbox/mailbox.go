// Package mailbox shows the mails of a demonstration, which leave no machine.
package mailbox

import (
	"errors"
	"io/fs"
	"net/http"
	"regexp"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/web/respond"
)

type handlers struct{ box fs.FS }

// Mount the room over the folder of mails. It is for demonstrations only.
func Mount(r chi.Router, dir string) {
	h := handlers{box: mail.Box(dir)}
	r.Get(link.Mailbox, respond.Handle(h.list))
	r.Get(link.Mailbox+"/{name}", respond.Handle(h.show))
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	kept, err := mail.List(h.box, 50)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return respond.OK(w, r, listPage(kept))
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	kept, err := mail.Read(h.box, chi.URLParam(r, "name"))
	if err != nil {
		return err
	}
	return respond.OK(w, r, showPage(kept, parts(kept.Text)))
}

// part of a letter: words, or an address to open.
type part struct{ Text, Path string }

var address = regexp.MustCompile(`https?://[^\s/]+(/[^\s]*)`)

// parts finds the addresses of this site in a letter; they open here, whatever the site is called outside.
func parts(text string) []part {
	var all []part
	from := 0
	for _, m := range address.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, part{Text: text[from:m[0]]}, part{Text: text[m[0]:m[1]], Path: link.Local(text[m[2]:m[3]])})
		from = m[1]
	}
	return append(all, part{Text: text[from:]})
}
