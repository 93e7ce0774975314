// Package letters puts mails into words.
package letters

import (
	"bytes"
	"context"
	"strings"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
)

// letter is what the page of a mail shows.
type letter struct {
	Lang       string
	Subject    string
	Greeting   string
	Paragraphs []string
	Button     string
	URL        string
	Foot       string
}

// Composer writes letters for a site at base, such as https://koinon.example.org.
func Composer(base string) func(context.Context, account.Written) (mail.Message, error) {
	return func(ctx context.Context, w account.Written) (mail.Message, error) {
		ctx = locale.With(ctx, w.Lang)
		l := compose(ctx, base, w)
		var html bytes.Buffer
		if err := l.page().Render(ctx, &html); err != nil {
			return mail.Message{}, err
		}
		return mail.Message{To: w.To, Subject: l.Subject, Text: l.text(), HTML: html.String(), Lang: w.Lang}, nil
	}
}

func compose(ctx context.Context, base string, w account.Written) letter {
	var words []any
	for name, word := range w.Words {
		words = append(words, name, word)
	}
	key := "letters." + w.Kind
	l := letter{Lang: string(w.Lang), Subject: locale.T(ctx, key+".subject", words...), Foot: locale.T(ctx, "letters.foot", "site", base)}
	l.Greeting = locale.T(ctx, "letters.hello")
	if w.Name != "" {
		l.Greeting = locale.T(ctx, "letters.hello-name", "name", w.Name)
	}
	l.Paragraphs = strings.FieldsFunc(locale.T(ctx, key+".text", words...), func(r rune) bool { return r == '\n' })
	if w.Path != "" {
		l.URL, l.Button = base+w.Path, locale.T(ctx, key+".button", words...)
	}
	return l
}

func (l letter) text() string {
	parts := append([]string{l.Greeting}, l.Paragraphs...)
	if l.URL != "" {
		parts = append(parts, l.Button+":\n"+l.URL)
	}
	return strings.Join(append(parts, "--\n"+l.Foot), "\n\n") + "\n"
}
