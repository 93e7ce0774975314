package files

import (
	"net/http"
	"strconv"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// description is the form about one file, as typed.
type description struct {
	file.Placed
	Slug     string
	Problems ui.Problems
}

// back is the post that the file belongs to.
func (d description) back() string {
	address := link.Within(d.Slug, string(d.Kind), d.Number, d.Reply, d.Path)
	if d.Reply > 0 && d.Kind == "discussion" {
		n := strconv.Itoa(d.Reply)
		address += "?at=" + n + "#reply-" + n
	}
	return address
}

func (h handlers) own(r *http.Request) (description, error) {
	n, err := id(r, "file")
	if err != nil {
		return description{}, err
	}
	placed, err := h.files.Own(r.Context(), here(r).Seat, file.ID(n))
	return description{Placed: placed, Slug: here(r).Seat.Slug}, err
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func (h handlers) change(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if in.Chosen("act", "remove") {
		if err := h.files.Remove(r.Context(), here(r).Seat, d.ID); err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, d.back(), "files.notice.removed")
	}
	d.Alt = in.Text("alt")
	if err = in.Err(); err == nil {
		err = h.files.Describe(r.Context(), here(r).Seat, d.ID, d.Alt)
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, d.back(), "files.notice.described")
}

// face is the form of one's own picture.
type face struct {
	ui.Face
	Problems ui.Problems
}

func (h handlers) face(r *http.Request) (face, error) {
	me := here(r).Account
	hash, err := h.files.HasPortrait(r.Context(), me.ID)
	return face{Face: ui.Face{Account: me.ID, Name: me.Name, Picture: hash}}, err
}

func (h handlers) myPicture(w http.ResponseWriter, r *http.Request) error {
	f, err := h.face(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) portray(w http.ResponseWriter, r *http.Request) error {
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	me := here(r).Account.ID
	if in.Chosen("act", "remove") {
		if err := h.files.Unportray(r.Context(), me); err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.MyPicture, "files.notice.unportrayed")
	}
	u, chosen := in.First()
	if err = fault.One("files", "file-none"); chosen {
		err = h.files.Portray(r.Context(), me, u)
	}
	if len(fault.Problems(err)) > 0 {
		f, failed := h.face(r)
		if failed != nil {
			return failed
		}
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MyPicture, "files.notice.portrayed")
}

func (d description) titleKey() string {
	if d.Picture() {
		return "files.describe"
	}
	return "files.remove"
}

func (d description) files() []file.File { return []file.File{d.File} }
