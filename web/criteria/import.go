package criteria

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"net/http"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// importPage takes a file of criteria, or shows what would be made of one.
type importPage struct {
	Slug     string
	Request  string
	Content  string // the file, packed, so that what was looked at is what is made
	Guessed  bool
	Plan     criterion.Plan
	Lines    []importLine
	Problems ui.Problems
}

// importLine is a line of the file as the page tells it.
type importLine struct {
	criterion.Planned
	Problems ui.Problems
}

// maxPacked is how much a form carries of a packed file.
const maxPacked = 900_000

func (h handlers) importForm(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.Word); err != nil {
		return err
	}
	return respond.OK(w, r, importPage{Slug: seat.Slug}.page())
}

// importFile shows what would be made of a file; sent again from there, it makes it.
func (h handlers) importFile(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.Word); err != nil {
		return err
	}
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	x := importPage{Slug: seat.Slug, Content: in.Get("content"), Request: in.Request().String()}
	making := x.Content != ""
	raw, err := x.file(in)
	if err != nil {
		return x.again(w, r, err)
	}
	table, err := criterion.ReadTable(raw)
	if err != nil {
		return x.again(w, r, err)
	}
	lang := here(r).Community.Lang
	if making {
		plan, err := h.Criteria.Import(r.Context(), seat, table, lang, uuid.MustParse(x.Request))
		if len(fault.Problems(err)) == 0 {
			if err != nil {
				return err
			}
			notice := "criteria.notice.imported"
			if plan.Makes == 0 {
				notice = "criteria.notice.imported-before"
			}
			return respond.SeeOtherSaying(w, r, link.Criteria(seat.Slug), notice)
		}
	}
	x.Guessed = table.Guessed
	if x.Plan, err = h.Criteria.PlanImport(r.Context(), seat, table, lang); err != nil {
		return err
	}
	x.tell(r.Context())
	if x.Plan.Faulty > 0 {
		return x.again(w, r, fault.One("files", "import-faulty"))
	}
	if x.Content, err = packed(raw); err != nil {
		return x.again(w, r, err)
	}
	return respond.OK(w, r, x.page())
}

func (x importPage) again(w http.ResponseWriter, r *http.Request, err error) error {
	if len(fault.Problems(err)) == 0 {
		return err
	}
	x.Content, x.Problems = "", ui.ProblemsOf(r.Context(), err)
	return respond.Again(w, r, x.page())
}

func (x *importPage) tell(ctx context.Context) {
	for _, p := range x.Plan.Lines {
		x.Lines = append(x.Lines, importLine{p, ui.ProblemsOf(ctx, &fault.Invalid{Problems: p.Problems})})
	}
}

// file that came, or the packed one that was looked at before.
func (x importPage) file(in form.Values) ([]byte, error) {
	if x.Content != "" {
		return unpacked(x.Content)
	}
	if upload, ok := in.First(); ok && upload.Size > criterion.MaxFileBytes {
		return nil, fault.One("files", "import-heavy", "max", criterion.MaxFileBytes>>20)
	}
	raw, err := in.Small(criterion.MaxFileBytes)
	if err == nil && len(raw) == 0 {
		err = fault.One("files", "import-none")
	}
	return raw, err
}

func packed(raw []byte) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(raw) // into memory
	if err := z.Close(); err != nil {
		return "", err
	}
	text := base64.StdEncoding.EncodeToString(b.Bytes())
	if len(text) > maxPacked {
		return "", fault.One("files", "import-heavy", "max", 1)
	}
	return text, nil
}

func unpacked(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fault.One("files", "import-none")
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fault.One("files", "import-none")
	}
	raw, err := io.ReadAll(io.LimitReader(z, criterion.MaxFileBytes+1))
	if err != nil {
		return nil, fault.One("files", "import-none")
	}
	return raw, nil
}

// column is what a column of the file is called for people.
func column(field string) string {
	for _, c := range criterion.Columns {
		if c == field {
			return c
		}
	}
	return map[string]string{"lang": "language", "source": "source_form", "meeting": "source_item", "discussion": "source_item", "tags": "tags"}[field]
}
