package members

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

const (
	maxInviteFile = 1_000_000 // bytes
	maxInviteText = 200_000   // characters
)

// invitation is the form as typed, above the list of those sent before.
type invitation struct {
	Addresses, Note, Lang string
	Request               uuid.UUID
	Problems              ui.Problems
	Sent                  []community.Invitation
	Next                  community.InvitationID // after which the next page begins; 0: none
}

// judged is a line of the list with what would become of it.
type judged struct {
	community.Addressee
	State string // "new", "member", "again" or "fault"
	At    time.Time
}

// preview shows what would become of each line; nothing is stored or sent by it.
type preview struct {
	invitation
	Lines []judged
	Again []string
}

// Count of the lines in a state.
func (p preview) Count(state string) (n int) {
	for _, l := range p.Lines {
		if l.State == state {
			n++
		}
	}
	return n
}

// Sound is the list without faults and members, to be sent on.
func (p preview) Sound() string {
	var sound []community.Addressee
	for _, l := range p.Lines {
		if l.State == "new" || l.State == "again" {
			sound = append(sound, l.Addressee)
		}
	}
	return community.WriteAddresses(sound)
}

func (h handlers) invitePage(w http.ResponseWriter, r *http.Request) error {
	return h.inviteForm(w, r, http.StatusOK, invitation{Lang: string(visit.Of(r.Context()).Community.Lang)})
}

func (h handlers) inviteForm(w http.ResponseWriter, r *http.Request, status int, i invitation) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 32) // a broken one begins at the beginning
	sent, more, err := h.communities.Invitations(r.Context(), visit.Of(r.Context()).Seat, community.InvitationID(before))
	if err != nil {
		return err
	}
	if i.Sent = sent; more {
		i.Next = sent[len(sent)-1].ID
	}
	i.Request = uuid.New()
	return respond.Page(w, r, status, i.page())
}

func (h handlers) invite(w http.ResponseWriter, r *http.Request) error {
	v := visit.Of(r.Context())
	if err := v.Seat.Must(community.Invite); err != nil {
		return err
	}
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := in.Small(maxInviteFile)
	if err != nil && len(fault.Problems(err)) == 0 {
		return err
	}
	typed := invitation{Addresses: in.Body("addresses"), Note: in.Body("note"), Lang: in.Text("lang"), Request: in.Request()}
	if typed.Lang == "" {
		typed.Lang = string(v.Community.Lang)
	}
	if in.Chosen("act", "change") {
		typed.Addresses = in.Body("typed")
		return h.inviteForm(w, r, http.StatusOK, typed)
	}
	var list []community.Addressee
	if err == nil {
		list, err = typed.read(in, file)
	}
	if err == nil && in.Chosen("act", "send") {
		return h.send(w, r, typed, in, list)
	}
	if err != nil {
		return h.inviteFailed(w, r, typed, err)
	}
	return h.preview(w, r, http.StatusOK, typed, list, nil)
}

func (h handlers) inviteFailed(w http.ResponseWriter, r *http.Request, typed invitation, err error) error {
	typed.Problems = ui.ProblemsOf(r.Context(), err)
	return h.inviteForm(w, r, http.StatusUnprocessableEntity, typed)
}

// read takes the list out of the text or the file, and judges what stands beside it.
func (i *invitation) read(in form.Values, file []byte) ([]community.Addressee, error) {
	field := "addresses"
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(file) > 0 {
		if strings.TrimSpace(i.Addresses) != "" {
			return nil, fault.One("files", "list-and-file")
		}
		text, err := community.Decode(file, "files", locale.Lang(i.Lang))
		if err != nil {
			return nil, err
		}
		field, i.Addresses = "files", strings.TrimSpace(text)
	}
	if utf8.RuneCountInString(i.Addresses) > maxInviteText {
		i.Addresses = ""
		return nil, fault.One(field, "too-many-lines", "max", community.MaxLines, "n", community.MaxLines+1)
	}
	list, err := community.ReadAddresses(i.Addresses, field)
	if err != nil {
		if field == "files" {
			i.Addresses = ""
		}
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.One("addresses", "no-addresses")
	}
	return list, community.Sending{Note: i.Note, Lang: locale.Lang(i.Lang)}.CheckNote()
}

func (h handlers) preview(w http.ResponseWriter, r *http.Request, status int, typed invitation, list []community.Addressee, again []string) error {
	known, err := h.communities.Recognise(r.Context(), visit.Of(r.Context()).Seat, list)
	if err != nil {
		return err
	}
	p := preview{invitation: typed, Again: again}
	for _, a := range list {
		line := judged{Addressee: a, State: "new"}
		switch k := known[a.Key()]; {
		case a.Problem != "":
			line.State = "fault"
		case k.Member:
			line.State = "member"
		case k.InvitedAt != nil:
			line.State, line.At = "again", *k.InvitedAt
		}
		p.Lines = append(p.Lines, line)
	}
	return respond.Page(w, r, status, p.page())
}

func (h handlers) send(w http.ResponseWriter, r *http.Request, typed invitation, in form.Values, list []community.Addressee) error {
	v := visit.Of(r.Context())
	again := in.Values["again"]
	_, err := h.communities.Invite(r.Context(), v.Seat, h.accounts, v.Account, names(v), community.Sending{Request: typed.Request, To: list, Again: again, Note: typed.Note, Lang: locale.Lang(typed.Lang)})
	if len(fault.Problems(err)) > 0 {
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return h.preview(w, r, http.StatusUnprocessableEntity, typed, list, again)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Invite(v.Seat.Slug), "members.notice.invited")
}

// names of the community visited, one for each language of a letter.
func names(v *visit.Visit) map[locale.Lang]string {
	all := map[locale.Lang]string{}
	for _, l := range locale.All {
		all[l] = v.Community.Name(l)
	}
	return all
}

func (h handlers) inviteAgain(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	n, err := number(r, "id")
	if err != nil {
		return err
	}
	v := visit.Of(r.Context())
	err = h.communities.InviteAgain(r.Context(), v.Seat, h.accounts, v.Account, names(v), community.InvitationID(n), in.Request())
	if len(fault.Problems(err)) > 0 {
		return h.inviteFailed(w, r, invitation{Lang: string(v.Community.Lang)}, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Invite(v.Seat.Slug), "members.notice.invited-again")
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "id")
	if err != nil {
		return err
	}
	v := visit.Of(r.Context())
	if err := h.communities.Withdraw(r.Context(), v.Seat, h.accounts, community.InvitationID(n)); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Invite(v.Seat.Slug), "members.notice.withdrawn")
}

func (p preview) ticked(key string) bool { return slices.Contains(p.Again, key) }
