// Package link knows every address of the site.
package link

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Addresses outside a community.
const (
	Home          = "/"
	Communities   = "/communities"
	News          = "/new.atom"
	SignIn        = "/sign-in"
	SignInLink    = "/sign-in/link"
	SignInSent    = "/sign-in/sent"
	SignOut       = "/sign-out"
	SignUp        = "/sign-up"
	Me            = "/me"
	MyPassword    = "/me/password"
	MyAddress     = "/me/address"
	MySessions    = "/me/sessions"
	MyPrivacy     = "/me/privacy"
	MyNotices     = "/me/notices"
	MyCalendar    = "/me/calendar"
	MyCalendarOff = "/me/calendar/off"
	MyLetters     = "/me/letters"
	Inbox         = "/inbox"
	InboxRead     = "/inbox/read"
	InboxUndo     = "/inbox/undo"
	MyData        = "/me/data"
	MyLeaving     = "/me/leave"
	ConfirmMyself = "/confirm"
	KeptText      = "/kept"
	LookAround    = "/look-around"
	Mailbox       = "/mailbox"
	Language      = "/language"
	Accessibility = "/accessibility"
	Privacy       = "/privacy"
	Design        = "/design"
	Admin         = "/admin"
	AdminCriteria = Admin + "/criteria"
	Drafts        = "/drafts"
	MyDrafts      = "/me/drafts"
	Health        = "/healthz"
	Ready         = "/readyz"
	Search        = "/search"
	SearchJSON    = "/search.json"
	SearchPlugin  = "/opensearch.xml"
	Glossary      = "/glossary"
	NewTerm       = "/glossary/new"
)

// Term is one thing of the glossary.
func Term(slug string) string { return Glossary + "/" + slug }

// TermAct is an act on a term: "edit", "remove".
func TermAct(slug, act string) string { return Term(slug) + "/" + act }

// PersonalLink opens the page behind a mailed token; the token is used up only by the button on it.
func PersonalLink(token string) string { return SignIn + "/" + token }

// SignInThen asks to sign in and leads on to next.
func SignInThen(next string) string { return SignIn + "?next=" + url.QueryEscape(next) }

// Mail is one message of the demonstration mailbox.
func Mail(name string) string { return Mailbox + "/" + url.PathEscape(name) }

// Session is one of the reader's own sessions.
func Session(id int64) string { return fmt.Sprintf("%s/%d", MySessions, id) }

// Community is the home of a community.
func Community(slug string) string { return "/c/" + slug }

// About tells domain, learning agenda and charter.
func About(slug string) string { return Community(slug) + "/about" }

// EditAbout changes what About tells.
func EditAbout(slug string) string { return About(slug) + "/edit" }

// Join takes a commitment; Leave ends it.
func Join(slug string) string { return Community(slug) + "/join" }

// Leave ends a membership.
func Leave(slug string) string { return Community(slug) + "/leave" }

// Follow sets how closely the reader follows the community.
func Follow(slug string) string { return Community(slug) + "/follow" }

// Members is the people page.
func Members(slug string) string { return Community(slug) + "/members" }

// Waiting lists who asked to join.
func Waiting(slug string) string { return Members(slug) + "/waiting" }

// Invite lets a coordinator invite by mail.
func Invite(slug string) string { return Members(slug) + "/invite" }

// Member is one person in one community.
func Member(slug string, number int) string { return fmt.Sprintf("%s/%d", Members(slug), number) }

// Discussions lists the threads of a community.
func Discussions(slug string) string { return Community(slug) + "/discussions" }

// As is the address of a list, filters and all, in another format: "json", "csv" or "atom".
func As(address, format string) string {
	path, query, filtered := strings.Cut(address, "?")
	if filtered {
		return path + "." + format + "?" + query
	}
	return path + "." + format
}

// NewDiscussion starts one.
func NewDiscussion(slug string) string { return Discussions(slug) + "/new" }

// AskForHelp starts a help request.
func AskForHelp(slug string) string { return NewDiscussion(slug) + "?form=help" }

// Heard takes down what was said in passing.
func Heard(slug string) string { return Community(slug) + "/heard" }

// Meetings lists the meetings of a community.
func Meetings(slug string) string { return Community(slug) + "/meetings" }

// NewMeeting schedules one.
func NewMeeting(slug string) string { return Meetings(slug) + "/new" }

// Backlog is what waits to come onto an agenda.
func Backlog(slug string) string { return Meetings(slug) + "/backlog" }

// Series are meetings that were scheduled together.
func Series(slug string, id int64) string { return fmt.Sprintf("%s/series/%d", Meetings(slug), id) }

// Meeting is one of them.
func Meeting(slug string, number int) string { return fmt.Sprintf("%s/%d", Meetings(slug), number) }

// MeetingPart is a page about a part of a meeting, or an act on it: "agenda", "answers", "minutes", "edit", "publish".
func MeetingPart(slug string, number int, part string) string {
	return Meeting(slug, number) + "/" + part
}

// AgendaPoint is an act on a point of a meeting's agenda: "edit", "move", "remove", "later".
func AgendaPoint(slug string, number int, point int64, act string) string {
	return fmt.Sprintf("%s/%d/%s", MeetingPart(slug, number, "agenda"), point, act)
}

// BacklogPoint is where coordinators say what becomes of a point that waits; act is "accept", "later", "decline", "withdraw", or empty for the page.
func BacklogPoint(slug string, point int64, act string) string {
	address := fmt.Sprintf("%s/%d", Backlog(slug), point)
	if act != "" {
		address += "/" + act
	}
	return address
}

// Pass is where the holder of a link from a letter answers for a meeting without signing in.
func Pass(token string) string { return "/m/" + token }

// Unsubscribe is where the holder of a link from a letter wants no more of them.
func Unsubscribe(token string) string { return "/unsubscribe/" + token }

// Calendar is a person's own calendar at its secret address.
func Calendar(token string) string { return "/feeds/" + token + "/calendar.ics" }

// Decisions lists what a community settled.
func Decisions(slug string) string { return Community(slug) + "/decisions" }

// Decision is one of them.
func Decision(slug string, number int) string { return fmt.Sprintf("%s/%d", Decisions(slug), number) }

// Actions lists what is to do.
func Actions(slug string) string { return Community(slug) + "/actions" }

// Action is one of them.
func Action(slug string, number int) string { return fmt.Sprintf("%s/%d", Actions(slug), number) }

// Criteria lists what a community asks of end products.
func Criteria(slug string) string { return Community(slug) + "/criteria" }

// NewCriterion words one fully.
func NewCriterion(slug string) string { return Criteria(slug) + "/new" }

// LogCriteria takes down one after the other, a line each.
func LogCriteria(slug string) string { return Criteria(slug) + "/log" }

// SimilarCriteria are those whose statements resemble one that is being typed.
func SimilarCriteria(slug string) string { return Criteria(slug) + "/similar" }

// Criterion is one of them.
func Criterion(slug string, number int) string { return fmt.Sprintf("%s/%d", Criteria(slug), number) }

// CriterionAct is an act on a criterion, or a page about a part of it: "edit", "agree", "sources/2/confirm".
func CriterionAct(slug string, number int, act string) string {
	return Criterion(slug, number) + "/" + act
}

// HarvestLine makes a criterion of a line of a meeting's minutes.
func HarvestLine(slug string, meeting, line int) string {
	return fmt.Sprintf("%s/harvest?meeting=%d&line=%d", Criteria(slug), meeting, line)
}

// HarvestPost makes a criterion of words in a reply, or in the opening (0), of a discussion.
func HarvestPost(slug string, discussion, reply int) string {
	return fmt.Sprintf("%s/harvest?discussion=%d&reply=%d", Criteria(slug), discussion, reply)
}

// Claim is a claim that a release satisfies a criterion.
func Claim(slug string, number, claim int) string {
	return fmt.Sprintf("%s/claims/%d", Criterion(slug, number), claim)
}

// RateCriteria is the ballot on which one says how important the criteria are.
func RateCriteria(slug string) string { return Criteria(slug) + "/rate" }

// CriteriaImportance is what came of it; CriteriaRatings the single numbers behind it.
func CriteriaImportance(slug string) string { return Criteria(slug) + "/importance" }

// CriteriaRatings are single numbers without names.
func CriteriaRatings(slug string) string { return Criteria(slug) + "/ratings.csv" }

// Matrix compares what the cities ask.
const Matrix = "/criteria"

// Products lists the end products of the programme.
const Products = "/products"

// Product is one of them.
func Product(slug string) string { return Products + "/" + slug }

// ProductAct is an act on a product: "edit", "makers", "releases/new".
func ProductAct(slug, act string) string { return Product(slug) + "/" + act }

// Release is a dated version of a product.
func Release(product, release string) string { return Product(product) + "/" + release }

// ReleaseAct is an act on a release: "edit", "publish".
func ReleaseAct(product, release, act string) string { return Release(product, release) + "/" + act }

// Discussion is a thread; title makes the readable part, the number decides.
func Discussion(slug string, number int, title string) string {
	return fmt.Sprintf("%s/%d%s", Discussions(slug), number, tail(title))
}

// Reply is the place of a reply on its thread's page.
func Reply(slug string, number int, title string, reply int) string {
	return fmt.Sprintf("%s?at=%d#reply-%d", Discussion(slug, number, title), reply, reply)
}

// Thread is the stable address of a discussion without its title, below which its acts stand.
func Thread(slug string, number int) string { return fmt.Sprintf("%s/%d", Discussions(slug), number) }

// ThreadAct is an act on a discussion: "edit", "history", "reply", "thanks".
func ThreadAct(slug string, number int, act string) string { return Thread(slug, number) + "/" + act }

// ReplyAct is an act on one reply of a discussion.
func ReplyAct(slug string, number, reply int, act string) string {
	return fmt.Sprintf("%s/replies/%d/%s", Thread(slug, number), reply, act)
}

// Similar are discussions whose titles resemble one that is being typed.
func Similar(slug string) string { return Discussions(slug) + "/similar" }

// Reports is what members reported, for who settles it.
func Reports(slug string) string { return Community(slug) + "/reports" }

// SettleReport ends a report.
func SettleReport(slug string, id int64) string { return fmt.Sprintf("%s/%d", Reports(slug), id) }

// Audit is who used which power in a community.
func Audit(slug string) string { return Community(slug) + "/audit" }

// File is a file of an item; its name is for people, the number decides.
func File(slug string, id int64, name string) string {
	return fmt.Sprintf("%s/files/%d/%s", Community(slug), id, url.PathEscape(name))
}

// EditFile describes or removes a file.
func EditFile(slug string, id int64) string {
	return fmt.Sprintf("%s/files/%d/edit", Community(slug), id)
}

// MyPicture is where one gives oneself a face.
const MyPicture = Me + "/picture"

// Portrait is the picture of an account; its hash makes a new picture a new address.
func Portrait(account int64, hash string) string {
	return fmt.Sprintf("/pictures/%d/%s.jpg", account, hash)
}

var rooms = map[string]string{
	"discussion": "discussions", "meeting": "meetings", "entry": "repertoire", "criterion": "criteria",
	"round": "criteria/rounds", "decision": "decisions", "action": "actions", "product": "products",
}

// Item is the address of a numbered item of a kind; empty when the kind has no page of its own.
func Item(slug, kind string, number int) string {
	room, ok := rooms[kind]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s/%s/%d", Community(slug), room, number)
}

// Within is the address of an item that may stand in another one: a claim in its criterion, a release in its product. Path is that of a product, or of
// a product and its release; top is what the item stands in, or itself, and child the item's own number, 0 where it stands for itself.
func Within(slug, top string, number, child int, path string) string {
	switch {
	case path != "":
		return Product(path)
	case top == "criterion" && child > 0:
		return Claim(slug, number, child)
	}
	return Item(slug, top, number)
}

// With adds a query to an address, leaving empty values out. Pairs are name and value.
func With(address string, pairs ...string) string {
	address, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return address
	}
	return address + "?" + values.Encode()
}

// WithAll is the address with these query values, in a fixed order; empty ones are left out.
func WithAll(address string, values url.Values) string {
	for name, all := range values {
		if all = slices.DeleteFunc(all, func(v string) bool { return v == "" }); len(all) == 0 {
			delete(values, name)
		}
	}
	if len(values) == 0 {
		return address
	}
	return address + "?" + values.Encode()
}

func tail(title string) string {
	if s := Slug(title); s != "" {
		return "-" + s
	}
	return ""
}

var greek = strings.NewReplacer("θ", "th", "χ", "ch", "ψ", "ps", "ου", "ou", "α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i",
	"ι", "i", "κ", "k", "λ", "l", "μ", "m", "ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "f", "ω", "o")

// Slug is the readable part of an address: lower case, latin letters and digits, at most 60 bytes.
func Slug(title string) string {
	bare, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(title))
	if err != nil {
		return ""
	}
	bare = greek.Replace(strings.ReplaceAll(bare, "ß", "ss"))
	var b strings.Builder
	gap := false
	for _, r := range bare {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		} else {
			gap = true
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// Local keeps a wish to go on to next inside the site: anything else becomes the home page.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return Home
	}
	return next
}
