package search

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Store answers queries, and keeps the vocabulary and the glossary that widen them.
type Store struct {
	db       postgres.DB
	now      func() time.Time
	patience time.Duration // how long a reader waits
}

// NewStore searches db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, now: now, patience: 5 * time.Second}
}

// in is the store within a transaction.
func (s Store) in(tx pgx.Tx) Store {
	s.db = tx
	return s
}

// learntAtOnce is how many texts are learnt in one transaction.
const learntAtOnce = 2000

// Learn takes the words of all texts written since it last ran into the vocabulary. It is safe to run twice, and beside itself.
func (s Store) Learn(ctx context.Context) error {
	for much := false; ; much = true {
		n := 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
			if n, err = learn(ctx, tx); err == nil && n < learntAtOnce && much {
				err = grown(ctx, tx)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		if n < learntAtOnce {
			return nil
		}
	}
}

// grown tells the planner that the vocabulary is no longer what it was: else it would look for near words row by row.
func grown(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `analyze vocabulary`)
	return err
}

// readAtOnce is how many texts are read at once to learn all anew.
const readAtOnce = 20_000

// Relearn builds the vocabulary anew from every text. The old one serves until the new one stands.
func (s Store) Relearn(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `truncate vocabulary_queue`); err != nil { // what is written from here on is learnt afterwards
		return fmt.Errorf("vocabulary: %w", err)
	}
	counts := map[met]int{}
	for last := int64(0); ; {
		rows, err := s.db.Query(ctx, `select i.id, i.lang, i.title, t.html from item i join item_text t on t.item_id = i.id where i.id > $1 order by i.id limit $2`, last, readAtOnce)
		if err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		t, n := unlearnt{Fresh: true}, 0
		_, err = pgx.ForEachRow(rows, []any{&last, &t.Lang, &t.Title, &t.HTML}, func() error {
			n++
			t.count(counts)
			return nil
		})
		if err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		if n < readAtOnce {
			break
		}
	}
	if err := s.countTranslations(ctx, counts); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from vocabulary`); err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		if err := remember(ctx, tx, counts); err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		return grown(ctx, tx)
	})
}

type unlearnt struct {
	Lang  locale.Lang
	Title string
	HTML  string
	Fresh bool
}

// met is a word of a language.
type met struct {
	lang locale.Lang
	word string
}

func learn(ctx context.Context, tx pgx.Tx) (int, error) {
	texts, err := postgres.All[unlearnt](ctx, tx, `with taken as (delete from vocabulary_queue where item_id in (
				select item_id from vocabulary_queue order by item_id limit $1 for update skip locked) returning item_id, fresh)
		select i.lang, i.title, t.html, k.fresh from taken k join item i on i.id = k.item_id join item_text t on t.item_id = i.id
		union all select o.lang, o.title, o.html, k.fresh from taken k join entry_translation o on o.entry_id = k.item_id`, learntAtOnce)
	if err != nil || len(texts) == 0 {
		return 0, err
	}
	counts := map[met]int{}
	for _, t := range texts {
		t.count(counts)
	}
	return len(texts), remember(ctx, tx, counts)
}

// count notes the words of a text, each once; those of one that was there before count no more, but new ones among them are kept.
func (t unlearnt) count(counts map[met]int) {
	seen := map[string]bool{}
	for _, w := range learnable(t.Title + "\n" + markup.Plain(t.HTML)) {
		if seen[w] {
			continue
		}
		seen[w] = true
		n := counts[met{t.Lang, w}]
		if t.Fresh {
			n++
		}
		counts[met{t.Lang, w}] = n
	}
}

// learnable are the words of a text that a query could mean: small letters, not too short, no stop words, no numbers.
func learnable(text string) []string {
	var all []string
	for _, t := range tokens(strings.ToLower(text)) {
		n := utf8.RuneCountInString(t.text)
		if n >= 3 && n <= 60 && !strings.ContainsAny(t.text, "0123456789") && !stop[Fold(t.text)] {
			all = append(all, t.text)
		}
	}
	return all
}

// remember adds words in one statement, in one order, so that two at once never wait for each other crosswise.
func remember(ctx context.Context, tx pgx.Tx, counts map[met]int) error {
	all := make([]met, 0, len(counts))
	for w := range counts {
		all = append(all, w)
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].lang != all[b].lang {
			return all[a].lang < all[b].lang
		}
		return all[a].word < all[b].word
	})
	langs, words, folded, roots, dfs := make([]string, len(all)), make([]string, len(all)), make([]string, len(all)), make([]string, len(all)), make([]int, len(all))
	for n, w := range all {
		langs[n], words[n], folded[n], dfs[n] = string(w.lang), w.word, Fold(w.word), counts[w]
		roots[n] = Root(w.lang, folded[n])
	}
	_, err := tx.Exec(ctx, `insert into vocabulary (lang, word, folded, root, lexeme, df)
		select lang, word, folded, root, coalesce((tsvector_to_array(to_tsvector(('public.k_' || lang)::regconfig, word)))[1], ''), df
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[]) as w(lang, word, folded, root, df)
		on conflict (lang, word) do update set df = vocabulary.df + excluded.df where excluded.df > 0`, langs, words, folded, roots, dfs)
	return err
}
