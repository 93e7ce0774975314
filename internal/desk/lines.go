package desk

import (
	"fmt"
	"slices"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/practice"
)

func helpLine(kind Kind, h discussion.HelpLine) Line {
	return Line{Kind: kind, Key: fmt.Sprintf("%s:%d:%s", kind, h.ID, h.Since.Format("20060102T1504")), Slug: h.Slug, City: h.Community, Number: h.Number,
		Title: h.Title, Lang: h.Lang, Word: h.Matches, At: h.Since, By: h.By}
}

func forAsker(w discussion.HelpWaiting) []Line {
	var lines []Line
	for _, h := range w.Tell {
		lines = append(lines, helpLine(Outcome, h))
	}
	return lines
}

// forHelper puts promises first, then what the reader knows about, then what is asked of many.
func forHelper(w discussion.HelpWaiting) []Line {
	var promised, known, asked []Line
	for _, h := range w.Mine {
		switch {
		case h.Offered:
			promised = append(promised, helpLine(Offered, h))
		case h.Matches != "":
			known = append(known, helpLine(Match, h))
		default:
			asked = append(asked, helpLine(Asked, h))
		}
	}
	return append(append(promised, known...), asked...)
}

// forGuide are the requests that a coordinator should find somebody for.
func forGuide(w discussion.HelpWaiting) []Line {
	var lines []Line
	for _, h := range w.Unanswered {
		lines = append(lines, helpLine(Unanswered, h))
	}
	return lines
}

func forMember(owed []community.Owed) []Line {
	var lines []Line
	for _, o := range owed {
		if o.Charter {
			lines = append(lines, Line{Kind: Charter, Key: "charter:" + o.Slug, Slug: o.Slug, City: o.Name})
		}
		if o.Renew {
			lines = append(lines, Line{Kind: Renewal, Key: "renewal:" + o.Slug, Slug: o.Slug, City: o.Name, At: o.RenewedAt})
		}
	}
	return lines
}

func forJudge(reports []item.Waiting, names map[string]string) []Line {
	var lines []Line
	for _, r := range reports {
		lines = append(lines, counted(Report, r.Slug, names[r.Slug], r.Reports)...)
	}
	return lines
}

func forHost(duties []community.Duty) []Line {
	var admit, greet, lapsing []Line
	for _, d := range duties {
		admit = append(admit, counted(Admit, d.Slug, d.Name, d.Waiting)...)
		greet = append(greet, counted(Greet, d.Slug, d.Name, d.Ungreeted)...)
		lapsing = append(lapsing, counted(Lapsing, d.Slug, d.Name, d.Lapsing)...)
	}
	return append(append(admit, greet...), lapsing...)
}

// counted is a line about n things, none when there are none.
func counted(kind Kind, slug, name string, n int) []Line {
	if n == 0 {
		return nil
	}
	return []Line{{Kind: kind, Key: fmt.Sprintf("%s:%s:%d", kind, slug, n), Slug: slug, City: name, N: n}}
}

// around are lines about meetings, and what comes of them.
func around(kind Kind, all []meeting.Line) []Line {
	var lines []Line
	for _, l := range all {
		lines = append(lines, Line{Kind: kind, Key: fmt.Sprintf("%s:%s:%d:%d", kind, l.Slug, l.ID, l.N), Slug: l.Slug, City: l.Community, N: l.N, Number: l.Number, Title: l.Title, Lang: l.Lang, At: l.At, By: l.By})
	}
	return lines
}

func forAttendee(w meeting.Waiting) []Line {
	return slices.Concat(around(Dates, w.Dates), around(Come, w.Answer), around(Act, w.Actions), around(Write, w.Write))
}

func forConvener(w meeting.Waiting) []Line {
	return slices.Concat(around(Proposals, w.Proposals), around(Correct, w.Corrections), around(Overdue, w.Overdue), around(Review, w.Review))
}

// asked are lines about criteria and claims.
func asked(kind Kind, all []criterion.AwaitedLine) []Line {
	var lines []Line
	for _, l := range all {
		if l.Number == 0 {
			lines = append(lines, counted(kind, l.Slug, l.Community, l.N)...)
			continue
		}
		key := fmt.Sprintf("%s:%d:%s", kind, l.ID, l.At.Format("20060102T1504"))
		lines = append(lines, Line{Kind: kind, Key: key, Slug: l.Slug, City: l.Community, Number: l.Number, Part: l.Claim, Title: l.Title, Lang: l.Lang, At: l.At, By: l.By})
	}
	return lines
}

// forVoice are questions about what the reader asked for.
func forVoice(w criterion.Awaited) []Line {
	return slices.Concat(asked(Claimed, w.Answer), asked(Quoted, w.Quoted))
}

// forScribe is what is left to write down, and to rate.
func forScribe(m meeting.Waiting, w criterion.Awaited) []Line {
	return slices.Concat(around(Harvest, m.Harvest), asked(Rate, w.Unrated))
}

func forSteward(w criterion.Awaited) []Line {
	return slices.Concat(asked(Orphaned, w.Orphaned), asked(Stale, w.Stale), asked(Sourceless, w.Sourceless))
}

// known are lines about entries of the repertoire.
func known(kind Kind, all []practice.AwaitedLine) []Line {
	var lines []Line
	for _, l := range all {
		if l.Number == 0 {
			lines = append(lines, counted(kind, l.Slug, l.Community, l.N)...)
			continue
		}
		key := fmt.Sprintf("%s:%d:%s", kind, l.ID, l.At.Format("20060102T1504"))
		lines = append(lines, Line{Kind: kind, Key: key, Slug: l.Slug, City: l.Community, Number: l.Number, Title: l.Title, Lang: l.Lang, At: l.At})
	}
	return lines
}

// forQuoted are questions about the reader's words.
func forQuoted(w practice.Awaited) []Line { return known(Release, w.Asked) }

// forWriter is what the reader began to write down.
func forWriter(w practice.Awaited) []Line { return known(Unshared, w.Drafts) }

// forKeeper is what should be looked at again.
func forKeeper(w practice.Awaited) []Line { return known(Aged, w.Aged) }
